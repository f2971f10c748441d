"""The form with which a person registers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.pages.rendering import page, pages
from app.web.operations import undocumented
from app.web.state import state

if TYPE_CHECKING:
    from flask import Response


@pages.get("/join")
@undocumented
def join() -> Response:
    """The page behind the link of an invitation; without one it serves where registration is open."""
    return page("join.html", registration=state().settings.registration)
