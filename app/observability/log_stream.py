"""Standard error as a stream for logs that never waits and never fails.

The log must not affect a response: a full disk or a pipe that is not read neither stops nor fails a request.
Not a queue with a thread of its own (`logging.handlers.QueueHandler`): a line would come later than the response.
"""

from __future__ import annotations

import os
import socket
import stat
from collections import deque
from contextlib import suppress
from threading import Lock, Thread
from time import sleep
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_KEPT = 1024 * 1024
"""Bytes that wait until they can be written; further lines are dropped, and counted."""
PAUSE = 0.2
"""Seconds between attempts to write what waits."""


class LogStream:
    """Lines for a file descriptor: written at once if that is possible, otherwise kept for later or dropped.

    Args:
        descriptor: the file descriptor.
        report: called with the number of dropped lines when lines can be written again.
    """

    def __init__(self, descriptor: int, report: Callable[[int], object] = lambda _dropped: None) -> None:
        self.report = report
        self.dropped = 0
        """How many lines were dropped in this process."""
        self._descriptor = descriptor
        self._write: Callable[[bytes], int] | None = None
        self._forget()
        os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        """Start with nothing kept: what waits in the parent of a fork is written by the parent."""
        self._kept: deque[bytes] = deque()
        self._size = self._unreported = 0
        self._retries = False
        self._lock = Lock()

    def write(self, text: str) -> int:
        """Write a line, or keep it for later. Returns: its length in characters."""
        with self._lock:
            self._keep(text.encode("utf-8", "backslashreplace"))
            self._drain()
        self._report()
        return len(text)

    def flush(self) -> None:
        """Do nothing: no line is buffered that can be written."""

    def _keep(self, line: bytes) -> None:
        if self._size + len(line) > MOST_KEPT:
            self.dropped += 1
            self._unreported += 1
        else:
            self._kept.append(line)
            self._size += len(line)

    def _drain(self) -> None:
        """Write what is kept, until that is not possible."""
        try:
            while self._kept:
                line = self._kept[0]
                written = self._put(line)
                self._size -= written
                if written < len(line):
                    self._kept[0] = line[written:]
                else:
                    self._kept.popleft()
        except OSError:  # the disk is full, the reader is gone, or does not read
            if not self._retries:
                self._retries = True
                Thread(target=self._retry, name="log", daemon=True).start()

    def _retry(self) -> None:
        while self._retries:
            sleep(PAUSE)
            with self._lock:
                self._drain()
                self._retries = bool(self._kept)
            self._report()

    def _report(self) -> None:
        """Report what was dropped, once everything that was kept is written."""
        if self._unreported and not self._kept:
            dropped, self._unreported = self._unreported, 0
            self.report(dropped)

    def _put(self, line: bytes) -> int:
        """Write without waiting. Returns: how many bytes were written."""
        if self._write is None:
            self._write = _writer(self._descriptor)
        return self._write(line)


def _writer(descriptor: int) -> Callable[[bytes], int]:
    """How to write to a descriptor without waiting, and without changing it for the processes that share it."""
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISSOCK(mode):  # of systemd's journal
        connection = socket.socket(fileno=os.dup(descriptor))
        return lambda line: connection.send(line, socket.MSG_DONTWAIT)
    if stat.S_ISFIFO(mode) or stat.S_ISCHR(mode):
        with suppress(OSError):  # where there is no /proc, a write may wait
            own = os.open(f"/proc/self/fd/{descriptor}", os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
            return lambda line: os.write(own, line)
    return lambda line: os.write(descriptor, line)
