"""HTTP by hand, for what no client would send."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

AT_MOST = 30
"""Seconds that any answer may take."""


class RawConnection:
    """A TCP connection, for requests that no HTTP client would send."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.seen = b""

    def send(self, *parts: bytes) -> None:
        """Send; a server that hangs up before it has read everything is within its rights."""
        try:
            for part in parts:
                self.connection.sendall(part)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def read_head(self) -> bytes:
        """All up to the end of the next head: the status line and the headers; empty if the server hung up."""
        while b"\r\n\r\n" not in self.seen:
            more = self._receive()
            if not more:
                return b""
            self.seen += more
        head, _, self.seen = self.seen.partition(b"\r\n\r\n")
        return head

    def read_rest(self) -> bytes:
        """All until the server hangs up."""
        while more := self._receive():
            self.seen += more
        return self.seen

    def _receive(self) -> bytes:
        try:
            return self.connection.recv(65536)
        except ConnectionResetError:
            return b""


@contextmanager
def raw_connection(base: str) -> Iterator[RawConnection]:
    """A connection to the server at this address."""
    address = urlsplit(base)
    assert address.hostname
    assert address.port
    with socket.create_connection((address.hostname, address.port), timeout=AT_MOST) as connection:
        yield RawConnection(connection)


def status_of(head: bytes) -> int:
    """The status in a head."""
    return int(head.split(b" ", 2)[1])
