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
    the length would tell of a secret (BREACH). All else that is no read is kept by nobody. On the way of every read:
    each look at a header or at `request` takes 1 to 2 µs, so none is done twice.
    """
    environ, headers = request.environ, response.headers
    method = environ["REQUEST_METHOD"]
    if method == "OPTIONS":
        return response
    kept, tag = headers.get("Cache-Control"), headers.get("ETag", "")
    readable = response.status_code == OK and method in READING
    if kept is None:
        headers.add("Cache-Control", NO_CACHE if readable else NO_STORE)
    if kept != NO_STORE and _is_text(response):
        if readable and not tag:
            tag = headers["ETag"] = f'"{tag_of(response.get_data())}"'
        _depends_on(response, "Accept-Encoding")
        size, accepted = response.content_length, environ.get("HTTP_ACCEPT_ENCODING")
        if size is not None and gzip_for(size, accepted):
            tag = _compress(response, tag if readable else "")
    if readable and "HTTP_IF_NONE_MATCH" in environ and tag and not_modified(tag):
        _empty(response)
    return response


def _is_text(response: Response) -> bool:
    kind = response.mimetype or ""
    return kind.endswith(COMPRESSIBLE) or kind.startswith("text/")


def _depends_on(response: Response, header: str) -> None:
    vary = response.headers.get("Vary")
    if vary is None:
        response.headers.add("Vary", header)
    else:
        response.headers["Vary"] = f"{vary}, {header}"


def _compress(response: Response, tag: str) -> str:
    """Send it in gzip, which has a tag of its own (RFC 9110, section 8.8.3.3): that tag; empty for what is no read."""
    response.direct_passthrough = False  # a file is read
    response.set_data(Body(tag, response.get_data()).compressed())
    response.headers["Content-Encoding"] = GZIP
    if not tag:
        return ""
    response.headers.pop("Accept-Ranges", None)  # ranges are of the file as it is
    response.headers["ETag"] = coded = f'{tag[:-1]}-{GZIP}"'
    return coded


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
