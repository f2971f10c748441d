"""Swagger UI and the OpenAPI document."""

from __future__ import annotations

import json
from pathlib import Path

import flask_swagger_ui
from flask import Response, current_app, send_from_directory

from app.pages.rendering import page, pages
from app.web.media_types import JSON
from app.web.operations import current_document, undocumented

OPENAPI = "openapi.json"
"""The key in the application's extensions under which its document is cached."""
SWAGGER_UI = Path(flask_swagger_ui.__file__).parent / "dist"


@pages.get("/docs")
@undocumented
def swagger_ui() -> Response:
    """Swagger UI, from this service's own files."""
    return page("docs.html")


@pages.get("/openapi.json")
@undocumented
def openapi() -> Response:
    """The OpenAPI document. It is serialized once, since the routes do not change."""
    kept = current_app.extensions
    if OPENAPI not in kept:
        kept[OPENAPI] = json.dumps(current_document(), ensure_ascii=False, separators=(",", ":"))
    return Response(kept[OPENAPI], mimetype=JSON)


@pages.get("/docs/assets/<name>")
@undocumented
def asset(name: str) -> Response:
    """A file of Swagger UI."""
    return send_from_directory(SWAGGER_UI, name, max_age=86_400)


@pages.get("/favicon.ico")
@undocumented
def favicon() -> Response:
    """The icon that browsers request by themselves."""
    return send_from_directory(SWAGGER_UI, "favicon-32x32.png", max_age=86_400)
