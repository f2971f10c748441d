"""Genres and languages, with how many books each has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.api.responses import faults, pages

if TYPE_CHECKING:
    from tests.support.client import Client
    from tests.support.factories import Factory

GENRES = [("Classics", 1), ("Émigrés", 1), ("fiction", 2), ("詩", 1)]
LANGUAGES = [("ar", 1), ("en", 2), ("en-US", 1)]


@pytest.fixture
def shelf(member: Client, make: Factory) -> None:
    """Books in some of each; one book was deleted, with the only one of its genre and language."""
    gone = make.book(member, genres=["Poetry", "fiction"], language="fr")
    make.book(member, genres=["FICTION", "Classics"], language="en")
    make.book(member, genres=["Fiction", "詩"], language="eng")
    make.book(member, genres=["Émigrés"], language="en-US")
    make.book(member, language="ar")
    make.book(member)
    member.delete(f"/books/{gone['id']}").raise_for_status()


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize(("path", "expected"), [("/genres", GENRES), ("/languages", LANGUAGES)])
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

    @pytest.mark.parametrize("query", ["q", "sort", "fields", "Limit"])
    def test_knows_no_other_parameter(
        self, client: Client, path: str, expected: list[tuple[str, int]], query: str
    ) -> None:
        assert expected
        assert faults(client.get(f"{path}?{query}=x")) == [(query, "is not a known parameter")]


class TestNothing:
    @pytest.mark.parametrize("path", ["/genres", "/languages"])
    def test_is_an_empty_list(self, client: Client, path: str) -> None:
        assert client.get(path).json() == []
