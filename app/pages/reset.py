"""The form that sets a new password."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.pages.rendering import page, pages

if TYPE_CHECKING:
    from flask import Response


@pages.get("/reset")
@pages.doc(hide=True)
def reset() -> Response:
    """Where a user who was given a link sets a new password."""
    return page("reset.html")
