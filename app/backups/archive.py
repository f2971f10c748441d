"""The file of a backup: a ZIP archive of the database, the signing key, and a manifest.

ZIP keeps its table of contents at the end, so a truncated file is noticed at once; and an operator can take a part out
of it with any tool: `database.dump` is a file of pg_dump's, `database.sqlite3` one of SQLite's.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Literal
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from pydantic import BaseModel, ValidationError

from app.backups.errors import BackupError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FORMAT = 1
MANIFEST, SIGNING_KEY = "manifest.json", "secret_key"
DATABASE = {"postgresql": "database.dump", "sqlite": "database.sqlite3"}
"""The name of the database in the archive, by kind."""
COMPRESSION = 3
"""Of zlib: a third of the time of its default, and a file that is a tenth larger."""
CHUNK = 1 << 20
LARGEST_MANIFEST = 1 << 20
OWNER_ONLY = 0o600


class TableContent(BaseModel):
    """What a table holds: how many rows, and a digest of all of them unless they are derived from other tables."""

    rows: int
    digest: str | None = None


class Part(BaseModel):
    """A file in the archive: its size in bytes, and its SHA-256."""

    size: int
    sha256: str


class Manifest(BaseModel):
    """What is in a backup."""

    format: int = FORMAT
    program: str
    """The version of the program that made it."""
    taken_at: datetime
    """The moment whose data it has."""
    database: Literal["postgresql", "sqlite"]
    server: str
    """The version of PostgreSQL or SQLite."""
    namespace: str | None
    """PostgreSQL's schema in which the tables are."""
    revision: str
    """The migration of the tables."""
    tables: dict[str, TableContent]
    parts: dict[str, Part] = {}


class ArchiveWriter:
    """Writes the parts of a backup one after the other, and the manifest last."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        self._parts: dict[str, Part] = {}

    def add(self, name: str, chunks: Iterator[bytes], *, compress: bool) -> None:
        """Add a file."""
        digest, size = sha256(), 0
        with self._archive.open(_entry(name, compress=compress), "w", force_zip64=True) as part:
            for chunk in chunks:
                part.write(chunk)
                digest.update(chunk)
                size += len(chunk)
        self._parts[name] = Part(size=size, sha256=digest.hexdigest())

    def finish(self, manifest: Manifest) -> Manifest:
        """Add the manifest. Returns: the manifest with the parts."""
        complete = manifest.model_copy(update={"parts": self._parts})
        self._archive.writestr(_entry(MANIFEST, compress=True), complete.model_dump_json(indent=1))
        return complete


class ArchiveReader:
    """Reads a backup.

    Raises:
        BackupError: its manifest is damaged, or of a newer version.
    """

    def __init__(self, archive: ZipFile, path: Path) -> None:
        self._archive, self.path = archive, path
        self.manifest = self._manifest()

    def size_of(self, name: str) -> int:
        """The size of a part in bytes; 0 if it is missing."""
        return self.manifest.parts[name].size if name in self.manifest.parts else 0

    def chunks(self, name: str) -> Iterator[bytes]:
        """A part, which is complete and undamaged only if the iteration ends.

        Raises:
            BackupError: it is missing or damaged.
        """
        expected = self.manifest.parts.get(name)
        if expected is None:
            raise damaged(self.path, f"it has no {name}")
        digest, size = sha256(), 0
        try:
            with self._archive.open(name) as part:
                while chunk := part.read(CHUNK):
                    digest.update(chunk)
                    size += len(chunk)
                    yield chunk
        except (BadZipFile, EOFError, KeyError, ValueError, NotImplementedError) as error:
            raise damaged(self.path, f"{name}: {error}") from error
        if (size, digest.hexdigest()) != (expected.size, expected.sha256):
            raise damaged(self.path, f"{name} does not have the checksum that the manifest states")

    def extract(self, name: str, to: Path, advance: Callable[[int], object]) -> None:
        """Write a part to a file. See `chunks`."""
        with to.open("xb") as file:
            for chunk in self.chunks(name):
                file.write(chunk)
                advance(len(chunk))

    def _manifest(self) -> Manifest:
        try:
            with self._archive.open(MANIFEST) as part:
                manifest = Manifest.model_validate_json(part.read(LARGEST_MANIFEST))
        except KeyError:
            msg = f"{self.path} is not a backup of this program: it has no {MANIFEST}"
            raise BackupError(msg) from None
        except (BadZipFile, EOFError, ValidationError, ValueError, NotImplementedError) as error:
            raise damaged(self.path, f"{MANIFEST} cannot be read") from error
        if manifest.format > FORMAT:
            msg = f"{self.path} was made by version {manifest.program}, whose backups this version cannot read: upgrade"
            raise BackupError(msg)
        return manifest


@contextmanager
def reading_archive(path: Path) -> Iterator[ArchiveReader]:
    """Open a backup.

    Raises:
        BackupError: it is not a backup, or damaged.
        OSError: it cannot be read.
    """
    try:
        archive = ZipFile(path)
    except BadZipFile:
        msg = f"{path} is not a backup, or it is truncated"
        raise BackupError(msg) from None
    with archive:
        yield ArchiveReader(archive, path)


def writing_archive(path: Path) -> ZipFile:
    """A new, empty archive for an `ArchiveWriter`."""
    return ZipFile(path, "w")


def damaged(path: Path, how: str) -> BackupError:
    """The error for a file that is not as it was written."""
    return BackupError(f"{path} is damaged: {how}")


def _entry(name: str, *, compress: bool) -> ZipInfo:
    now = datetime.now().astimezone()
    entry = ZipInfo(name, now.timetuple()[:6])
    entry.compress_type = ZIP_DEFLATED if compress else ZIP_STORED
    entry._compresslevel = COMPRESSION  # type: ignore[attr-defined]  # noqa: SLF001  (public from Python 3.13 on only)
    entry.external_attr = OWNER_ONLY << 16
    return entry
