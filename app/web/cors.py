"""CORS: the origins whose pages may call the service. Clients other than browsers are unaffected; no cookies."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flask_cors import CORS

if TYPE_CHECKING:
    from flask import Flask, Response

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
ALLOWED = [
    *("Authorization", "Content-Type", "Idempotency-Key", "X-Request-ID"),
    *("If-Match", "If-None-Match", "If-Unmodified-Since"),
]
EXPOSED = [
    *("Accept-Patch", "Allow", "ETag", "Idempotency-Replayed", "Link", "Location", "Retry-After", "X-Total-Count"),
    *("RateLimit", "RateLimit-Policy", "X-Request-ID"),
]
REMEMBERED = 3600
"""Seconds for which a browser may cache a preflight response; Chromium caps it at 7,200."""


def register_cors(app: Flask, origins: tuple[str, ...]) -> None:
    """Let pages of these origins call the application; `*` allows every origin."""
    everybody = origins == ("*",)
    CORS(
        app,
        # As escaped patterns: flask-cors would read the brackets of an IPv6 address as a pattern.
        origins="*" if everybody else [re.compile(re.escape(origin) + r"\Z") for origin in origins],
        methods=METHODS,
        allow_headers=ALLOWED,
        expose_headers=EXPOSED,
        max_age=REMEMBERED,
        send_wildcard=everybody,
        supports_credentials=False,
        always_send=everybody,
        vary_header=False,
        intercept_exceptions=False,
    )
    if not everybody:
        app.after_request(_vary)


def _vary(response: Response) -> Response:
    """Keep caches from serving one origin's response to another; flask-cors sets this only for allowed origins."""
    response.vary.add("Origin")
    return response
