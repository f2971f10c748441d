"""Files as request bodies, which may be larger than other bodies."""

from __future__ import annotations

import gzip
import zlib
from hashlib import sha256
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, cast

from flask import g, request

from app.errors import UnreadableFile
from app.web.http_errors import BodyTooLarge, NotAFile, UnsupportedCoding
from app.web.openapi_headers import IDEMPOTENCY_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator

CHUNK = 1 << 20
MODERATE, MOST_EXPANDED = 16 * 1024 * 1024, 100
"""Bytes that any compressed file may expand to, and how many times its size a larger one: catalogues expand to ten or
twenty times it, a bomb to a thousand."""
GZIP = b"\x1f\x8b"
FORMS = ("multipart/", "application/x-www-form-urlencoded")


def uploaded_file(at_most: int) -> IO[bytes]:
    """The body of the request, as a file that can be read several times.

    Args:
        at_most: the limit in bytes, also for the content of a compressed file.

    Raises:
        NotAFile: the body is that of an HTML form.
        UnsupportedCoding: its `Content-Encoding` is another than gzip.
        BodyTooLarge: it is too large.
        UnreadableFile: it is compressed, and damaged.
    """
    if request.mimetype.startswith(FORMS):
        raise NotAFile
    if (request.content_encoding or "identity").lower() not in {"identity", "gzip", "x-gzip"}:
        raise UnsupportedCoding
    file = _seekable()
    if (request.content_length or 0) > at_most or _size(file) > at_most:  # the server in front receives no more
        raise BodyTooLarge
    if IDEMPOTENCY_KEY in request.headers:  # a retry repeats the body
        g.body_digest = _digest(file)
    file.seek(0)
    if file.read(2) == GZIP:
        _require_moderate(file, min(at_most, max(MODERATE, MOST_EXPANDED * _size(file))))
    file.seek(0)
    return file


def _seekable() -> IO[bytes]:
    """What the server in front has received; or a copy of what arrives."""
    received: IO[bytes] = request.environ["wsgi.input"]
    if getattr(received, "seekable", lambda: False)():
        return received
    copy = TemporaryFile()  # noqa: SIM115  (it ends with the request)
    copyfileobj(request.stream, copy)
    return copy


def _size(file: IO[bytes]) -> int:
    return file.seek(0, 2)


def _digest(file: IO[bytes]) -> str:
    file.seek(0)
    digest = sha256()
    for chunk in _chunks(file):
        digest.update(chunk)
    return digest.hexdigest()


def _require_moderate(file: IO[bytes], at_most: int) -> None:
    """Decompress a file without keeping it: a small one may expand to any size."""
    file.seek(0)
    size = 0
    try:
        with gzip.open(file) as content:
            for chunk in _chunks(cast("IO[bytes]", content)):
                size += len(chunk)
                if size > at_most:
                    raise BodyTooLarge
    except (EOFError, OSError, zlib.error):
        msg = "the compressed file is damaged or cut off; send it again"
        raise UnreadableFile(msg) from None


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk
