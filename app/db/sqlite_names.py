"""The names of an SQLite database and of its companions: the write-ahead log, and the memory shared by processes."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import stat
from contextlib import contextmanager, suppress
from pathlib import Path
from time import strftime
from typing import TYPE_CHECKING, Literal, NamedTuple

import structlog

if TYPE_CHECKING:
    from collections.abc import Iterator

Id = tuple[int, int]
"""The device and the inode of a file."""
WAL, SHM = "-wal", "-shm"
"""What their names add to that of the database."""
REPLACED = "the file with the name of the database is not the one that is open"
COMPANION_LOST = "the file with the name of the database's {} is not the one that is open"
MISSING = "there is no file with the name of the database"

log = structlog.get_logger(__name__)


class Found(NamedTuple):
    """The files that have the names of the database and its companions; None where there is none."""

    main: Id | None
    wal: Id | None
    shm: Id | None
    size: int = 0
    changed: int = 0
    """When the content of the main file changed, in nanoseconds since the epoch. A checkpoint changes it as well."""


def look(path: str) -> Found:
    """The files that have the name of a database, and the names of its companions."""
    try:
        main = os.stat(path)  # noqa: PTH116  (three times as fast as Path, on each request)
    except OSError:
        return Found(None, id_of(path + WAL), id_of(path + SHM))
    companions = id_of(path + WAL), id_of(path + SHM)
    return Found((main.st_dev, main.st_ino), *companions, main.st_size, main.st_mtime_ns)


def id_of(path: str) -> Id | None:
    """The file that has this name; None if there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116  (three times as fast as Path, on each request)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def checkpoint(connection: sqlite3.Connection, mode: Literal["FULL", "TRUNCATE"]) -> None:
    """Write the content of the write-ahead log to the main file that the connection has open, if it is possible."""
    with suppress(sqlite3.Error):
        connection.execute(f"PRAGMA wal_checkpoint({mode})").fetchall()


def set_apart(path: str, wal: Id | None, shm: Id | None) -> None:
    """Rename the log of a former database of this name, and remove its shared memory, which has no content of its own.

    Args:
        path: the name of the database.
        wal: the log of the former database.
        shm: likewise its shared memory. Files that are others already are left alone.
    """
    if wal is not None and id_of(path + WAL) == wal:
        kept = f"{path}{WAL}-of-replaced-{strftime('%Y%m%dT%H%M%S')}-{os.getpid()}"
        with suppress(OSError):
            Path(path + WAL).rename(kept)
            log.warning("write_ahead_log_renamed", to=kept, message="It belongs to the database that was replaced.")
    if shm is not None and id_of(path + SHM) == shm:
        with suppress(OSError):
            Path(path + SHM).unlink()


@contextmanager
def locked_folder(path: str) -> Iterator[None]:
    """Lock the folder of a file, as far as it can be opened, against processes that lock it like this."""
    try:
        folder = os.open(Path(path).absolute().parent, os.O_RDONLY)
    except OSError:
        yield
        return
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def difference(opened: Found, found: Found) -> str:
    """What differs from the files that were opened; empty if nothing does.

    A companion that did not exist when the main file was opened may be created.
    """
    if opened.main != found.main:
        return REPLACED if found.main else MISSING
    if opened.wal not in {None, found.wal}:
        return COMPANION_LOST.format("write-ahead log (-wal)")
    return "" if opened.shm in {None, found.shm} else COMPANION_LOST.format("shared memory (-shm)")


def create_for_owner(path: str) -> None:
    """Create the file for its owner alone, as it contains hashes of passwords. SQLite's further files follow it.

    A file that exists must not be opened here: to close it would release all locks that this process has on it, and
    writes would be lost (see "How To Corrupt An SQLite Database File", section 2.2).
    """
    with suppress(OSError):  # it exists, or cannot be created, which SQLite reports in its own words
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, stat.S_IRUSR | stat.S_IWUSR))
