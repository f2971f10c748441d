"""Genres, languages, series and publishers, with how many books each has."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import pytest

from app.queries import facets
from tests.api.responses import faults, pages

if TYPE_CHECKING:
    from tests.support.client import Client
    from tests.support.factories import Factory

GENRES = [("Classics", 1), ("Émigrés", 1), ("fiction", 2), ("詩", 1)]
LANGUAGES = [("ar", 1), ("en", 2), ("en-US", 1)]
SERIES = [("Discworld", 1), ("Éléments", 2)]
PUBLISHERS = [("Faber", 1), ("Penguin Books", 2)]
EVERY = {"/genres": GENRES, "/languages": LANGUAGES, "/series": SERIES, "/publishers": PUBLISHERS}


@pytest.fixture
def shelf(member: Client, make: Factory) -> None:
    """Books in some of each; one book was deleted, with the only one of its genre and language."""
    gone = make.book(member, genres=["Poetry", "fiction"], language="fr", series="Gone", publisher="Gone")
    make.book(member, genres=["FICTION", "Classics"], language="en")
    make.book(member, genres=["Fiction", "詩"], language="eng", series="Éléments", publisher="Penguin Books")
    make.book(member, genres=["Émigrés"], language="en-US", series="elements", publisher="Pengüin books")
    make.book(member, language="ar", series="Discworld", publisher="Faber")
    make.book(member)
    member.delete(f"/books/{gone['id']}").raise_for_status()


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize(("path", "expected"), EVERY.items())
class TestList:
    def test_shows_names_with_numbers(self, client: Client, path: str, expected: list[tuple[str, int]]) -> None:
        assert client.get(path).json() == [{"name": name, "books": books} for name, books in expected]

    @pytest.mark.parametrize("limit", [1, 2, 200])
    def test_is_walked_like_every_list(
        self, client: Client, path: str, expected: list[tuple[str, int]], limit: int
    ) -> None:
        walk = list(pages(client, f"{path}?limit={limit}&count=exact"))
        assert [(facet["name"], facet["books"]) for page in walk for facet in page.json()] == expected
        assert {page.headers["X-Total-Count"] for page in walk} == {str(len(expected))}

    @pytest.mark.parametrize("query", ["sort", "fields", "Limit"])
    def test_knows_no_other_parameter(
        self, client: Client, path: str, expected: list[tuple[str, int]], query: str
    ) -> None:
        assert expected
        assert faults(client.get(f"{path}?{query}=x")) == [(query, "is not a known parameter")]


class TestNothing:
    @pytest.mark.parametrize("path", EVERY)
    def test_is_an_empty_list(self, client: Client, path: str) -> None:
        assert client.get(path).json() == []


@pytest.mark.usefixtures("shelf")
class TestBeginning:
    @pytest.mark.parametrize(
        ("address", "names"),
        [
            ("/genres?q=F", ["fiction"]),
            ("/genres?q=emi", ["Émigrés"]),
            ("/genres?q=%E8%A9%A9", ["詩"]),
            ("/genres?q=iction", []),
            ("/series?q=ele", ["Éléments"]),
            ("/series?q=ÉLÉMENTS", ["Éléments"]),
            ("/series?q=d", ["Discworld"]),
            ("/series?q=x", []),
            ("/publishers?q=pengu%C3%AFn%20b", ["Penguin Books"]),
            ("/publishers?q=%F0%9F%90%88", []),
            ("/publishers?q=!", []),
        ],
    )
    def test_finds_names(self, client: Client, address: str, names: list[str]) -> None:
        reply = client.get(f"{address}&count=exact")
        assert [facet["name"] for facet in reply.json()] == names
        assert reply.headers["X-Total-Count"] == str(len(names))

    def test_is_walked(self, client: Client, member: Client, make: Factory) -> None:
        for number in range(5):
            make.book(member, series=f"Elegies {number}", publisher=f"Press {number}")
        for address, names in (
            ("/series?q=ele", [*(f"Elegies {number}" for number in range(5)), "Éléments"]),
            ("/publishers?q=press", [f"Press {number}" for number in range(5)]),
        ):
            walk = list(pages(client, f"{address}&limit=2"))
            assert [facet["name"] for page in walk for facet in page.json()] == names

    def test_is_of_no_language(self, client: Client) -> None:
        assert faults(client.get("/languages?q=e")) == [("q", "is not a known parameter")]

    @pytest.mark.parametrize(("path", "name"), [("/series", "series"), ("/publishers", "publisher")])
    def test_each_name_is_a_filter(self, client: Client, path: str, name: str) -> None:
        for facet in client.get(path).json():
            found = client.get("/books", params={name: facet["name"], "count": "exact"})
            assert found.headers["X-Total-Count"] == str(facet["books"])


class TestManyBooks:
    BOOKS: ClassVar = [1, 3, 2, 7, 1, 1, 4, 9, 2, 1]
    """Of each name."""
    MOST = 8

    @pytest.fixture
    def _names(self, member: Client, make: Factory) -> None:
        author = make.author(member)["id"]
        books = [
            {"title": "Tale", "author_id": author, "genres": [f"G {n}"], "series": f"S {n}", "publisher": f"P {n}"}
            for n, number in enumerate(self.BOOKS)
            for _ in range(number)
        ]
        member.post("/books/batch", json={"books": books}).raise_for_status()

    @pytest.mark.usefixtures("_names")
    @pytest.mark.parametrize("limit", [1, 3, 200])
    @pytest.mark.parametrize("path", ["/genres", "/series", "/publishers"])
    def test_end_the_page(self, client: Client, monkeypatch: pytest.MonkeyPatch, path: str, limit: int) -> None:
        monkeypatch.setattr(facets, "MOST_OF_PAGE", self.MOST)
        monkeypatch.setattr(facets, "COUNTED_AT_ONCE", 2)
        walk = [[facet["books"] for facet in page.json()] for page in pages(client, f"{path}?limit={limit}")]
        assert [number for page in walk for number in page] == self.BOOKS
        assert all(len(page) == 1 or sum(page) <= self.MOST for page in walk)
        assert limit == 1 or walk[0] == self.BOOKS[:3]
