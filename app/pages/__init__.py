"""Pages for people: the welcome page, Swagger UI, the list of errors, and the form that sets a new password."""

from app.pages import api_docs, errors, home, reset
from app.pages.rendering import pages

__all__ = ["api_docs", "errors", "home", "pages", "reset"]
