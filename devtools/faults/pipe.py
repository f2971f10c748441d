"""A pipe that a service logs to, and its reader, which may pause or close it."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager, suppress
from threading import Event, Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PIPE_BYTES = 4096
"""The smallest size of a pipe: a few lines fill it."""


class LogPipe:
    """A named pipe, which a thread reads.

    Args:
        path: its name.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        os.mkfifo(path)
        self._ended, self._paused = Event(), Event()
        self._open()
        Thread(target=self._read, name="reader of the log", daemon=True).start()

    @contextmanager
    def unread(self) -> Iterator[None]:
        """Read nothing for the block."""
        self._paused.set()
        yield
        self._paused.clear()

    @contextmanager
    def closed(self) -> Iterator[None]:
        """Have no reader for the block: writers get EPIPE."""
        with self.unread():
            self._ended.wait(0.2)  # the thread is not amid a read
            os.close(self._reader)
            yield
            self._open()

    def close(self) -> None:
        """End the thread."""
        self._ended.set()
        with suppress(OSError):
            os.close(self._reader)

    def _open(self) -> None:
        self._reader = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK)
        fcntl.fcntl(self._reader, fcntl.F_SETPIPE_SZ, PIPE_BYTES)

    def _read(self) -> None:
        while not self._ended.wait(0.01):
            if not self._paused.is_set():
                with suppress(OSError):  # there is nothing to read
                    os.read(self._reader, 65536)
