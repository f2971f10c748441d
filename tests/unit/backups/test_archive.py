"""A file that is not as it was written is noticed before anything is done with it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest

from app.backups.archive import DATABASE, MANIFEST, SIGNING_KEY, ArchiveReader, reading_archive
from app.backups.errors import BackupError
from scripts.restore import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def read_through(archive: ArchiveReader) -> None:
    """Read all parts."""
    for name in archive.manifest.parts:
        list(archive.chunks(name))


def truncated(content: bytes) -> bytes:
    return content[:-1]


def halved(content: bytes) -> bytes:
    return content[: len(content) // 2]


def flipped(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def empty(_content: bytes) -> bytes:
    return b""


def other(_content: bytes) -> bytes:
    return b"SQLite format 3\0" * 100


class TestDamage:
    @pytest.mark.parametrize(
        ("damage", "message"),
        [
            (truncated, "is not a backup, or it is truncated"),
            (halved, "is not a backup, or it is truncated"),
            (empty, "is not a backup, or it is truncated"),
            (other, "is not a backup, or it is truncated"),
            (flipped, "is damaged: database"),
        ],
    )
    def test_is_noticed(self, backup: Path, tmp_path: Path, damage: Callable[[bytes], bytes], message: str) -> None:
        file = tmp_path / "damaged.backup"
        file.write_bytes(damage(backup.read_bytes()))
        with pytest.raises(SystemExit, match=rf"^restore: .*damaged.backup {message}"):
            main(["--check", str(file)])

    def test_of_each_part(self, backup: Path, tmp_path: Path) -> None:
        """Also where the checksum of ZIP fits, and where a part is missing."""
        with ZipFile(backup) as whole:
            content = {name: whole.read(name) for name in whole.namelist()}
        [database] = content.keys() & set(DATABASE.values())
        file = tmp_path / "changed.backup"
        for name, part in ((database, content[database] + b"\0"), (SIGNING_KEY, b"another")):
            with ZipFile(file, "w") as changed:
                for each, original in content.items():
                    changed.writestr(each, part if each == name else original)
            with (
                reading_archive(file) as archive,
                pytest.raises(BackupError, match=f"{name} does not have the checksum"),
            ):
                read_through(archive)
        with ZipFile(file, "w") as changed:
            changed.writestr(MANIFEST, content[MANIFEST])
        with reading_archive(file) as archive, pytest.raises(BackupError, match="There is no item named"):
            read_through(archive)
        with reading_archive(file) as archive, pytest.raises(BackupError, match="it has no other"):
            list(archive.chunks("other"))

    @pytest.mark.parametrize(
        ("manifest", "message"),
        [
            (None, "is not a backup of this program: it has no manifest.json"),
            ("{", "is damaged: manifest.json cannot be read"),
            ("{}", "is damaged: manifest.json cannot be read"),
            ("\udcff", "is damaged: manifest.json cannot be read"),
            ({"format": 2, "program": "9.0"}, "was made by version 9.0, whose backups this version cannot read"),
        ],
    )
    def test_of_the_manifest(
        self, backup: Path, tmp_path: Path, manifest: str | dict[str, object] | None, message: str
    ) -> None:
        file = tmp_path / "changed.backup"
        with ZipFile(backup) as whole, ZipFile(file, "w") as changed:
            if isinstance(manifest, dict):
                changed.writestr(MANIFEST, json.dumps(json.loads(whole.read(MANIFEST)) | manifest))
            elif manifest is not None:
                changed.writestr(MANIFEST, manifest.encode("utf-8", "surrogateescape"))
            changed.writestr("other", b"")
        with pytest.raises(BackupError, match=message), reading_archive(file):
            pass

    def test_none_is_found_in_a_backup(self, backup: Path, capsys: pytest.CaptureFixture[str]) -> None:
        main(["--check", str(backup)])
        assert f"{backup} is complete: 7 books, 1 author, 1 user, as of " in capsys.readouterr().out
