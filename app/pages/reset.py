"""The form that sets a new password."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.pages.rendering import page, pages

if TYPE_CHECKING:
    from flask import Response


@pages.get("/reset")
@pages.doc(hide=True)
def reset() -> Response:
    """The page behind a password-reset link."""
    return page("reset.html")
