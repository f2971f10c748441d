"""Hostile connections, held open for as long as the server allows, and a client of another address beside them."""

from __future__ import annotations

import asyncio
import resource
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from threading import Event, Thread
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ELSEWHERE = "127.0.0.2"
"""The address of the client that is not hostile."""
OPENS_WITHIN = 60.0
"""Seconds."""
AT_ONCE = 100
"""Connections that are opened at once."""
STREAMS = 190
"""Streams of each HTTP/2 connection."""


def _request(line: str, *headers: str) -> bytes:
    return "\r\n".join([line, "Host: books.test", *headers, "", ""]).encode()


def _frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """A frame of HTTP/2 (RFC 9113, section 4.1)."""
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def _http2() -> bytes:
    """The preface, settings, and the headers of many POST requests whose bodies do not follow (RFC 7541, section 6)."""
    headers = b"\x83\x86\x44\x0b/auth/login\x41\x05books"
    streams = [_frame(1, 0x4, 2 * number + 1, headers) for number in range(STREAMS)]
    return b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + _frame(4, 0, 0) + b"".join(streams)


JSON = "Content-Type: application/json"
KINDS = {
    "silent connections": b"",
    "half headers": b"GET /books/1 HTTP/1.1\r\nHost: bo",
    "half bodies": _request("POST /auth/login HTTP/1.1", JSON, "Content-Length: 1000") + b'{"u',
    "half chunks": _request("POST /auth/login HTTP/1.1", JSON, "Transfer-Encoding: chunked") + b'3e8\r\n{"u',
    "100-continue": _request("POST /books HTTP/1.1", JSON, "Content-Length: 1000", "Expect: 100-continue"),
    "promised bodies of GET": _request("GET /books/1 HTTP/1.1", "Content-Length: 1000"),
    "slow streams of HTTP/2": _http2(),
    "unread responses": _request("GET /books?limit=200 HTTP/1.1") * 5,
    "unread exports": _request("GET /export?format=marcxml HTTP/1.1"),
    "waiting followers": _request("GET /changes?since=now&wait=30 HTTP/1.1"),
    "half uploads": _request("POST /imports HTTP/1.1", "Authorization: Bearer {token}", "Content-Length: 1000") + b"t",
}
"""What each kind of hostile connection sends; then it waits, and reads nothing. `{token}` is that of a member."""


@dataclass
class Held:
    """Hostile connections."""

    opened: int = 0
    refused: int = 0
    """Connections that were not accepted, or closed before all was sent."""
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def open(self, base: str, sent: bytes, turns: asyncio.Semaphore) -> None:
        """Open a connection, and send."""
        address = urlsplit(base)
        async with turns:
            try:
                # The transport pauses at once: what the server responds stays unread.
                _, writer = await asyncio.open_connection(address.hostname, address.port, limit=1)
                self.writers.append(writer)
                writer.write(sent)
                await asyncio.wait_for(writer.drain(), OPENS_WITHIN)
                self.opened += 1
            except OSError:
                self.refused += 1

    async def hold(self, base: str, kinds: list[tuple[bytes, int]], opened: Event, released: Event) -> None:
        """Open the connections, and close them when they are released."""
        turns = asyncio.Semaphore(AT_ONCE)
        async with asyncio.TaskGroup() as group:
            for sent, number in kinds:
                for _ in range(number):
                    group.create_task(self.open(base, sent, turns))
        opened.set()
        await asyncio.to_thread(released.wait)
        for writer in self.writers:
            writer.transport.abort()


@contextmanager
def held(base: str, kinds: dict[str, int], token: str = "", *, opens_meanwhile: bool = False) -> Iterator[Held]:
    """Hold hostile connections to a server while the block runs.

    Args:
        base: the server's address.
        kinds: how many of each kind.
        token: of a member.
        opens_meanwhile: whether the block runs while the connections are opened.
    """
    sent = [(KINDS[kind].replace(b"{token}", token.encode()), number) for kind, number in kinds.items()]
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    connections, opened, released = Held(), Event(), Event()
    thread = Thread(target=lambda: asyncio.run(connections.hold(base, sent, opened, released)), daemon=True)
    thread.start()
    try:
        if not opens_meanwhile and not opened.wait(OPENS_WITHIN):
            msg = f"only {connections.opened} hostile connections could be opened"
            raise RuntimeError(msg)
        yield connections
    finally:
        opened.wait(OPENS_WITHIN)
        released.set()
        thread.join(OPENS_WITHIN)


def times_elsewhere(base: str, path: str, number: int, patience: float) -> list[float]:
    """The seconds that a client of another address waits for each of some responses, on a new connection each.

    A response that is an error, or that does not come in time, counts as infinite.
    """
    return [_time_elsewhere(base, path, patience) for _ in range(number)]


def times_within(base: str, paths: Sequence[str], seconds: float, patience: float) -> list[list[float]]:
    """As many such times for each path as there can be in these seconds, by turns; at least two."""
    times: list[list[float]] = [[] for _ in paths]
    ends = time.monotonic() + seconds
    while time.monotonic() < ends or len(times[0]) < 2:  # noqa: PLR2004  (of which there are quantiles)
        for path, of_path in zip(paths, times, strict=True):
            of_path.append(_time_elsewhere(base, path, patience))
    return times


def _time_elsewhere(base: str, path: str, patience: float) -> float:
    address = urlsplit(base)
    connection = HTTPConnection(str(address.hostname), address.port, patience, source_address=(ELSEWHERE, 0))
    began, took = time.perf_counter(), float("inf")
    with suppress(OSError, HTTPException):
        connection.request("GET", path, headers={"Connection": "close"})
        response = connection.getresponse()
        if response.read() and response.status == 200:  # noqa: PLR2004  (OK)
            took = time.perf_counter() - began
    connection.close()
    return took
