"""What a route declares is what the service checks, and what the OpenAPI document says."""

from __future__ import annotations

from typing import Any

from app.errors import BookNotFound
from app.schemas.base import Body, Query, Reply
from app.web.operations import (
    Blueprint,
    Declaration,
    Success,
    create_application,
    current_document,
    declaration_of,
    operation,
    protect,
    undocumented,
)


class Word(Query):
    """A parameter."""

    word: str


class Text(Body):
    """A body that may be left out."""

    may_be_absent = True


class Echo(Reply):
    """A response."""

    word: str


echo = Success(Echo, "The word.")


class TestDeclaration:
    def test_is_read_back(self) -> None:
        view = operation("echo", echo, body=Text, query=Word)(lambda **_arguments: None)
        assert declaration_of(view) == Declaration(Text, Word, is_protected=False)
        protect(view, "any")
        assert declaration_of(view) == Declaration(Text, Word, is_protected=True)

    def test_of_a_bare_view_is_empty(self) -> None:
        assert declaration_of(lambda: None) == Declaration(None, None, is_protected=False, always_public=True)


class TestDocument:
    def test_has_the_operations_but_no_pages(self) -> None:
        words = document()["paths"]
        assert list(words) == ["/words"]
        assert words["/words"]["get"].keys() == {
            "operationId",
            "parameters",
            "responses",
            "security",
            "summary",
            "tags",
        }
        assert words["/words"]["get"]["security"] == [{"bearer": ["words:read"]}]
        assert {"200", "401", "404"} <= words["/words"]["get"]["responses"].keys()

    def test_says_which_bodies_are_optional(self) -> None:
        assert not document()["paths"]["/words"]["post"]["requestBody"]["required"]


class TestView:
    def test_gets_the_parameters(self) -> None:
        view = operation("echo", echo, query=Word)(lambda query: Echo(word=query.word))
        with create_application(__name__, "", "", "").test_request_context("/?word=Emma"):
            response, status = view()
        assert (response.get_json(), status) == ({"word": "Emma"}, 200)


def document() -> dict[str, Any]:
    """The document of a small service."""
    words = Blueprint("words", __name__)
    reading = operation("echo", echo, query=Word, errors=[BookNotFound])(lambda **_arguments: None)
    protect(reading, "any", ["words:read"])
    words.get("/words")(reading)
    words.post("/words", endpoint="add")(operation("add", echo, body=Text)(lambda **_arguments: None))
    words.get("/", endpoint="page")(undocumented(lambda: ""))
    app = create_application(__name__, "", "", "")
    app.register_blueprint(words)
    with app.app_context():
        return current_document()
