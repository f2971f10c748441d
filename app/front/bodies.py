"""Receiving request bodies: within a deadline, a size, and a number of pieces."""

from __future__ import annotations

from asyncio import timeout
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from wsgiref.types import WSGIEnvironment

SLOWEST = 16 * 1024
"""Bytes per second: a body that arrives faster is never too late."""
IN_MEMORY = 64 * 1024
"""Bytes of a body up to which it is kept in memory; a larger one is kept in a temporary file."""
MOST_PIECES = 20_000
"""A body may arrive in that many pieces: each costs as much time as 10 kB."""
BODILESS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""Methods whose bodies have no meaning (RFC 9110, section 9.3): they are received and dropped."""
PATIENCE_FOR_NOTHING = 1.0
"""Seconds that such a body is waited for, so that the connection can be kept."""
MOST_OF_NOTHING = IN_MEMORY
"""The size in bytes up to which such a body is received."""


class End(Enum):
    """How the reception of a body ended."""

    COMPLETE = auto()
    TOO_LARGE = auto()
    """It is, or would be, larger than allowed: the rest is not received."""
    LATE = auto()
    NO_ROOM = auto()
    """The disk with the temporary files is full."""
    GONE = auto()
    """The client closed the connection."""


@dataclass(frozen=True)
class Allowance:
    """What a body may take."""

    size: int
    """Bytes."""
    seconds: float
    """Seconds, besides those that a body of its size has at the slowest speed."""
    is_for_nothing: bool = False
    """Whether the body has no meaning: the request is answered without it."""


def allowance_of(environ: WSGIEnvironment, size: int, seconds: float) -> Allowance:
    """What the body of this request may take, if others may take so many bytes and seconds."""
    if environ["REQUEST_METHOD"] in BODILESS:
        return Allowance(MOST_OF_NOTHING, min(seconds, PATIENCE_FOR_NOTHING), is_for_nothing=True)
    return Allowance(size, seconds)


def announces_body(environ: WSGIEnvironment) -> bool:
    """Whether a body follows (RFC 9112, section 6.3). In HTTP/2 one may follow without being announced."""
    if "HTTP_TRANSFER_ENCODING" in environ:
        return True
    announced = environ.get("CONTENT_LENGTH")
    if announced is None:
        return environ["SERVER_PROTOCOL"] == "HTTP/2" and environ["REQUEST_METHOD"] not in BODILESS
    return bool(announced != "0")


async def receive_body(
    receive: Callable[[], Awaitable[dict[str, Any]]], announced: str, allowance: Allowance
) -> tuple[IO[bytes], End]:
    """Receive a body. The file that is returned has what arrived, and up to one byte more than is allowed.

    Args:
        receive: ASGI's.
        announced: the `Content-Length`, or an empty text.
        allowance: what the body may take.
    """
    body: IO[bytes] = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  (the request closes it)
    if announced.isdecimal() and int(announced) > allowance.size:
        return body, End.TOO_LARGE
    end, size, pieces = End.COMPLETE, 0, 0
    try:
        async with timeout(allowance.seconds) as deadline:
            latest = deadline.when() or 0.0
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    end = End.GONE
                    break
                piece = message["body"]
                body.write(piece[: allowance.size + 1 - size])
                size, pieces = size + len(piece), pieces + 1
                if size > allowance.size or pieces > MOST_PIECES:
                    end = End.TOO_LARGE
                    break
                if not message["more_body"]:
                    break
                deadline.reschedule(latest + size / SLOWEST)
        body.seek(0)
    except TimeoutError:
        end = End.LATE
        with suppress(OSError):
            body.seek(0)
    except OSError:
        with suppress(OSError):  # it writes what it has not written yet
            body.close()
        return BytesIO(), End.NO_ROOM
    return body, end
