"""What caches and clients may keep of every response (RFC 9111), and in which coding it is sent."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from flask import request

from app.web.codings import GZIP, Body, gzip_for
from app.web.conditional import not_modified

if TYPE_CHECKING:
    from apiflask import APIFlask
    from flask import Response

NO_STORE, NO_CACHE = "no-store", "no-cache"
READING = frozenset({"GET", "HEAD"})
OK, NOT_MODIFIED = 200, 304
COMPRESSIBLE = ("json", "javascript", "xml")
OF_CONTENT = ("Content-Type", "Content-Length", "Content-Encoding", "Accept-Ranges", "Link", "X-Total-Count")
"""What a 304 leaves out: the client has it (RFC 9110, section 15.4.5)."""


def register_caching(app: APIFlask) -> None:
    """Complete every response. Register it late: what is registered before sees responses as they are sent."""
    app.after_request(_complete)


def _complete(response: Response) -> Response:
    """A read that succeeds gets a validator, and is a 304 where the client has it; it is kept, but always checked.

    What a route has marked as personal (`no-store`) is not compressed either: next to text that somebody else chose,
    the length would tell of a secret (BREACH). All else that is no read is kept by nobody.
    """
    if request.method == "OPTIONS":
        return response
    headers = response.headers
    personal = headers.get("Cache-Control") == NO_STORE
    readable = response.status_code == OK and request.method in READING
    if "Cache-Control" not in headers:
        headers["Cache-Control"] = NO_CACHE if readable else NO_STORE
    if not personal:
        _encode(response, readable=readable)
    if readable and "ETag" in headers and not_modified(headers["ETag"]):
        _empty(response)
    return response


def _encode(response: Response, *, readable: bool) -> None:
    """Compress what is worth it, where the client accepts it. Each coding has a tag of its own (section 8.8.3.3)."""
    headers = response.headers
    kind = response.mimetype or ""
    if not (kind.startswith("text/") or kind.endswith(COMPRESSIBLE)):
        return
    headers["Vary"] = f"{headers['Vary']}, Accept-Encoding" if "Vary" in headers else "Accept-Encoding"
    if readable and "ETag" not in headers:
        headers["ETag"] = f'"{tag_of(response.get_data())}"'
    size = response.content_length
    if size is None or not gzip_for(size):
        return
    response.direct_passthrough = False  # a file is read
    tag = headers["ETag"] if readable else ""
    response.set_data(Body(tag, response.get_data()).compressed())
    headers["Content-Encoding"] = GZIP
    if readable:
        headers["ETag"] = f'{tag[:-1]}-{GZIP}"'
        headers.pop("Accept-Ranges", None)  # ranges are of the file as it is


def _empty(response: Response) -> None:
    response.status_code = NOT_MODIFIED
    response.set_data(b"")
    for name in OF_CONTENT:
        response.headers.pop(name, None)


def tag_of(*parts: bytes) -> str:
    """A digest of a body and of what goes with it, for a tag. With the CPU's help SHA-256 takes 17 µs for 23 kB."""
    digest = sha256()
    for part in parts:
        digest.update(part)
        digest.update(b"\0")
    return digest.hexdigest()[:32]
