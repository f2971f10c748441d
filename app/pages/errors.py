"""The error reference: every code, what it means, and what to do."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from app.pages.rendering import page, pages
from app.web.http_errors import every_error, status_of
from app.web.operations import undocumented

if TYPE_CHECKING:
    from flask import Response


@pages.get("/docs/errors")
@undocumented
def errors() -> Response:
    """Every code of a problem, what it means, and what to do."""
    known = [(status_of(error), HTTPStatus(status_of(error)).phrase, error) for error in every_error()]
    return page("errors.html", errors=sorted(known, key=lambda entry: (entry[0], entry[2].code)))
