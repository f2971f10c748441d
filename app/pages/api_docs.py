"""Swagger UI and the OpenAPI document: pages that the operator may turn off."""

from __future__ import annotations

import json

from flask import Response, current_app, send_from_directory

from app.pages.rendering import SWAGGER_UI, page
from app.web.media_types import JSON
from app.web.operations import Blueprint, current_document, undocumented

api_docs = Blueprint("api_docs", __name__, enable_openapi=False)

OPENAPI = "openapi.json"
"""The key in the application's extensions under which its document is cached."""


@api_docs.get("/docs")
@undocumented
def swagger_ui() -> Response:
    """Swagger UI, from this service's own files."""
    return page("docs.html")


@api_docs.get("/openapi.json")
@undocumented
def openapi() -> Response:
    """The OpenAPI document. It is serialized once, since the routes do not change."""
    kept = current_app.extensions
    if OPENAPI not in kept:
        kept[OPENAPI] = json.dumps(current_document(), ensure_ascii=False, separators=(",", ":"))
    return Response(kept[OPENAPI], mimetype=JSON)


@api_docs.get("/docs/assets/<name>")
@undocumented
def asset(name: str) -> Response:
    """A file of Swagger UI."""
    return send_from_directory(SWAGGER_UI, name, max_age=86_400)
