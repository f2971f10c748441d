"""The last release's database with 100,000 books is upgraded while its reads and writes go on.

The previous version itself is not run here: its statements are. Reads are those of a book, of lists, of an author's
books, of a search, and of a login; a write is what it did to change a book.
"""

from __future__ import annotations

import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from time import monotonic, sleep
from typing import TYPE_CHECKING, NamedTuple

import pytest
from sqlalchemy import text

from app.database import Database
from app.db.migration_steps import was_interrupted
from app.db.migrations import require_migrated
from app.errors import DatabaseBusy, DatabaseMigrating, MigrationInterrupted
from devtools.databases import ROOT, migrate, settings_for
from devtools.polling import wait_until
from devtools.serving import environment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

RELEASED = "0008"
"""The newest migration of version 0.2.0."""
BOOKS, AUTHORS = 100_000, 20_000
READERS, WRITERS = 4, 2
UPGRADED_WITHIN = 500
RECORD = "1, '2026-01-01 00:00:00+00:00', '2026-01-01 00:00:00+00:00'"
NUMBERS = "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {most})"
USERS = """
    INSERT INTO users (id, username, username_key, password_hash, created_at, role)
    VALUES (1, 'alice', 'alice', '-', '2026-01-01 00:00:00+00:00', 'member')
"""
FILL = {
    """
    INSERT INTO authors (id, name, name_key, sort_name, sort_key, version, created_at, updated_at, document) {numbers}
    SELECT n, 'Author ' || n, 'author ' || n, 'Author ' || n, 'author ' || n, {record},
        '{{"id":' || n || ',"version":' || 1 || '}}'
    FROM numbers
    """: AUTHORS,
    """
    INSERT INTO books (id, title, title_key, author_id, version, created_at, updated_at, document) {numbers}
    SELECT n, 'Title ' || n, 'title ' || n, n % {authors} + 1, {record}, '{{"id":' || n || ',"version":' || 1 || '}}'
    FROM numbers
    """: BOOKS,
    """
    INSERT INTO book_contributors (book_id, author_id, role, position) {numbers}
    SELECT n, n % {authors} + 1, 'aut', 0 FROM numbers
    """: BOOKS,
}
SEARCH = {
    "postgresql": """
    INSERT INTO book_search (id, title, everything) {numbers}
    SELECT n, array_to_tsvector(ARRAY['title', n::text]), array_to_tsvector(ARRAY['title', n::text]) FROM numbers
    """,
    "sqlite": """
    INSERT INTO book_search (rowid, title, everything) {numbers}
    SELECT n, 'title ' || n, 'title ' || n FROM numbers
    """,
}
FOUND = {
    "postgresql": "SELECT document FROM books WHERE id IN"
    " (SELECT id FROM book_search WHERE everything @@ CAST('''' || :n || '''' AS tsquery))",
    "sqlite": "SELECT document FROM books WHERE id IN"
    " (SELECT rowid FROM book_search WHERE book_search MATCH 'everything:\"' || :n || '\"')",
}
READS = [
    "SELECT document FROM books WHERE id = :n",
    "SELECT document FROM books WHERE (title_key, id) > ('title ' || :n, :n) ORDER BY title_key, id LIMIT 51",
    "SELECT document FROM books WHERE id > :n ORDER BY id LIMIT 51",
    "SELECT books.document FROM authors LEFT JOIN books ON author_id = authors.id WHERE authors.id = :n % 20000 + 1",
    "SELECT id, username, password_hash, role, disabled_at FROM users WHERE username_key = 'alice' AND :n = :n",
]
WRITE = text(
    "UPDATE books SET version = version + 1, document = '{\"id\":' || id || ',\"version\":' || (version + 1) || '}'"
    " WHERE id = :n AND document NOT LIKE '%updated_by%'"
)

WRONG = text("SELECT count(*) FROM books WHERE document NOT LIKE :end || version || '}'")
SLICES = text("SELECT count(*) FROM migration_progress WHERE step LIKE '%: books' AND last_id BETWEEN 1 AND 90000")


class Read(NamedTuple):
    seconds: float
    fault: str


@pytest.fixture
def database(empty_url: str) -> Iterator[Database]:
    """That of the last release."""
    database = Database.of(settings_for(empty_url))
    migrate(database.engine, RELEASED)
    fillings = FILL | {SEARCH[database.engine.dialect.name]: BOOKS}
    with database.engine.execution_options(writes=True).begin() as connection:
        connection.exec_driver_sql(USERS)
        for statement, most in fillings.items():
            numbers = NUMBERS.format(most=most)
            connection.execute(text(statement.format(numbers=numbers, authors=AUTHORS, record=RECORD)))
    if database.engine.dialect.name == "postgresql":
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")
    yield database
    database.engine.dispose()


def read(database: Database, until: Event) -> list[Read]:
    """Read without a pause, and note what fails, and how long each takes."""
    statements = [text(statement) for statement in (*READS, FOUND[database.engine.dialect.name])]
    done = []
    while not until.is_set():
        for statement in statements:
            began, fault = monotonic(), ""
            try:
                with database.reading() as connection:
                    if not connection.execute(statement, {"n": random.randint(1, BOOKS - 100)}).all():  # noqa: S311
                        fault = f"nothing found: {statement}"
            except Exception as error:  # noqa: BLE001  (whatever it is, it is reported)
                fault = f"{error!r}: {statement}"
            done.append(Read(monotonic() - began, fault))
    return done


def write(database: Database, until: Event) -> tuple[int, int]:
    """Write now and then. Returns: how many writes were acknowledged, and how many refused."""
    acknowledged = refused = 0
    while not until.is_set():
        try:
            with database.transaction() as db:
                changed = db.execute(WRITE, {"n": random.randint(1, BOOKS)})  # noqa: S311
            acknowledged += changed.rowcount  # type: ignore[attr-defined]  # of a CursorResult
        except (DatabaseMigrating, DatabaseBusy):
            refused += 1
        sleep(0.02)
    return acknowledged, refused


def upgrading(url: str, folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "scripts.upgrade"],
        cwd=ROOT,
        env=environment(url, folder),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def kill_in_the_middle(upgrade: subprocess.Popen[str], database: Database) -> None:
    """Kill it when it has committed some slices of the documents of books."""

    def has_begun() -> bool:
        with database.engine.connect() as connection:
            return was_interrupted(connection) and bool(connection.scalar(SLICES))

    wait_until(has_begun, within=UPGRADED_WITHIN)
    upgrade.kill()
    upgrade.communicate()
    with database.reading() as connection, pytest.raises(MigrationInterrupted):
        require_migrated(connection)


def test_that_is_killed_and_continued_fails_no_read_and_loses_no_write(
    database: Database, empty_url: str, tmp_path: Path
) -> None:
    done = Event()
    with ThreadPoolExecutor(READERS + WRITERS) as pool:
        readers = [pool.submit(read, database, done) for _ in range(READERS)]
        writers = [pool.submit(write, database, done) for _ in range(WRITERS)]
        try:
            sleep(1)
            kill_in_the_middle(upgrading(empty_url, tmp_path), database)
            upgrade = upgrading(empty_url, tmp_path)
            _, output = upgrade.communicate(timeout=UPGRADED_WITHIN)
        finally:
            done.set()
        reads = [one for reader in readers for one in reader.result()]
        acknowledged, refused = map(sum, zip(*(writer.result() for writer in writers), strict=True))
    assert upgrade.returncode == 0, output
    assert "continues after" in output
    sys.stdout.write(f"{output}{len(reads)} reads, the longest of {max(reads).seconds:.2f} s;")
    sys.stdout.write(f" {acknowledged} writes acknowledged, {refused} refused")
    assert {one.fault for one in reads} == {""}
    assert acknowledged > 0
    assert refused > 0
    with database.reading() as connection:
        require_migrated(connection)
        assert connection.scalar(text("SELECT sum(version) FROM books")) == BOOKS + acknowledged
        assert connection.scalar(WRONG, {"end": '%,"updated_by":null,"version":'}) == 0
