"""Responses of any length, sent part by part."""

from __future__ import annotations

from functools import partial
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from flask import Response

from app.errors import TooManyExports
from app.metrics.instruments import EXPORTS_UNDER_WAY
from app.web.long_request_limit import LongRequestLimit
from app.web.rate_limits import address_key

if TYPE_CHECKING:
    from collections.abc import Iterator

AT_ONCE = BoundedSemaphore(4)
"""Streams of this process: each occupies a thread until its client has received it."""
OF_ADDRESS = LongRequestLimit(3)
"""Those of one address (IPv6: of one /64), so that a client that reads slowly leaves one to others."""


def streamed(parts: Iterator[bytes], media_type: str, file_name: str) -> Response:
    """A file for the client to save. If `parts` fails midway, the connection is cut, so that no half looks whole.

    The first part is made at once: whatever fails by then is reported as a problem.

    Raises:
        TooManyExports: too many are being sent.
    """
    address = address_key()
    if not OF_ADDRESS.take(address):
        raise TooManyExports
    if not AT_ONCE.acquire(blocking=False):
        OF_ADDRESS.give_back(address)
        raise TooManyExports
    EXPORTS_UNDER_WAY().inc()
    try:
        response = Response(_after(next(parts, b""), parts), mimetype=media_type)
        response.headers["Content-Disposition"] = f'attachment; filename="{file_name}"'
        response.implicit_sequence_conversion = False  # nothing may take it into memory, such as to count its bytes
    except BaseException:
        _end(address)
        raise
    response.call_on_close(partial(_end, address))
    return response


def _end(address: str) -> None:
    AT_ONCE.release()
    OF_ADDRESS.give_back(address)
    EXPORTS_UNDER_WAY().dec()


def _after(first: bytes, parts: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from parts
