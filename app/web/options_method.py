"""OPTIONS: the methods of a URL (RFC 9110, section 9.3.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.web.media_types import PATCHES

if TYPE_CHECKING:
    from flask import Flask, Response


def register_options(app: Flask) -> None:
    """Answer OPTIONS without content, and with `Accept-Patch` where PATCH is allowed (RFC 5789, section 3.1)."""
    with_allow = app.make_default_options_response

    def options() -> Response:
        response = with_allow()
        response.status_code = 204
        del response.headers["Content-Type"]
        if "PATCH" in response.allow:
            response.headers["Accept-Patch"] = PATCHES
        return response

    app.make_default_options_response = options  # type: ignore[method-assign]  # Flask calls it by this name
