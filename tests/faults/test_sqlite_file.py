"""An SQLite file that is deleted, replaced or damaged while it is open: no write is acknowledged that would be lost."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from itertools import chain, repeat
from typing import TYPE_CHECKING

import pytest

from app.db.sqlite_connections import WatchedConnection
from app.db.sqlite_file import DatabaseFile
from app.db.sqlite_names import look
from devtools.polling import wait_until
from tests.support.probing import readiness

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.faults.conftest import Service

RECOVERS_WITHIN = 10.0


def names_in(file: Path) -> set[str]:
    """What another process finds under the name of the database."""
    with closing(sqlite3.connect(file)) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM authors")}


def backup_of(on_file: Service) -> Path:
    """A copy as `sqlite3 books.db '.backup copy.db'` makes it."""
    copy = on_file.file.with_name("copy.db")
    with closing(sqlite3.connect(on_file.file)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    return copy


def checkpoint(on_file: Service) -> None:
    """Move everything from the write-ahead log to the main file, and let each connection read it there."""
    with closing(sqlite3.connect(on_file.file)) as connection:
        assert connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone() == (0, 0, 0)
    assert on_file.member.get("/authors/1").status_code == 200


def require_refused(on_file: Service, cause: str) -> None:
    """Writes, reads and the probe are 503s that name the cause."""
    responses = [
        on_file.add("Lost"),
        on_file.member.get("/authors/1"),
        on_file.client.get("/authors"),
        readiness(on_file.client),
    ]
    assert {response.status_code for response in responses} == {503}
    assert {response.json()["cause"] for response in responses} == {cause}
    assert all(int(response.headers["Retry-After"]) > 0 for response in responses)
    assert on_file.client.get("/healthz").status_code == 200


def require_recovery(on_file: Service) -> None:
    wait_until(lambda: on_file.add("Back").status_code == 201, within=RECOVERS_WITHIN)
    wait_until(lambda: readiness(on_file.client).status_code == 200, within=RECOVERS_WITHIN)
    assert on_file.member.get("/authors/1").status_code == 200
    assert "Back" in names_in(on_file.file)


class TestDeleted:
    def test_is_noticed_by_reads_and_writes(self, on_file: Service) -> None:
        on_file.file.unlink()
        require_refused(on_file, "deleted")
        assert not on_file.file.exists(), "an empty database would hide the loss"

    def test_while_a_write_is_under_way(self, on_file: Service, monkeypatch: pytest.MonkeyPatch) -> None:
        """Deleted between the last statement and the response, even after the commit itself."""
        real = DatabaseFile.require

        def require(file: DatabaseFile, connection: WatchedConnection) -> None:
            if not connection.in_transaction:  # it has just been committed
                on_file.file.unlink()
            real(file, connection)

        monkeypatch.setattr(DatabaseFile, "require", require)
        assert on_file.add("Lost").json()["cause"] == "deleted"

    def test_and_back_again(self, on_file: Service) -> None:
        assert on_file.add("Kept").status_code == 201
        elsewhere = on_file.file.with_name("moved.db")
        on_file.file.rename(elsewhere)
        require_refused(on_file, "deleted")
        elsewhere.rename(on_file.file)
        require_recovery(on_file)
        assert "Kept" in names_in(on_file.file)
        assert "Lost" not in names_in(on_file.file)

    @pytest.mark.parametrize("with_companions", [True, False])
    def test_and_restored_from_a_backup(self, on_file: Service, *, with_companions: bool) -> None:
        copy = backup_of(on_file)
        assert on_file.add("After the backup").status_code == 201
        on_file.file.unlink()
        for companion in on_file.companions if with_companions else []:
            companion.unlink()
        require_refused(on_file, "deleted")
        shutil.copyfile(copy, on_file.file)
        require_recovery(on_file)
        assert "After the backup" not in names_in(on_file.file), "the log of the former file is not applied to it"
        with closing(sqlite3.connect(on_file.file)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


class TestReplaced:
    def test_by_a_backup(self, on_file: Service) -> None:
        """What had been acknowledged is still in the former file, which the operator moved elsewhere."""
        copy = backup_of(on_file)
        assert on_file.add("After the backup").status_code == 201
        former = on_file.file.with_name("former.db")
        on_file.file.rename(former)
        copy.rename(on_file.file)
        require_recovery(on_file)
        assert "After the backup" in names_in(former)
        assert "After the backup" not in names_in(on_file.file)


class TestCompanion:
    @pytest.mark.parametrize("which", [[0], [1], [0, 1]], ids=["log", "shared memory", "both"])
    def test_that_was_deleted_loses_nothing(self, on_file: Service, which: list[int]) -> None:
        assert on_file.add("Acknowledged").status_code == 201
        for number in which:
            on_file.companions[number].unlink()
        assert on_file.add("Refused").json()["cause"] == "replaced"
        require_recovery(on_file)
        assert "Acknowledged" in names_in(on_file.file)
        assert "Refused" not in names_in(on_file.file)

    def test_of_a_file_that_was_restored_before(self, on_file: Service) -> None:
        """No connection of the time before keeps the file open, whichever pool it was in."""
        backup_of(on_file).replace(on_file.file)
        require_recovery(on_file)
        on_file.companions[0].unlink()
        assert on_file.add("Refused").json()["cause"] == "replaced"
        require_recovery(on_file)


class TestDamaged:
    def test_header(self, on_file: Service) -> None:
        copy = backup_of(on_file)
        checkpoint(on_file)
        with on_file.file.open("r+b") as file:
            file.write(os.urandom(100))
        require_refused(on_file, "corrupt")
        copy.replace(on_file.file)
        require_recovery(on_file)

    @pytest.mark.parametrize("left", [0, 1000, 65536])
    def test_by_cutting_off_its_end(self, on_file: Service, left: int) -> None:
        copy = backup_of(on_file)
        checkpoint(on_file)
        os.truncate(on_file.file, left)
        require_refused(on_file, "corrupt")
        copy.replace(on_file.file)
        require_recovery(on_file)

    def test_in_its_middle(self, on_file: Service) -> None:
        copy = backup_of(on_file)
        checkpoint(on_file)
        size = on_file.file.stat().st_size
        with on_file.file.open("r+b") as file:
            file.seek(8192)
            file.write(os.urandom(size - 8192))
        wait_until(lambda: readiness(on_file.client).status_code == 503, within=RECOVERS_WITHIN)
        assert readiness(on_file.client).json()["cause"] == "corrupt"
        assert on_file.add("Lost").status_code == 503
        copy.replace(on_file.file)
        require_recovery(on_file)


class TestSound:
    """What must not be taken for damage."""

    @pytest.fixture
    def file(self, tmp_path: Path) -> DatabaseFile:
        return DatabaseFile(str(tmp_path / "books.db"))

    @pytest.fixture
    def connection(self, file: DatabaseFile) -> Iterator[WatchedConnection]:
        connection = file.connect([file.path], {"check_same_thread": False})
        connection.execute("CREATE TABLE notes (text BLOB)")
        connection.execute("PRAGMA wal_checkpoint(FULL)").fetchall()
        yield connection
        connection.close()
        file.close()

    def test_a_file_that_grew_between_two_looks_of_a_thread(
        self, file: DatabaseFile, connection: WatchedConnection, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = look(file.path)
        connection.execute("INSERT INTO notes SELECT randomblob(100000)")
        connection.execute("PRAGMA wal_checkpoint(FULL)").fetchall()
        file.require(connection)  # another thread's, which checks the larger file
        looks = chain([before], repeat(look(file.path)))
        monkeypatch.setattr("app.db.sqlite_file.look", lambda _path: next(looks))
        assert file.is_usable(connection)
        assert not file.is_suspect

    def test_a_file_that_was_vacuumed_and_whose_log_has_grown(
        self, file: DatabaseFile, connection: WatchedConnection
    ) -> None:
        connection.execute("INSERT INTO notes SELECT randomblob(100000)")
        connection.execute("PRAGMA wal_checkpoint(FULL)").fetchall()
        file.require(connection)
        connection.execute("DELETE FROM notes")
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(FULL)").fetchall()
        connection.execute("INSERT INTO notes SELECT randomblob(200000)")
        file.is_usable(connection)  # after the vacuum, connections are opened again
        assert not file.is_suspect
