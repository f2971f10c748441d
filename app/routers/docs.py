"""The pages for persons: the welcome, Swagger UI, what each error means, and where a new password is set."""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, cast

import flask_swagger_ui
from apiflask import APIBlueprint
from flask import Response, current_app, jsonify, render_template, request, send_from_directory
from markupsafe import Markup, escape

from app import __version__
from app.schemas.welcome import Welcome
from app.web.headers import CSP
from app.web.media_types import JSON
from app.web.problems import every_error, status_of

if TYPE_CHECKING:
    from apiflask import APIFlask

docs = APIBlueprint(
    "docs",
    __name__,
    tag={"name": "Docs", "description": "Where to start."},
)

OPENAPI = "openapi.json"
"""Under which the application keeps its document."""
SWAGGER_UI = Path(flask_swagger_ui.__file__).parent / "dist"
PAGE = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@docs.get("/")
@docs.output(Welcome, description="The welcome; a page for a browser, JSON for everyone else.")
@docs.doc(operation_id="welcome", extensions={"x-needs-database": False})
def welcome() -> Response:
    """Welcome.

    Links to the books, the documentation and this document. A browser gets a page instead.
    """
    if request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html":
        response = _page("welcome.html")
    else:
        greeting = Welcome(
            message="Welcome to the Books API",
            version=__version__,
            links={"books": "/books", "docs": "/docs", "openapi": "/openapi.json", "errors": "/docs/errors"},
        )
        response = jsonify(greeting.model_dump())
    response.headers["Vary"] = "Accept"
    return response


@docs.get("/docs")
@docs.doc(hide=True)
def swagger_ui() -> Response:
    """Swagger UI, from this service's own files."""
    return _page("docs.html")


@docs.get("/openapi.json")
@docs.doc(hide=True)
def openapi() -> Response:
    """The OpenAPI document. It is written once: the routes stay as they are."""
    kept = current_app.extensions
    if OPENAPI not in kept:
        kept[OPENAPI] = json.dumps(cast("APIFlask", current_app).spec, ensure_ascii=False, separators=(",", ":"))
    return Response(kept[OPENAPI], mimetype=JSON)


@docs.get("/docs/assets/<name>")
@docs.doc(hide=True)
def asset(name: str) -> Response:
    """A file of Swagger UI."""
    return send_from_directory(SWAGGER_UI, name, max_age=86_400)


@docs.get("/favicon.ico")
@docs.doc(hide=True)
def favicon() -> Response:
    """The picture that a browser asks for by itself."""
    return send_from_directory(SWAGGER_UI, "favicon-32x32.png", max_age=86_400)


@docs.get("/docs/errors")
@docs.doc(hide=True)
def errors() -> Response:
    """Every code of a problem, what it means, and what to do."""
    known = [(status_of(error), HTTPStatus(status_of(error)).phrase, error) for error in every_error()]
    return _page("errors.html", errors=sorted(known, key=lambda entry: (entry[0], entry[2].code)))


@docs.get("/reset")
@docs.doc(hide=True)
def reset() -> Response:
    """Where a user who was given a link sets a new password."""
    return _page("reset.html")


def _code(text: str) -> Markup:
    """Text in which backticks mark what is code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704  (escaped)


def _page(template: str, **values: object) -> Response:
    response = Response(render_template(template, version=__version__, code=_code, **values), mimetype="text/html")
    response.headers[CSP] = PAGE
    return response
