"""The blueprint of all pages, and how a page is rendered."""

from __future__ import annotations

import re
from pathlib import Path

import flask_swagger_ui
from flask import Response, render_template
from markupsafe import Markup, escape

from app import __version__
from app.web.operations import Blueprint
from app.web.security_headers import CSP

pages = Blueprint(
    "pages",
    __name__,
    tag={"name": "Docs", "description": "The entry point of the service."},
)

SWAGGER_UI = Path(flask_swagger_ui.__file__).parent / "dist"

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The Content-Security-Policy of every page."""


def page(template: str, **values: object) -> Response:
    """A page, rendered from a template, with its Content-Security-Policy."""
    response = Response(render_template(template, version=__version__, code=_code, **values), mimetype="text/html")
    response.headers[CSP] = POLICY
    return response


def _code(text: str) -> Markup:
    """Escape the text, and mark up the parts in backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704  (escaped)
