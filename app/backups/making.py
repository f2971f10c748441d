"""Making a backup while the service runs."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from app import __version__
from app.backups import postgres, sqlite
from app.backups.archive import CHUNK, DATABASE, SIGNING_KEY, ArchiveWriter, Manifest, writing_archive
from app.backups.errors import BackupError, told_plainly
from app.backups.progress import Steps, unseen
from app.backups.signing_key import generated_key
from app.backups.table_digests import contents, revision_of
from app.backups.working_files import publish, taken, working_folder
from app.db.engines import database_url, make_engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Connection

    from app.settings import Settings


@dataclass(frozen=True)
class Backup:
    """Makes a backup of the database of these settings."""

    settings: Settings
    steps: Steps = unseen
    with_key: bool = True

    def make(self, target: Path, *, overwrite: bool = False) -> Manifest:
        """Write a backup. The file gets its name when it is complete; until then there is none.

        Raises:
            BackupError: it cannot be made, the database cannot be reached, or the file exists and `overwrite` is false.
            SettingsError: the URL of the database cannot be used.
            OSError: a file cannot be read or written.
        """
        target = target.resolve()
        kind = database_url(self.settings.database_url).get_backend_name()
        self._require_free(target, kind, overwrite=overwrite)
        with told_plainly("no backup was written"), working_folder(target.parent) as folder:
            finished = folder / "backup"
            finished.touch(mode=0o600)
            with writing_archive(finished) as archive:
                writer = ArchiveWriter(archive)
                if key := self._key():
                    writer.add(SIGNING_KEY, iter([key.read_bytes()]), compress=False)
                add = self._add_sqlite if kind == "sqlite" else self._add_postgres
                manifest = writer.finish(add(writer, folder))
            publish(finished, target, overwrite=overwrite)
        return manifest

    def _require_free(self, target: Path, kind: str, *, overwrite: bool) -> None:
        """Detect at once what `publish` would report after minutes."""
        if target.is_dir():
            msg = f"{target} is a folder: name a file"
            raise BackupError(msg)
        if kind == "sqlite" and target == sqlite.file_of(self.settings):
            msg = f"{target} is the database itself"
            raise BackupError(msg)
        if target.exists() and not overwrite:
            raise taken(target)

    def _key(self) -> Path | None:
        return generated_key(self.settings) if self.with_key else None

    def _add_sqlite(self, writer: ArchiveWriter, folder: Path) -> Manifest:
        copy, taken_at = folder / "copy", datetime.now(UTC)
        with self.steps("Copying the database") as step:
            sqlite.copy_of(sqlite.file_of(self.settings), copy, step.to)
        with sqlite.opened(copy) as connection:
            with self.steps("Checking the copy"):
                sqlite.require_sound(connection, "the database")
            described = self._describe(connection, taken_at, "sqlite", sqlite3.sqlite_version, None)
        with self.steps("Compressing", copy.stat().st_size) as step, copy.open("rb") as file:
            chunks = iter(lambda: file.read(CHUNK), b"")
            writer.add(DATABASE["sqlite"], counted(chunks, step.advance), compress=True)
        return described

    def _add_postgres(self, writer: ArchiveWriter, _folder: Path) -> Manifest:
        with self._snapshot() as connection:
            taken_at = connection.exec_driver_sql("SELECT now()").scalar_one()
            namespace, server = postgres.namespace_of(connection), postgres.server_version(connection)
            require_service(connection)
            with self.steps("Running pg_dump") as step:
                chunks = counted(postgres.dump(connection, namespace), step.advance)
                writer.add(DATABASE["postgresql"], chunks, compress=False)  # pg_dump has compressed it
            return self._describe(connection, taken_at, "postgresql", server, namespace)

    @contextmanager
    def _snapshot(self) -> Iterator[Connection]:
        engine = make_engine(self.settings)
        try:
            with postgres.snapshot(engine) as connection:
                yield connection
        finally:
            engine.dispose()

    def _describe(
        self, connection: Connection, taken_at: datetime, kind: str, server: str, namespace: str | None
    ) -> Manifest:
        with self.steps("Counting and computing checksums") as step:
            return Manifest.model_validate(
                {
                    "program": __version__,
                    "taken_at": taken_at.astimezone(UTC),
                    "database": kind,
                    "server": server,
                    "namespace": namespace,
                    "revision": require_service(connection),
                    "tables": contents(connection, step.advance),
                }
            )


def require_service(connection: Connection) -> str:
    """The revision of the database.

    Raises:
        BackupError: it is not a database of this service.
    """
    revision = revision_of(connection)
    if revision is None:
        msg = "the database (DATABASE_URL) is empty, or not one of this service: it has no migration"
        raise BackupError(msg)
    return revision


def counted(chunks: Iterator[bytes], advance: Callable[[int], object]) -> Iterator[bytes]:
    """The same chunks, reported as they pass."""
    for chunk in chunks:
        advance(len(chunk))
        yield chunk
