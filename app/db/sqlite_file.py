"""The file of an SQLite database, which may be deleted, replaced or damaged while the service has it open.

SQLite goes on with the file that it has opened: what it commits to a deleted file, or to a deleted write-ahead log, is
lost when the last connection is closed. So each connection knows the files that it was opened with, and they are
compared with those of the same names before and after each commit, and before each use.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from threading import RLock
from time import monotonic
from typing import TYPE_CHECKING, Any
from weakref import WeakMethod, WeakSet

import structlog

from app.db.failures import FileDamaged, FileMissing, FileReplaced
from app.db.sqlite_connections import CHECK_WAITS, WatchedConnection, check_header, open_connection
from app.db.sqlite_names import (
    MISSING,
    REPLACED,
    Found,
    checkpoint,
    create_for_owner,
    difference,
    locked_folder,
    look,
    set_apart,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

log = structlog.get_logger(__name__)

CLOSED_WITHIN = 2.0
"""Seconds that all processes have to close a file that cannot be used any more."""


class DatabaseFile:
    """The file that the engines of one database share.

    Args:
        path: where it is. It is created if it does not exist, unless this process has opened it before.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.must_exist = False
        self.close_idle: list[WeakMethod[Callable[[], None]]] = []
        """What closes the idle connections of each engine."""
        self.is_suspect = False
        """Whether damage was found, and no check has passed since."""
        self.suspected_at = 0.0
        self._lock = RLock()
        self._connections: WeakSet[WatchedConnection] = WeakSet()
        """Those of this process that are open, besides the keeper."""
        self._keeper: WatchedConnection | None = None
        """An idle connection, so that the inodes of its files are not given to others."""
        self._generation = 0
        """Connections of an earlier one are not used any more."""
        self._checked: tuple[int, int] | None = None
        self._opens_at, self._is_same_file = 0.0, True
        self._is_draining = False
        self._problem: sqlite3.Error | None = None

    def connect(self, arguments: list[Any], options: dict[str, Any]) -> WatchedConnection:
        """Open a connection, with the arguments of `sqlite3.connect`.

        Raises:
            FileMissing: there is no file, and this process had opened it before.
            FileReplaced, FileDamaged: the file cannot be used yet.
        """
        with self._lock:
            self._require_openable()
            if not self.must_exist:
                create_for_owner(self.path)
            self._check_content(look(self.path))
            connection = self._open(arguments[1:], options)
            self._connections.add(connection)
            if self._keeper is None:
                self._keeper = self._open((), options | {"timeout": CHECK_WAITS})
                self.must_exist = True
            return connection

    def is_usable(self, connection: WatchedConnection) -> bool:
        """Whether a connection that was idle may be used: its files have their names, and are not known as damaged."""
        found = look(self.path)
        if self.is_outdated(connection) or difference(connection.opened, found):
            return False
        self._check_content(found)
        return not self.is_outdated(connection)

    def require(self, connection: WatchedConnection) -> None:
        """Check that what a connection commits will be found under the name of the database.

        Raises:
            FileMissing, FileReplaced, FileDamaged: it would not.
        """
        found = look(self.path)
        if found.main is None:
            raise self._noted(FileMissing(MISSING))
        if problem := difference(connection.opened, found):
            raise self._noted(FileReplaced(problem))
        self._check_content(found)
        if self.is_outdated(connection):
            raise FileReplaced(REPLACED)

    def watch(self) -> None:
        """Close the idle connections if the files are not those that were opened, or are damaged, and log it."""
        with self._lock:
            keeper = self._keeper
            if keeper is None:
                return
            with suppress(sqlite3.Error):
                self.require(keeper)
                self._note_well()
                return
            self._renew(keeper)  # a connection that is in use now is closed when it is returned
            self._drain()

    def suspect(self) -> None:
        """SQLite has found damage: use no connection any more that may have cached what was there before."""
        with self._lock:
            if self.is_suspect and monotonic() < self._opens_at:
                return  # another connection has found it as well
            self.is_suspect, self.suspected_at = True, monotonic()
            self._checked = self._checked and (self._checked[0], 0)  # it has to be checked again
            self._noted(FileDamaged("SQLite has found damage in the file of the database"))
            if self._keeper is not None and not difference(self._keeper.opened, look(self.path)):
                checkpoint(self._keeper, "TRUNCATE")  # so that no log is left beside a copy that is restored
            self._start_over()

    def forget(self, connection: WatchedConnection) -> None:
        """The connection has been closed."""
        with self._lock:
            self._connections.discard(connection)

    def is_outdated(self, connection: WatchedConnection) -> bool:
        """Whether a connection may not be used any more."""
        return connection.generation != self._generation

    def close(self) -> None:
        """Close the file, as far as no connection is in use: an engine has been disposed of."""
        with self._lock:
            if self._is_draining:
                return
            keeper, self._keeper = self._keeper, None
            if keeper is not None:
                keeper.close()

    def _open(self, arguments: Sequence[Any], options: dict[str, Any]) -> WatchedConnection:
        connection = open_connection(self.path, arguments, options)
        connection.generation, connection.watch = self._generation, self
        return connection

    def _require_openable(self) -> None:
        """Leave files that cannot be used on, and wait until all processes have left them."""
        found = look(self.path)
        if found.main is None and self.must_exist:
            raise self._noted(FileMissing(MISSING))
        keeper = self._keeper
        if keeper is not None and (problem := difference(keeper.opened, found)):
            self._noted(FileReplaced(problem))
            self._leave(keeper)
        outdated = [connection for connection in self._connections if self.is_outdated(connection)]
        if self._problem is not None and (monotonic() < self._opens_at or (outdated and self._is_same_file)):
            raise type(self._problem)(*self._problem.args)

    def _leave(self, keeper: WatchedConnection) -> None:
        """Leave the files of an open connection, with as little loss as possible.

        A write-ahead log beside another main file than its own would be applied to that: it is renamed, once its own
        file has its content. If the log has been deleted and the main file has not, the log's content is still saved.
        """
        with locked_folder(self.path):
            found = look(self.path)
            if found.main != keeper.opened.main:
                checkpoint(keeper, "FULL")
                set_apart(self.path, keeper.opened.wal, keeper.opened.shm)
                self._generation += 1
                self._is_same_file, self._checked = False, None
                self._drain()
                self.close()
                return
            if found.wal in {None, keeper.opened.wal}:
                checkpoint(keeper, "TRUNCATE")
        self._start_over()

    def _start_over(self) -> None:
        """Close the file everywhere, and open it only after other processes had time to do the same."""
        self._generation += 1
        self._opens_at, self._is_same_file = monotonic() + CLOSED_WITHIN, True
        self._drain()
        self.close()

    def _check_content(self, found: Found) -> None:
        """Check the header and the schema if the main file was changed since the last check.

        Raises:
            sqlite3.DatabaseError: they are damaged.
        """
        if found.main is None or (found.size, found.changed) == self._checked or not self.must_exist:
            return
        with self._lock:
            found = look(self.path)  # again: another thread may have checked a later state meanwhile
            shrunk = self._checked is not None and found.size < self._checked[0]
            try:
                check_header(self.path, least=found.size or 1 if shrunk else 0)
            except sqlite3.OperationalError:  # it is locked, or gone
                return
            except sqlite3.DatabaseError:
                self.suspect()
                raise
            if shrunk:  # by VACUUM: no connection may read what it has mapped beyond the end
                self._renew(self._keeper)
            self._checked = (found.size, found.changed)

    def _renew(self, keeper: WatchedConnection | None) -> None:
        """Let no connection be used again, except the keeper, which reads nothing."""
        self._generation += 1
        if keeper is not None:
            keeper.generation = self._generation

    def _drain(self) -> None:
        self._is_draining = True
        try:
            for reference in self.close_idle:
                if close_idle := reference():
                    close_idle()
            # One that was opened while its pool was replaced was returned to the former pool, which nothing closes.
            for connection in list(self._connections):
                if self.is_outdated(connection) and not connection.is_in_use:
                    connection.close()
        finally:
            self._is_draining = False

    def _noted(self, error: sqlite3.Error) -> sqlite3.Error:
        if self._problem is None or str(self._problem) != str(error):
            self._problem = error
            log.error("database_file", path=self.path, problem=str(error))
        return error

    def _note_well(self) -> None:
        if self._problem is not None and not self.is_suspect:
            self._problem = None
            log.warning("database_file_back", path=self.path)
