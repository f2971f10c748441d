"""The welcome: a page for browsers, JSON for other clients."""

from __future__ import annotations

from flask import Response, jsonify, request, send_from_directory

from app import __version__
from app.pages.rendering import SWAGGER_UI, page, pages
from app.schemas.welcome import Welcome
from app.web.operations import Success, operation, undocumented
from app.web.state import state

LINKS = {"books": "/books", "errors": "/docs/errors"}
LINKS_TO_DOCS = {"docs": "/docs", "openapi": "/openapi.json"}


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
    settings = state().settings
    if request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html":
        response = page("welcome.html", settings=settings)
    else:
        greeting = Welcome(
            message="Welcome to the Books API",
            version=__version__,
            registration=settings.registration,
            reading=settings.reading,
            writing=settings.writing,
            links=LINKS | (LINKS_TO_DOCS if settings.docs_enabled else {}),
        )
        response = jsonify(greeting.model_dump())
    response.headers["Vary"] = "Accept"
    return response


@pages.get("/favicon.ico")
@undocumented
def favicon() -> Response:
    """The icon that browsers request by themselves."""
    return send_from_directory(SWAGGER_UI, "favicon-32x32.png", max_age=86_400)
