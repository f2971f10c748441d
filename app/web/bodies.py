"""Request bodies: read within a limit, and read to their end."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from flask import g, request

from app.security.hashing_queue import is_abandoned
from app.web.http_errors import BodyTooLarge, UnsupportedCoding, UnsupportedMediaType
from app.web.media_types import JSON, MERGE_PATCH
from app.web.openapi_headers import IDEMPOTENCY_KEY
from app.web.state import state

if TYPE_CHECKING:
    from flask import Flask, Request, Response


REFUSAL_KEY = "books.refusal"
"""The key of `environ` under which a server in front passes the error with which a request is refused."""
IMPORTS_PATH = "/imports"
CLIENT_GONE = "books.client_gone"
"""The key under which it passes a function that tells whether the client has closed the connection."""


def is_import(method: str, path: str) -> bool:
    """Whether a request may have a body as large as `MAX_IMPORT_SIZE`."""
    return method == "POST" and path == IMPORTS_PATH


def register_bodies(app: Flask) -> None:
    """Heed the server in front; read every request body to its end before the response is sent."""
    app.before_request(_heed_server)
    app.after_request(_drain_body)


def has_no_body(request: Request) -> bool:
    """Whether the request announces no body (RFC 9112, section 6.3)."""
    return not request.content_length and "Transfer-Encoding" not in request.headers


def read_body(request: Request, at_most: int) -> bytes:
    """The body of a request, which must be JSON.

    Args:
        request: the request.
        at_most: the limit in bytes. A body without a Content-Length is counted as it arrives, since Werkzeug would
            truncate it silently.

    Raises:
        UnsupportedMediaType: the media type or the charset is another.
        UnsupportedCoding: the body is compressed.
        BodyTooLarge: the body is larger than the limit.
    """
    announced = request.content_length
    if announced is not None and announced > at_most:
        raise BodyTooLarge
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    taken = {JSON, MERGE_PATCH} if request.method == "PATCH" else {JSON}
    if request.mimetype not in taken or charset not in {"utf-8", "utf8"}:
        raise UnsupportedMediaType
    if (request.content_encoding or "identity").lower() != "identity":
        raise UnsupportedCoding
    if announced is not None:
        body: bytes = request.get_data(cache=False)
    else:
        body = request.environ["wsgi.input"].read(at_most + 1) if request.environ.get("wsgi.input_terminated") else b""
        if len(body) > at_most:
            raise BodyTooLarge
    if IDEMPOTENCY_KEY in request.headers:  # a retry repeats the body
        g.body_digest = sha256(body).hexdigest()
    return body


def _heed_server() -> None:
    is_abandoned.set(request.environ.get(CLIENT_GONE, _never))  # the thread may have served another request before
    if REFUSAL_KEY in request.environ:
        raise request.environ.pop(REFUSAL_KEY).with_traceback(None)  # which refers to the environment, or is another's


def _drain_body(response: Response) -> Response:
    """Read the rest of a body that no view has read, or close the connection.

    The next request on the connection begins where the body ends (RFC 9112, section 9.3); without this, about one in
    thirty was lost.
    """
    if has_no_body(request):
        return response
    settings = state().settings
    limit = settings.max_import_size if is_import(request.method, request.path) else settings.max_body_size
    stream = request.environ["wsgi.input"]
    if (request.content_length or 0) > limit:
        response.headers["Connection"] = "close"
    elif request.content_length is not None or request.environ.get("wsgi.input_terminated"):
        stream.read(request.content_length or limit)
    return response


def _never() -> bool:
    return False
