"""Pages for people: the welcome page, Swagger UI, the list of errors, the form for a new password, sign-in."""

from app.pages import api_docs, errors, home, oidc, reset
from app.pages.rendering import pages

__all__ = ["api_docs", "errors", "home", "oidc", "pages", "reset"]
