"""Sort titles: client-supplied or derived, and what follows when a title changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.api.responses import faults, pages

if TYPE_CHECKING:
    from tests.support.client import Client
    from tests.support.factories import Factory

GATSBY = {"title": "The Great Gatsby", "language": "en"}
FILED = "Great Gatsby, The"


class TestSortTitle:
    @pytest.mark.parametrize(
        ("given", "kept"), [({}, FILED), ({"sort_title": None}, FILED), ({"sort_title": " Gatsby "}, "Gatsby")]
    )
    def test_is_derived_unless_it_is_given(
        self, member: Client, make: Factory, given: dict[str, Any], kept: str
    ) -> None:
        assert make.book(member, **GATSBY, **given)["sort_title"] == kept
        item = {**GATSBY, **given, "author_id": make.author(member)["id"]}
        [result] = member.post("/books/batch", json={"books": [item]}).json()["results"]
        assert result["book"]["sort_title"] == kept

    @pytest.mark.parametrize(
        ("changes", "kept"),
        [
            ({"title": "The Last Tycoon"}, "Last Tycoon, The"),
            ({"title": "The Last Tycoon", "sort_title": FILED}, "Last Tycoon, The"),
            ({"language": None}, "The Great Gatsby"),
            ({"language": "fr"}, "The Great Gatsby"),
            ({"title": "The Last Tycoon", "sort_title": "Tycoon"}, "Tycoon"),
            ({"sort_title": "Gatsby"}, "Gatsby"),
            ({"sort_title": None, "pages": 3}, FILED),
            ({"pages": 3}, FILED),
        ],
    )
    def test_that_is_derived_follows_the_title(
        self, member: Client, make: Factory, changes: dict[str, Any], kept: str
    ) -> None:
        book = make.book(member, **GATSBY)
        assert member.patch(f"/books/{book['id']}", json=changes).json()["sort_title"] == kept
        last = member.get(f"/books/{book['id']}/history").json()[0]
        member.post(f"/changes/{last['id']}/undo").raise_for_status()
        undone = member.get(f"/books/{book['id']}").json()
        assert (undone["title"], undone["language"], undone["sort_title"]) == ("The Great Gatsby", "en", FILED)

    @pytest.mark.parametrize(
        ("changes", "kept"),
        [({"title": "The Last Tycoon"}, "Gatsby"), ({"language": "fr"}, "Gatsby"), ({"sort_title": None}, FILED)],
    )
    def test_that_was_given_stays(self, member: Client, make: Factory, changes: dict[str, Any], kept: str) -> None:
        book = make.book(member, **GATSBY, sort_title="Gatsby")
        assert member.put(f"/books/{book['id']}", json=changes).json()["sort_title"] == kept

    @pytest.mark.parametrize(
        ("sort_title", "detail"),
        [
            ("", "must not be empty"),
            ("x" * 501, "must have at most 500 characters"),
            ("a\0", "must not contain control characters or line breaks"),
            (1, "must be a string"),
        ],
    )
    def test_is_a_text(self, member: Client, make: Factory, sort_title: object, detail: str) -> None:
        reply = member.put(f"/books/{make.book(member)['id']}", json={"sort_title": sort_title})
        assert faults(reply) == [("/sort_title", detail)]


class TestSort:
    def test_by_title_leaves_articles_aside(self, client: Client, member: Client, make: Factory) -> None:
        books = [
            ("Emma", "en", None),
            ("The Dispossessed", "en", None),
            ("L'Écume des jours", "fr", None),
            ("Eclipse", "en", None),
            ("The Zoo", "en", "Aardvark"),
            ("Die Verwandlung", "de", None),
            ("Die Hard", "en", None),
        ]
        for title, language, sort_title in books:
            make.book(member, title=title, language=language, sort_title=sort_title)
        in_order = [books[place][0] for place in (4, 6, 1, 3, 2, 0, 5)]
        for sort, expected in (("title", in_order), ("-title", in_order[::-1])):
            walk = pages(client, f"/books?sort={sort}&limit=2")
            assert [book["title"] for page in walk for book in page.json()] == expected

    def test_follows_a_change(self, client: Client, member: Client, make: Factory) -> None:
        first, second = make.book(member, title="A"), make.book(member, title="B")
        member.patch(f"/books/{first['id']}", json={"sort_title": "C"}).raise_for_status()
        assert [book["id"] for book in client.get("/books?sort=title").json()] == [second["id"], first["id"]]
