"""The form that sets a new password."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.pages.rendering import page, pages
from app.web.operations import undocumented

if TYPE_CHECKING:
    from flask import Response


@pages.get("/reset")
@undocumented
def reset() -> Response:
    """The page behind a password-reset link."""
    return page("reset.html")
