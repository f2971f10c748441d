"""The WSGI environment of a request that arrived over ASGI."""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

Scope = dict[str, Any]

WITHOUT_PREFIX = {b"content-type": "CONTENT_TYPE", b"content-length": "CONTENT_LENGTH"}
ALWAYS = {
    "SCRIPT_NAME": "",
    "wsgi.errors": sys.stderr,
    "wsgi.input_terminated": True,  # the end of `wsgi.input` is the end of the body
    "wsgi.multiprocess": True,
    "wsgi.multithread": True,
    "wsgi.run_once": False,
    "wsgi.version": (1, 0),
}


def environ_of(scope: Scope) -> WSGIEnvironment:
    """The environment (PEP 3333), without `wsgi.input`.

    Values of one header on several lines are joined with commas (RFC 9110, section 5.2). A header with bytes outside
    ASCII is empty, since it has no defined meaning (section 5.5). Headers with an underscore are dropped: `X_Real_IP`
    would be taken for `X-Real-IP`, which proxies overwrite. A `Content-Length` beside a `Transfer-Encoding` is dropped
    too (RFC 9112, section 6.3).
    """
    raw_path, server = scope["raw_path"], scope["server"]
    environ: WSGIEnvironment = {
        **ALWAYS,
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": server[0],
        "SERVER_PORT": server[1],
        "REMOTE_ADDR": scope["client"][0],
        "REQUEST_METHOD": scope["method"],
        "PATH_INFO": (unquote_to_bytes(raw_path) if b"%" in raw_path else raw_path).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "wsgi.url_scheme": scope["scheme"],
    }
    for raw_name, raw_value in scope["headers"]:
        name = _variable(raw_name)
        value = raw_value.decode() if raw_value.isascii() else ""
        if name not in environ:
            environ[name] = value
        elif name.startswith("HTTP_"):
            environ[name] += f",{value}"
    environ.pop("", None)
    if "HTTP_TRANSFER_ENCODING" in environ:
        environ.pop("CONTENT_LENGTH", None)
    return environ


@lru_cache(512)
def _variable(header: bytes) -> str:
    """The variable of a header, whose name is in lower case; empty if the header is dropped."""
    if b"_" in header:
        return ""
    return WITHOUT_PREFIX.get(header) or f"HTTP_{header.decode().upper().replace('-', '_')}"
