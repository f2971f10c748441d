"""Connections to an SQLite file that know which files they have open, and checks of its content."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Literal, Protocol

from app.db.failures import FileDamaged, FileMissing, FileReplaced
from app.db.sqlite_names import MISSING, REPLACED, Found, look

if TYPE_CHECKING:
    from collections.abc import Sequence

MAPPED = 2**31 - 2**16
"""Bytes of an SQLite file that are memory-mapped (SQLite's maximum): a look-up by id in a large catalogue takes half as
long."""
SHORT = "the file of the database is shorter than its content"
CHECK_WAITS = 1.0
"""Seconds that a check waits for a lock."""
STEPS = 20_000
"""Steps of SQLite's virtual machine between two looks at the clock: a millisecond."""


class Watch(Protocol):
    """What knows whether the files of a connection still have their names."""

    def require(self, connection: WatchedConnection) -> None:
        """Check it."""
        ...

    def forget(self, connection: WatchedConnection) -> None:
        """The connection has been closed."""
        ...


class WatchedConnection(sqlite3.Connection):
    """A connection that refuses to commit to files which have lost their names."""

    watch: Watch | None = None
    opened: Found
    generation = 0
    is_in_use = True
    """Whether it is not in a pool, where it waits for its next use."""

    def commit(self) -> None:
        """Commit, as `sqlite3.Connection.commit` does.

        Raises:
            FileMissing, FileReplaced: the files are not those of the database, so the transaction may be lost.
        """
        if self.watch is not None:
            self.watch.require(self)
        super().commit()
        if self.watch is not None:
            self.watch.require(self)

    def close(self) -> None:
        """Close it, as `sqlite3.Connection.close` does."""
        super().close()
        if self.watch is not None:
            self.watch.forget(self)


def open_connection(path: str, arguments: Sequence[Any], options: dict[str, Any]) -> WatchedConnection:
    """Open the file, which must exist.

    Args:
        path: of the file.
        arguments: further ones of `sqlite3.connect`.
        options: likewise.

    Raises:
        FileMissing, FileReplaced: it was deleted or replaced meanwhile.
    """
    before = look(path)
    connection: WatchedConnection = sqlite3.connect(
        _uri(path, "rw"), *arguments, **options | {"uri": True, "factory": WatchedConnection}
    )
    try:
        set_up(connection)
        connection.execute("SELECT count(*) FROM sqlite_master").fetchall()  # opens the companions
        connection.opened = _unchanged(path, before)
    except BaseException:
        connection.close()
        raise
    return connection


def _unchanged(path: str, before: Found) -> Found:
    found = look(path)
    if found.main is None:
        raise FileMissing(MISSING)
    if found.main != before.main:
        raise FileReplaced(REPLACED)
    return found


def set_up(connection: sqlite3.Connection) -> None:
    """Set what each connection needs."""
    connection.isolation_level = None  # the driver starts no transactions by itself: the "begin" event does
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA mmap_size = {MAPPED}")
    connection.execute("PRAGMA synchronous = FULL")  # an acknowledged write survives a power failure


def check_header(path: str, *, least: int = 0) -> None:
    """Read the header and the schema with a connection that has nothing cached. It takes 0.3 ms.

    Args:
        path: of the file.
        least: the bytes of the file, if it has become shorter.

    Raises:
        sqlite3.OperationalError: it is locked, or gone.
        sqlite3.DatabaseError: it is damaged.
    """
    with closing(sqlite3.connect(_uri(path, "ro"), uri=True, timeout=CHECK_WAITS)) as fresh:
        fresh.execute("SELECT count(*) FROM sqlite_master").fetchall()
    if not least:
        return
    with closing(sqlite3.connect(_uri(path, "ro") + "&immutable=1", uri=True)) as alone:  # pages in the log don't count
        [pages] = alone.execute("PRAGMA page_count").fetchone()
        [page] = alone.execute("PRAGMA page_size").fetchone()
    if not pages or pages * page > least:
        raise FileDamaged(SHORT)


def find_damage(path: str, seconds: float) -> str | None:
    """Read the whole file, for at most so many seconds.

    Returns: the first damage; empty if there is none; None if the time was too short.

    Raises:
        sqlite3.OperationalError: it is locked, or gone.
    """
    ends_at = monotonic() + seconds
    with closing(sqlite3.connect(_uri(path, "ro"), uri=True, timeout=CHECK_WAITS)) as fresh:
        fresh.set_progress_handler(lambda: monotonic() > ends_at, STEPS)
        try:
            [found] = fresh.execute("PRAGMA quick_check(1)").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                raise
            return None
        except sqlite3.DatabaseError as error:
            return str(error)
    return "" if found == "ok" else str(found)


def _uri(path: str, mode: Literal["ro", "rw"]) -> str:
    """The URI that opens a file, and creates none.

    With `ro`, no write-ahead log is applied to a file that has just been replaced, when the connection is closed.
    """
    return f"{Path(path).absolute().as_uri()}?mode={mode}"
