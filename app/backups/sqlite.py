"""Copies of SQLite files by SQLite's backup API, which may run while the service writes."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import URL, NullPool, StaticPool, create_engine

from app.backups.errors import BackupError
from app.db.engines import database_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

    from app.settings import Settings

PAGES = 1000
"""Pages that are copied between two reports of the progress: 4 MB."""
WAITS = 1.0
"""Seconds to wait for a lock."""
FAULTS = 5
"""The most faults that a message lists."""


def file_of(settings: Settings) -> Path:
    """The file of the database.

    Raises:
        BackupError: the database has no file, or a name that only SQLite understands.
    """
    url = database_url(settings.database_url)
    if url.database in {None, "", ":memory:"} or "uri" in url.query:
        msg = "DATABASE_URL does not name a file: use sqlite:///PATH"
        raise BackupError(msg)
    return Path(str(url.database)).resolve()


def copy_of(source: Path, to: Path, progress: Callable[[int, int], object]) -> None:
    """Copy a database that may be in use into a new file, as it is at one moment.

    Args:
        source: the database.
        to: the new file.
        progress: called with the number of pages that remain, and the total.

    Raises:
        BackupError: there is no database.
        sqlite3.Error: it cannot be read.
    """
    if not source.exists():
        msg = f"there is no database {source} (DATABASE_URL)"
        raise BackupError(msg)
    with closing(_connect(source, "rw")) as live, closing(_connect(to, "rwc")) as copy:
        live.execute("PRAGMA journal_mode = WAL")  # as the service does: the transaction below locks no writer out
        live.execute("BEGIN")
        live.execute("SELECT count(*) FROM sqlite_schema")  # BEGIN alone takes no snapshot
        live.backup(copy, pages=PAGES, progress=lambda _status, left, total: progress(left, total))
        # Without the transaction, SQLite would begin again after each write by another process, and might never end.
        live.execute("ROLLBACK")
        copy.execute("PRAGMA journal_mode = DELETE")  # a single file, without a WAL beside it
    to.chmod(0o600)


@contextmanager
def locked(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to a file that no other process can open meanwhile.

    If there is no such file, it is created, and removed if it stays empty.

    Raises:
        BackupError: it is in use, or not readable.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        path.touch(mode=0o600, exist_ok=False)
        is_new = True
    except FileExistsError:
        is_new = False
    try:
        with closing(_connect(path, "rw")) as connection:
            try:
                connection.execute("PRAGMA locking_mode = EXCLUSIVE")
                # In WAL mode every open connection has a shared lock on the file, even an idle one: this fails then.
                connection.execute("PRAGMA journal_mode = DELETE")
                connection.execute("BEGIN EXCLUSIVE")
                connection.execute("COMMIT")
            except sqlite3.DatabaseError as error:
                raise _unusable(path, error) from error
            yield connection
            connection.execute("PRAGMA journal_mode = DELETE")  # removes the journal of exclusive mode
    finally:
        if is_new and not path.stat().st_size:
            path.unlink()


def replace_content(target: sqlite3.Connection, source: Path, progress: Callable[[int, int], object]) -> None:
    """Replace everything in a locked database, in one transaction: a killed process leaves what was there."""
    with closing(_connect(source, "rw")) as restored:
        restored.backup(target, pages=PAGES, progress=lambda _status, left, total: progress(left, total))


def require_sound(connection: Connection, what: str) -> None:
    """Check the structure of an SQLite database, and all references.

    Raises:
        BackupError: it is corrupted.
    """
    faults = [row[0] for row in connection.exec_driver_sql(f"PRAGMA integrity_check({FAULTS})") if row[0] != "ok"]
    faults += [f"{row[0]} refers to a missing row of {row[2]}" for row in _broken_references(connection)]
    if faults:
        msg = f"{what} is corrupted: {'; '.join(faults[:FAULTS])}"
        raise BackupError(msg)


def _broken_references(connection: Connection) -> list[tuple[str, int, str, int]]:
    return [tuple(row) for row in connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(FAULTS)]


def over(locked_one: sqlite3.Connection) -> Connection:
    """SQLAlchemy's view of a locked connection, which is not closed with it."""
    return create_engine("sqlite://", creator=lambda: locked_one, poolclass=StaticPool).connect()


@contextmanager
def opened(path: Path) -> Iterator[Connection]:
    """A connection to a copy that no other process uses, in a transaction that is committed at the end."""
    engine = create_engine(URL.create("sqlite", database=str(path)), poolclass=NullPool, hide_parameters=True)
    with engine.begin() as connection:
        yield connection


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.as_uri()}?mode={mode}", uri=True, timeout=WAITS, isolation_level=None)


def _unusable(path: Path, error: sqlite3.DatabaseError) -> BackupError:
    if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
        return BackupError(f"{path} is in use: stop the service first")
    return BackupError(f"{path} cannot be used ({error}): move it, its -wal and its -shm elsewhere first")
