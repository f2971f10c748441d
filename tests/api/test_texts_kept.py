"""Texts as they are kept: composed (NFC), trimmed, and otherwise as they came."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

import pytest

from app.models import Author, Book
from app.security.roles import WRITE
from tests.api.responses import faults, ids
from tests.support.factories import PASSWORD

if TYPE_CHECKING:
    from devtools.databases import DatabaseInside
    from tests.support.client import Client
    from tests.support.factories import Factory

COMPOSED = "Les Misérables Å 가"
DECOMPOSED = unicodedata.normalize("NFD", COMPOSED)
OF_BOOKS = ["title", "subtitle", "publisher", "description", "series"]
OF_AUTHORS = ["name", "sort_name", "bio", "country"]
ZWNJ = "\N{ZERO WIDTH NON-JOINER}"
TRIMMED = [
    ("\ufeffEmma", "Emma"),
    ("\u200b Emma \u2060", "Emma"),
    ("\u3000Emma\u0085", "Emma"),
    (f"می{ZWNJ}خواهم", f"می{ZWNJ}خواهم"),
    ("\N{WOMAN}\u200d\N{PERSONAL COMPUTER}", "\N{WOMAN}\u200d\N{PERSONAL COMPUTER}"),
    ("\u2764\ufe0f", "\u2764\ufe0f"),
    ("\u202bשלום\u202c", "\u202bשלום\u202c"),  # noqa: RUF001  (Hebrew)
    ("C++\u200e", "C++\u200e"),
    ("???", "???"),
]
"""What is sent, and what is kept: joiners within words, variations of emoji and closed embeddings are."""


class TestComposed:
    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
    def test_texts_of_a_book(self, member: Client, make: Factory, method: str) -> None:
        book = make.book(member)
        body = dict.fromkeys(OF_BOOKS, DECOMPOSED) | {"genres": [DECOMPOSED]}
        path, needed = (
            ("/books", {"author_id": book["author_id"]}) if method == "POST" else (f"/books/{book['id']}", {})
        )
        kept = member.request(method, path, json=body | needed).raise_for_status().json()
        assert [kept[name] for name in OF_BOOKS] == [COMPOSED] * len(OF_BOOKS)
        assert kept["genres"] == [COMPOSED]

    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
    def test_texts_of_an_author(self, member: Client, make: Factory, method: str) -> None:
        path = "/authors" if method == "POST" else f"/authors/{make.author(member)['id']}"
        kept = member.request(method, path, json=dict.fromkeys(OF_AUTHORS, DECOMPOSED)).raise_for_status().json()
        assert [kept[name] for name in OF_AUTHORS] == [COMPOSED] * len(OF_AUTHORS)

    def test_names_of_users_and_keys(self, client: Client, make: Factory) -> None:
        reply = client.post("/register", json={"username": DECOMPOSED, "password": PASSWORD})
        assert reply.json()["username"] == COMPOSED
        for spelling in (COMPOSED, DECOMPOSED):
            login = client.post("/auth/login", json={"username": spelling, "password": PASSWORD})
            user = client.as_bearer(login.raise_for_status().json()["access_token"])
        assert make.key(user, WRITE, name=DECOMPOSED)["name"] == COMPOSED

    def test_in_a_batch(self, member: Client, make: Factory) -> None:
        item = {"title": DECOMPOSED, "author_id": make.author(member)["id"], "genres": [DECOMPOSED, COMPOSED]}
        book = member.post("/books/batch", json={"books": [item]}).json()["results"][0]["book"]
        assert (book["title"], book["genres"]) == (COMPOSED, [COMPOSED])

    def test_is_found_in_either_form(self, member: Client, make: Factory) -> None:
        book = make.book(member, title=DECOMPOSED, genres=[DECOMPOSED], publisher=DECOMPOSED, series=DECOMPOSED)
        for text in (COMPOSED, DECOMPOSED):
            for name in ("q", "genre", "publisher", "series"):
                assert ids(member.get("/books", params={name: text}).json()) == [book["id"]], name

    def test_a_contributor_may_be_named_in_either_form(self, member: Client, make: Factory) -> None:
        author = make.author(member, name=COMPOSED)
        part = {"author_id": author["id"], "name": DECOMPOSED}
        assert make.book(member, contributors=[part])["contributors"][0]["name"] == COMPOSED


class TestKept:
    @pytest.mark.parametrize(("sent", "kept"), TRIMMED)
    def test_in_a_line(self, member: Client, make: Factory, sent: str, kept: str) -> None:
        book = make.book(member, title=sent, genres=[sent])
        assert (book["title"], book["genres"]) == (kept, [kept])
        assert make.author(member, name=sent)["name"] == kept

    def test_line_breaks_of_a_description(self, member: Client, make: Factory) -> None:
        assert make.book(member, description="\ufeffa\r\n\tb\rc\n")["description"] == "a\n\tb\nc\n"

    def test_a_text_of_the_longest_length(self, member: Client, make: Factory) -> None:
        """NFD of these letters has twice as many."""
        assert make.book(member, title="e\u0301" * 500)["title"] == "é" * 500
        reply = member.post("/books", json={"title": "e\u0301" * 501, "author_id": make.author(member)["id"]})
        assert faults(reply) == [("/title", "must have at most 500 characters")]


class TestOlderRecords:
    """Records from before these rules are read as they are, and change in their other fields."""

    @pytest.fixture
    def older(self, member: Client, make: Factory, database: DatabaseInside) -> dict[str, Any]:
        """A book with a title and an author with a name that would be refused today."""
        book = make.book(member)
        database.mark(Book, book["id"], title="a\nb\u202e")
        database.mark(Author, book["author_id"], name=DECOMPOSED)
        return book

    def test_change_in_other_fields(self, member: Client, older: dict[str, Any]) -> None:
        changed = member.patch(f"/books/{older['id']}", json={"pages": 7}).raise_for_status().json()
        assert (changed["pages"], changed["title"]) == (7, "a\nb\u202e")
        author = member.patch(f"/authors/{older['author_id']}", json={"country": "France"}).raise_for_status().json()
        assert author["name"] == DECOMPOSED
        named = {"contributors": [{"author_id": older["author_id"], "name": DECOMPOSED}]}
        assert member.put(f"/books/{older['id']}", json=named).status_code == 200
