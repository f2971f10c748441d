"""The values of all processes, shared in files in memory: one set for each worker, which its replacements continue.

prometheus_client's multiprocess mode names the files by process id. Here they are named by the worker's number instead,
so that replaced workers leave no files behind, and nothing that they counted is lost.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager, suppress
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from time import time
from typing import TYPE_CHECKING

from prometheus_client import values
from prometheus_client.multiprocess import mark_process_dead

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""The variable of the environment from which prometheus_client takes the folder."""
SUPERVISOR = 0
"""The number of the process that starts the workers."""
FIRST_WORKER = 1
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  (the folder in it is private)
PREFIX = "books-api-metrics-"
RECENT = 60.0
"""Seconds after which a folder that no process has locked is a leftover."""
RESERVED = {"counter": 1024 * 1024, "histogram": 1024 * 1024, "gauge_livesum": 64 * 1024}
"""Bytes of each file: far more than all operations and statuses need."""

_this = {"process": SUPERVISOR}
values.ValueClass = values.MutexValue  # whatever the environment says: `share` decides


def share(folder: Path, process: int = SUPERVISOR) -> None:
    """Keep the values of this process in the folder from now on. Nothing may have been counted before.

    Args:
        folder: the same for all processes of one `run.py`.
        process: the number of this one, unique among those that run.
    """
    _this["process"] = process
    os.environ[FOLDER] = str(folder)
    if not is_shared():
        values.ValueClass = values.MultiProcessValue(this_process)  # type: ignore[no-untyped-call]  # the library's


def is_shared() -> bool:
    """Whether this process shares its values."""
    return values.ValueClass is not values.MutexValue


def this_process() -> int:
    """The number of this process."""
    return _this["process"]


def reserve(folder: Path, process: int) -> None:
    """Allocate the files of a process, so that none ends because the memory for its values is used up.

    A write to a mapped page for which there is no room ends the process with SIGBUS.

    Raises:
        OSError: there is no room.
    """
    for kind, size in RESERVED.items():
        with (folder / f"{kind}_{process}.db").open("ab") as file:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file.fileno(), 0, size)


def forget_state(folder: Path, process: int) -> None:
    """Drop what a process that ended reported about its state. What it counted remains.

    Raises:
        OSError: there is no room.
    """
    mark_process_dead(process, str(folder))  # type: ignore[no-untyped-call]  # likewise
    reserve(folder, process)


@contextmanager
def run_folder() -> Iterator[Path]:
    """A folder for the values of one run of `run.py`, in memory if possible, removed at the end of the block.

    It is locked as long as a process of this run exists. Folders of runs that were killed are removed.

    Raises:
        OSError: it cannot be created.
    """
    parent = SHARED_MEMORY if os.access(SHARED_MEMORY, os.W_OK | os.X_OK) else Path(tempfile.gettempdir())
    for leftover in parent.glob(f"{PREFIX}*"):
        _remove_unless_locked(leftover)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        flock(descriptor, LOCK_EX | LOCK_NB)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def _remove_unless_locked(folder: Path) -> None:
    with suppress(OSError):  # it is another user's, in use, or has just been removed
        if time() - folder.stat().st_mtime < RECENT:
            return
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            flock(descriptor, LOCK_EX | LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(descriptor)
