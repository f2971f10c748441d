"""Lists of books that are filtered and sorted: their counts, and the number of their queries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.queries import filtered_lists, keyset
from app.queries.filtered_lists import Turn
from devtools.databases import counted_queries

if TYPE_CHECKING:
    from devtools.databases import DatabaseInside
    from tests.support.client import Client


class TestCount:
    @pytest.mark.parametrize(
        ("query", "total"),
        [
            ("", "18"),
            ("sort=title", "18"),
            ("genre=Even", "9"),
            ("language=en", "10"),
            ("genre=Even&language=en", "5"),
            ("author_id=1&role=trl", "12"),
        ],
    )
    @pytest.mark.usefixtures("varied_books")
    def test_is_exact_below_the_ceiling(self, client: Client, query: str, total: str) -> None:
        assert client.get(f"/books?{query}&count=exact&limit=1").headers["X-Total-Count"] == total

    @pytest.mark.parametrize(
        ("address", "total"),
        [
            ("/books?", "5+"),
            ("/books?sort=-title", "5+"),
            ("/books?genre=Even", "5+"),
            ("/books?genre=Third&publisher=Press", "2+"),
            ("/books?published_from=1905&language=fr", "2"),
            ("/authors/1/books?", "5+"),
            ("/authors?", "2"),
            ("/genres?", "2"),
        ],
    )
    @pytest.mark.usefixtures("varied_books")
    def test_says_where_it_stopped(
        self, client: Client, address: str, total: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(keyset, "MOST_COUNTED", 5)
        monkeypatch.setattr(filtered_lists, "SMALL", 0)
        monkeypatch.setattr(filtered_lists, "MOST_LOOK_UPS", 4)
        monkeypatch.setattr(filtered_lists, "LEAST_CHECKED", 4)
        assert client.get(f"{address}&count=exact&limit=1").headers["X-Total-Count"] == total


class TestQueries:
    @pytest.mark.parametrize(
        ("query", "number"),
        [
            ("", 1),
            ("sort=-title", 1),
            ("author_id=1", 1),
            ("role=trl&sort=-id", 1),
            ("publisher=Press", 1),
            ("identifier=oclc:7", 1),
            ("id=1&id=2", 1),
            ("isbn=9780141439587&sort=-id", 1),
            ("missing=language", 1),
            ("missing=isbn&limit=2", 1),
            ("created_by=1", 1),
            ("published_from=1905&published_to=1910&sort=published_year", 1),
            ("updated_since=2000-01-01T00:00:00Z&sort=-updated_at", 1),
            ("publisher=Press&sort=title", 1),
            ("publisher=Press&series=Saga", 1),
            ("genre=Even", 2),
            ("genre=Even&genre=Third&publisher=Press", 2),
            ("language=en&sort=title", 2),
            ("language=en&count=exact", 3),
            ("publisher=Press&series=Saga&count=exact", 3),
        ],
    )
    @pytest.mark.usefixtures("varied_books")
    def test_are_few(self, client: Client, query: str, number: int, database: DatabaseInside) -> None:
        """Genres and languages are looked up first; two filters are measured before they are counted."""
        client.has_twin = False
        with counted_queries(database.engine) as statements:
            client.get(f"/books?{query}").raise_for_status()
        assert len(statements) == number, statements

    @pytest.mark.usefixtures("varied_books")
    def test_are_more_where_a_walk_is_too_long(
        self, client: Client, database: DatabaseInside, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A walk, a look at how much the filters find, and a collection."""
        monkeypatch.setattr(filtered_lists, "TURNS", (Turn(2, 20),))
        with counted_queries(database.engine) as statements:
            client.get("/books?publisher=Press&sort=title").raise_for_status()
        assert len(statements) == 3
