"""The welcome: a page for browsers, JSON for other clients."""

from __future__ import annotations

from flask import Response, jsonify, request

from app import __version__
from app.pages.rendering import page, pages
from app.schemas.welcome import Welcome
from app.web.operations import Success, operation
from app.web.state import state


@pages.get("/")
@operation(
    "welcome",
    Success(Welcome, "The welcome page for browsers, JSON for other clients."),
    needs_database=False,
    always_public=True,
)
def welcome() -> Response:
    """Get the version of the service, and links to its parts.

    Links to the books, the documentation and this document. A browser gets an HTML page instead.
    """
    if request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html":
        response = page("welcome.html")
    else:
        greeting = Welcome(
            message="Welcome to the Books API",
            version=__version__,
            registration=state().settings.registration,
            reading=state().settings.reading,
            links={"books": "/books", "docs": "/docs", "openapi": "/openapi.json", "errors": "/docs/errors"},
        )
        response = jsonify(greeting.model_dump())
    response.headers["Vary"] = "Accept"
    return response
