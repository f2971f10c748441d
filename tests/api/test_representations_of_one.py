"""A single book in several formats, by `Accept` or by the end of its address."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from app.transfer.formats import FORMATS, Format
from app.web import representations
from app.web.representations import wants_json
from tests.api.responses import refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from werkzeug.test import TestResponse

    from tests.support.client import Client
    from tests.support.factories import Factory

CARD = "application/x-card"


def card(document: str) -> bytes:
    """A format that no document promises, so that these tests are of no particular one."""
    book = json.loads(document)
    return f"{book['title']} / {book['contributors'][0]['name']}".encode()


@pytest.fixture(autouse=True)
def _cards(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    form = Format("card", "Card", "crd", CARD, write=card, before=b"<", after=b">")
    monkeypatch.setitem(FORMATS, "card", form)
    representations.negotiated.cache_clear()
    yield
    representations.negotiated.cache_clear()


@pytest.fixture
def book(make: Factory, member: Client) -> dict[str, Any]:
    """A book."""
    author = make.author(member, name="Jane Austen")
    return make.book(member, title="Emma", author_id=author["id"])


def read(app: Flask, book: dict[str, Any], accept: str | None = None, end: str = "", **headers: str) -> TestResponse:
    """The answer to a client that the contract does not check."""
    sent = headers if accept is None else headers | {"Accept": accept}
    return app.test_client().get(f"/books/{book['id']}{end}", headers=sent)


class TestAccept:
    @pytest.mark.parametrize(
        "accept",
        [
            None,
            "",
            "*/*",
            "application/json",
            "application/json; charset=utf-8",
            "application/*",
            "*",
            "nonsense",
            ";q=1",
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            f"{CARD};q=0.5, application/json",
            "application/json, " + "x/y, " * 100,
        ],
    )
    def test_of_json_gets_the_document(self, client: Client, book: dict[str, Any], accept: str | None) -> None:
        headers = {} if accept is None else {"Accept": accept}
        answer = client.get(f"/books/{book['id']}", headers=headers)
        assert answer.json() == {name: value for name, value in book.items() if name not in {"status", "message"}}
        assert answer.headers["Vary"] == "Accept, Accept-Encoding"
        assert wants_json(accept)

    @pytest.mark.parametrize("accept", [CARD, f"{CARD}, */*;q=0.1", f"application/json;q=0.5, {CARD}; level=1"])
    def test_of_another_format_gets_that(self, app: Flask, book: dict[str, Any], accept: str) -> None:
        answer = read(app, book, accept)
        assert (answer.text, answer.content_type) == ("<Emma / Jane Austen>", CARD)
        assert answer.headers["Vary"] == "Accept"
        assert not wants_json(accept)

    @pytest.mark.parametrize(
        "accept", ["text/html", "application/pdf", "*, image/png", "application/json;q=0", "image/*"]
    )
    def test_of_nothing_that_there_is_is_a_406(self, client: Client, book: dict[str, Any], accept: str) -> None:
        for method in ("GET", "HEAD"):
            answer = client.request(method, f"/books/{book['id']}", headers={"Accept": accept})
            assert answer.status_code == 406
        answer = client.get(f"/books/{book['id']}", headers={"Accept": accept})
        assert refusal(answer) == (406, "not_acceptable")
        assert (
            answer.json()["detail"]
            == f"`Accept` must name one of application/json, {', '.join(representations.formats_of_one())}."
        )

    def test_is_heeded_of_one_book_only(self, client: Client, book: dict[str, Any]) -> None:
        for path in ("/books", f"/authors/{book['author_id']}", "/export"):
            assert client.get(path, headers={"Accept": "application/pdf"}).status_code == 200


class TestTag:
    def test_is_strong_and_of_the_representation(self, app: Flask, book: dict[str, Any]) -> None:
        tags = [read(app, book, accept).headers["ETag"] for accept in ("application/json", CARD)]
        assert len(set(tags)) == 2
        assert all(tag.startswith('"1-') for tag in tags)
        answers = [read(app, book, CARD, **{"If-None-Match": tag}) for tag in tags]
        assert [answer.status_code for answer in answers] == [200, 304]
        assert answers[1].headers["Vary"] == "Accept"

    def test_changes_with_the_book(self, app: Flask, book: dict[str, Any], member: Client) -> None:
        before = read(app, book, CARD).headers["ETag"]
        member.patch(f"/books/{book['id']}", json={"pages": 5})
        assert read(app, book, CARD).headers["ETag"] != before


class TestAddress:
    @pytest.mark.parametrize("end", [".crd", ".card"])
    def test_ends_in_the_extension_or_the_name(self, app: Flask, book: dict[str, Any], end: str) -> None:
        answer = read(app, book, "application/pdf", end)
        assert (answer.text, answer.content_type) == ("<Emma / Jane Austen>", CARD)
        assert "Vary" not in answer.headers
        assert app.test_client().head(f"/books/{book['id']}{end}").status_code == 200

    def test_of_json_is_the_document(
        self, client: Client, book: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(FORMATS, "other", Format("other", "Other", "json", "application/x-other", write=card))
        same = [client.get(f"/books/{book['id']}{end}") for end in ("", ".json")]
        assert same[0].json() == same[1].json()
        assert same[0].headers["ETag"] == same[1].headers["ETag"]

    @pytest.mark.parametrize("end", [".pdf", ".csv", ".jsonl", ".CRD", ".", ".json.gz"])
    def test_of_nothing_else_is_a_404(self, client: Client, book: dict[str, Any], end: str) -> None:
        assert refusal(client.get(f"/books/{book['id']}{end}")) == (404, "not_found")

    def test_of_no_book_is_a_404(self, client: Client) -> None:
        assert refusal(client.get("/books/999.json")) == (404, "book_not_found")
