"""A backup is complete and private, or there is none."""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path
from time import time
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest
from sqlalchemy import select

from app.backups import postgres, postgres_programs, sqlite
from app.backups.errors import BackupError
from app.backups.making import Backup
from app.backups.progress import Step
from app.backups.restoring import Restore
from app.backups.working_files import publish, working_folder
from app.database import Database
from app.db.engines import make_engine
from app.models import Author
from devtools.databases import settings_for
from tests.unit.backups.conftest import database_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.settings import Settings


class Writes:
    """A step that writes an author each time it advances."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.written = 0

    def advance(self, _more: int) -> None:
        with self._database.transaction() as db:
            db.add(Author(name=f"Written {self.written}"))
        self.written += 1

    def to(self, _left: int, _total: int) -> None:
        self.advance(0)


class TestBackup:
    def test_is_private_and_alone(self, original: Settings, tmp_path: Path) -> None:
        Backup(original).make(tmp_path / "one.backup")
        assert [path.name for path in tmp_path.iterdir()] == ["one.backup"]
        assert stat.S_IMODE((tmp_path / "one.backup").stat().st_mode) == 0o600

    def test_has_one_moment_although_writers_write(
        self, present: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """In every step: between the pages of SQLite, the chunks of pg_dump, and the tables that are counted."""
        monkeypatch.setattr(sqlite, "PAGES", 20)
        with database_of(present) as database:
            writes = Writes(database)

            @contextmanager
            def steps(description: str, total: int | None = None) -> Iterator[Step]:  # noqa: ARG001  (as in Steps)
                writes.advance(0)
                yield writes

            manifest = Backup(present, steps).make(tmp_path / "busy.backup")
        assert writes.written > 5
        assert manifest.tables["authors"].rows < writes.written
        assert Restore(present, replace=True).run(tmp_path / "busy.backup").manifest == manifest
        with database_of(present) as database, database.reading() as connection:
            assert len(connection.scalars(select(Author.id)).all()) == manifest.tables["authors"].rows

    def test_does_not_overwrite_unless_told_to(self, original: Settings, backup: Path, tmp_path: Path) -> None:
        file = tmp_path / "one.backup"
        file.write_text("kept")
        with pytest.raises(BackupError, match=r"one.backup exists: choose another name, or .* with --force"):
            Backup(original).make(file)
        assert file.read_text() == "kept"
        Backup(original).make(file, overwrite=True)
        assert abs(file.stat().st_size - backup.stat().st_size) < 1000

    def test_leaves_nothing_on_a_full_disk(
        self, original: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*_: object, **_options: object) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(ZipFile, "writestr", full)
        with pytest.raises(BackupError, match=r"^No space left on device: no backup was written$"):
            Backup(original).make(tmp_path / "one.backup")
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("target", ["", "missing/one.backup"])
    def test_needs_a_folder_for_the_file(self, original: Settings, tmp_path: Path, target: str) -> None:
        with pytest.raises((BackupError, FileNotFoundError), match=r"is a folder: name a file|missing"):
            Backup(original).make(tmp_path / target)

    @pytest.mark.parametrize("kind", ["sqlite"], indirect=True, scope="session")
    def test_is_not_written_over_the_database(self, original: Settings) -> None:
        with pytest.raises(BackupError, match="is the database itself"):
            Backup(original).make(sqlite.file_of(original), overwrite=True)


class TestNoDatabase:
    def test_that_is_not_there(self, tmp_path: Path) -> None:
        settings = settings_for(f"sqlite:///{tmp_path}/missing.db")
        with pytest.raises(BackupError, match=r"there is no database .*missing.db \(DATABASE_URL\)"):
            Backup(settings).make(tmp_path / "one.backup")
        assert list(tmp_path.iterdir()) == []

    def test_that_has_no_file(self, tmp_path: Path) -> None:
        with pytest.raises(BackupError, match="DATABASE_URL does not name a file"):
            Backup(settings_for("sqlite:///:memory:")).make(tmp_path / "one.backup")

    def test_that_cannot_be_reached(self, tmp_path: Path) -> None:
        with pytest.raises(BackupError, match=r"cannot be reached at the moment \(.*port 1 failed: .*refused"):
            Backup(settings_for("postgresql://postgres:secret@127.0.0.1:1/books")).make(tmp_path / "one.backup")

    def test_that_is_empty(self, elsewhere: Settings, kind: str, tmp_path: Path) -> None:
        if kind == "sqlite":
            sqlite.file_of(elsewhere).touch()
        with pytest.raises(BackupError, match="is empty, or not one of this service"):
            Backup(elsewhere).make(tmp_path / "one.backup")

    @pytest.mark.parametrize("kind", ["sqlite"], indirect=True, scope="session")
    def test_that_is_corrupted(self, present: Settings, backup: Path, tmp_path: Path) -> None:
        """Noticed when the backup is made, not when it is needed."""
        file = sqlite.file_of(present)
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute("UPDATE books SET author_id = 99 WHERE id = 1")
        with pytest.raises(BackupError, match="the database is corrupted: books refers to a missing row of authors"):
            Backup(present).make(tmp_path / "one.backup")
        file.write_bytes(b"\0" * 5000)
        with pytest.raises(BackupError, match="SQLite: file is not a database: no backup was written"):
            Backup(present).make(tmp_path / "one.backup")
        with pytest.raises(BackupError, match=r"cannot be used \(file is not a database\): move it, its -wal"):
            Restore(present, replace=True).run(backup)


class TestPrograms:
    def test_a_version_below_the_servers_does_not_fit(self) -> None:
        with pytest.raises(BackupError, match=r"pg_dump of PostgreSQL 99 or newer is needed .*postgresql-client-99"):
            postgres_programs.program("pg_dump", 99)

    def test_none_may_be_installed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(postgres_programs, "PLACES", ())
        monkeypatch.setenv("PATH", "")
        with pytest.raises(BackupError, match="needed and not installed: install the package postgresql-client-15"):
            postgres_programs.program("pg_dump", 15)

    def test_the_lowest_that_fits_is_used(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("PATH", "")
        for version in ("14.9", "16.2", "17.1", "18beta1"):
            folder = tmp_path / version.partition(".")[0]
            folder.mkdir()
            (folder / "pg_dump").write_text(f"#!/bin/sh\necho 'pg_dump (PostgreSQL) {version} (Debian)'\n")
            (folder / "pg_dump").chmod(0o700)
        (tmp_path / "broken").mkdir()
        (tmp_path / "broken" / "pg_dump").touch(0o700)
        monkeypatch.setattr(postgres_programs, "PLACES", (f"{tmp_path.relative_to('/')}/*",))
        assert Path(postgres_programs.program("pg_dump", 15)).parent.name == "16"
        assert Path(postgres_programs.program("pg_dump", 18)).parent.name == "18beta1"

    @pytest.mark.parametrize("kind", ["postgresql"], indirect=True, scope="session")
    def test_the_password_is_not_an_argument(self, original: Settings) -> None:
        with_password = original.database_url.replace("postgres@", "postgres:se%20cret'@") + "?sslmode=disable"
        engine = make_engine(settings_for(with_password))
        with postgres.snapshot(engine) as connection:
            arguments, environment = postgres_programs.connection_of(connection)
        engine.dispose()
        assert environment == {"PGPASSWORD": "se cret'"}
        assert "cret" not in arguments
        assert "sslmode=disable" in arguments


class TestWorkingFolder:
    def test_removes_what_a_killed_command_left(self, tmp_path: Path) -> None:
        program = "import os, sys; from pathlib import Path; from app.backups.working_files import working_folder\n"
        program += "with working_folder(Path(sys.argv[1])) as f: (f / 'copy').touch(); os.kill(os.getpid(), 9)"
        subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False)  # noqa: S603  (our own)
        [left] = tmp_path.iterdir()
        with working_folder(tmp_path):
            assert left.exists()  # for the moment it may be another command's
        os.utime(left, (time() - 100,) * 2)
        with working_folder(tmp_path) as folder:
            assert list(tmp_path.iterdir()) == [folder]
            os.utime(folder, (time() - 100,) * 2)
            with working_folder(tmp_path) as other:
                assert set(tmp_path.iterdir()) == {folder, other}
        assert list(tmp_path.iterdir()) == []

    def test_publishes_on_a_file_system_without_links(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def unsupported(*_: object) -> None:
            raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

        monkeypatch.setattr(Path, "hardlink_to", unsupported)
        (tmp_path / "draft").write_text("new")
        publish(tmp_path / "draft", tmp_path / "file", overwrite=False)
        assert (tmp_path / "file").read_text() == "new"
        (tmp_path / "draft").write_text("newer")
        with pytest.raises(BackupError, match="file exists"):
            publish(tmp_path / "draft", tmp_path / "file", overwrite=False)
        assert (tmp_path / "file").read_text() == "new"
