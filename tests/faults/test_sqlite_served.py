"""An SQLite file that is deleted or damaged under two workers with load: what was acknowledged is there."""

from __future__ import annotations

import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING

import pytest

from devtools.polling import wait_until
from tests.support.factories import Factory
from tests.support.serving import Served, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.client import Client

pytestmark = pytest.mark.slow

CLIENTS = 4
NOTICED_WITHIN = 3.0
RECOVERS_WITHIN = 10.0


@pytest.fixture
def file(migrated_file: Path, tmp_path: Path) -> Path:
    return shutil.copyfile(migrated_file, tmp_path / "books.db")


@pytest.fixture
def served(file: Path, tmp_path: Path) -> Iterator[Served]:
    with serving(f"sqlite:///{file}", tmp_path, workers=2) as served:
        yield served


class Load:
    """Clients that add authors and books, and read, until they are stopped, and the responses that they received."""

    def __init__(self, member: Client) -> None:
        self.member = member
        self.acknowledged: list[str] = []
        self.statuses: set[int] = set()
        self.longest = 0.0
        self._stop = Event()

    def run(self, number: int) -> None:
        """One client."""
        count = 0
        while not self._stop.is_set():
            count += 1
            name, began = f"Author {number} {count}", monotonic()
            if count % 2:
                written = self.member.post("/authors", json={"name": name})
            else:
                written = self.member.post("/books", json={"title": name, "author_id": 1})
            read = self.member.get("/authors/1")
            self.longest = max(self.longest, (monotonic() - began) / 2)
            self.statuses |= {written.status_code, read.status_code}
            if written.status_code == 201:
                self.acknowledged.append(name)

    def during(self, work: Callable[[], None]) -> None:
        """Do some work under load."""
        with ThreadPoolExecutor(CLIENTS) as pool:
            clients = [pool.submit(self.run, number) for number in range(CLIENTS)]
            try:
                wait_until(lambda: len(self.acknowledged) > 20)
                work()
            finally:
                self._stop.set()
            for client in clients:
                client.result()


def is_ready(member: Client) -> bool:
    """Whether every one of several probes succeeds: both workers are well."""
    return all(member.get("/readyz").status_code == 200 for _ in range(6))


def names_in(file: Path) -> set[str]:
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return {name for (name,) in connection.execute("SELECT name FROM authors UNION ALL SELECT title FROM books")}


def test_moved_away_and_back(served: Served, file: Path) -> None:
    member = served.member()
    Factory(member).author(member, id=1)
    load, elsewhere = Load(member), file.with_name("elsewhere.db")

    def move() -> None:
        file.rename(elsewhere)
        wait_until(lambda: member.get("/readyz").json().get("cause") == "deleted", within=NOTICED_WITHIN)
        before = len(load.acknowledged)
        assert member.post("/authors", json={"name": "Refused"}).status_code == 503
        assert len(load.acknowledged) <= before + CLIENTS
        elsewhere.rename(file)
        wait_until(lambda: is_ready(member) and len(load.acknowledged) > before + 20, within=RECOVERS_WITHIN)

    load.during(move)
    assert load.statuses <= {200, 201, 503}
    assert load.longest < RECOVERS_WITHIN
    assert served.logged("database_file")
    wait_until(lambda: served.logged("database_file_back"))
    served.kill()
    assert set(load.acknowledged) <= names_in(file)


def test_log_deleted(served: Served, file: Path) -> None:
    """The write-ahead log has acknowledged writes that the main file does not have yet."""
    member = served.member()
    Factory(member).author(member, id=1)
    load = Load(member)

    def delete() -> None:
        file.with_name("books.db-wal").unlink()
        before = len(load.acknowledged)
        wait_until(lambda: len(load.acknowledged) > before + 20 and is_ready(member), within=RECOVERS_WITHIN)

    load.during(delete)
    assert load.statuses <= {200, 201, 503}
    served.kill()
    assert set(load.acknowledged) <= names_in(file)


def test_restored_from_a_backup(served: Served, file: Path) -> None:
    member = served.member()
    Factory(member).author(member, id=1)
    copy = file.with_name("copy.db")
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    load = Load(member)
    after: list[str] = []

    def restore() -> None:
        copy.replace(file)
        wait_until(lambda: is_ready(member), within=RECOVERS_WITHIN)
        before = len(load.acknowledged)
        wait_until(lambda: len(load.acknowledged) > before + 20, within=RECOVERS_WITHIN)
        after.extend(load.acknowledged[before:])

    load.during(restore)
    assert load.statuses <= {200, 201, 503}
    served.kill()
    assert set(after) <= names_in(file)
