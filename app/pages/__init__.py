"""Pages for people: the welcome page, Swagger UI, the list of errors, and forms to register and to set a password."""

from app.pages import errors, home, join, oidc, reset
from app.pages.api_docs import api_docs
from app.pages.rendering import pages

__all__ = ["api_docs", "errors", "home", "join", "oidc", "pages", "reset"]
