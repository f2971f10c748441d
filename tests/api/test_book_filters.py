"""Filters of the list of books, alone and all together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.api.responses import faults, pages, refusal
from tests.support.factories import isbn13

if TYPE_CHECKING:
    from tests.support.client import Client
    from tests.support.factories import Factory

INTEGER = "must be an integer"
TIME = "must be a time with an offset, such as 2026-11-22T10:00:00Z"
ONCE = "must be given once"
NO_ROLE = "is not a MARC relator code, such as aut, trl, edt or ill"
NO_TAG = "is not a language tag (BCP 47), such as en, en-US or ar"


@pytest.fixture
def author_ids(member: Client, make: Factory) -> dict[str, int]:
    """The ids of two authors by their names."""
    return {name: make.author(member, name=name)["id"] for name in ("Homer", "Wilson")}


@pytest.fixture
def shelf(member: Client, make: Factory, author_ids: dict[str, int]) -> dict[str, int]:
    """Books that differ, by title; beside the ids of authors and users for filters."""
    homer, wilson = author_ids["Homer"], author_ids["Wilson"]
    translated = [{"author_id": homer}, {"author_id": wilson, "role": "trl"}]
    other = make.user()
    make.book(
        member, title="Iliad", author_id=homer, published_year=-750, language="grc", genres=["Epic", "War"], series="S"
    )
    make.book(
        member,
        title="Odyssey",
        contributors=translated,
        published_year=2017,
        language="en-US",
        publisher="W. W. Norton",
        genres=["Epic"],
        isbn=isbn13(1),
    )
    make.book(other, title="Essays", author_id=wilson, published_year=1999, language="en", genres=["war", "Essays"])
    make.book(other, title="Enigma", author_id=wilson, series="The  Series", publisher="NORTON", language="eng")
    return author_ids | {"member": member.get("/auth/me").json()["id"], "other": other.get("/auth/me").json()["id"]}


def titles(client: Client, query: str) -> list[str]:
    """The titles of a list."""
    return [book["title"] for book in client.get(f"/books?{query}").raise_for_status().json()]


class TestFilter:
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("author_id={Homer}", ["Iliad", "Odyssey"]),
            ("author_id={Wilson}", ["Odyssey", "Essays", "Enigma"]),
            ("role=trl", ["Odyssey"]),
            ("role=aut", ["Iliad", "Odyssey", "Essays", "Enigma"]),
            ("role=ill", []),
            ("author_id={Wilson}&role=trl", ["Odyssey"]),
            ("author_id={Homer}&role=trl", []),
            ("genre=Epic", ["Iliad", "Odyssey"]),
            ("genre=WAR", ["Iliad", "Essays"]),
            ("genre=epic&genre=war", ["Iliad"]),
            ("genre=epic&genre=epic", ["Iliad", "Odyssey"]),
            ("genre=Poetry", []),
            ("genre=%C3%A8PIC&genre=w%C3%A1r", ["Iliad"]),
            ("language=en", ["Odyssey", "Essays", "Enigma"]),
            ("language=eng", ["Odyssey", "Essays", "Enigma"]),
            ("language=EN_us", ["Odyssey"]),
            ("language=grc", ["Iliad"]),
            ("language=e", None),
            ("publisher=norton", ["Enigma"]),
            ("publisher=W. W.  NORTON", ["Odyssey"]),
            ("publisher=n%C3%B6rton!", ["Enigma"]),
            ("publisher=w.w.norton", ["Odyssey"]),
            ("publisher=nor", []),
            ("series=the series", ["Enigma"]),
            ("series=%C2%ABTh%C3%A9%20S%C3%A9ries%C2%BB", ["Enigma"]),
            ("series=s", ["Iliad"]),
            ("published_from=-750", ["Iliad", "Odyssey", "Essays"]),
            ("published_from=-749", ["Odyssey", "Essays"]),
            ("published_to=-750", ["Iliad"]),
            ("published_from=-800&published_to=1999", ["Iliad", "Essays"]),
            ("published_from=2000&published_to=1999", []),
            ("created_by={member}", ["Iliad", "Odyssey"]),
            ("created_by={other}", ["Essays", "Enigma"]),
            ("updated_since=2000-01-01T00:00:00Z", ["Iliad", "Odyssey", "Essays", "Enigma"]),
            ("updated_since=2999-01-01T00:00:00Z", []),
            ("q=wilson&role=trl", ["Odyssey"]),
            ("q=epic&published_to=0", ["Iliad"]),
            (f"q={isbn13(1)}", ["Odyssey"]),
            (f"q={isbn13(1)}&language=grc", []),
            ("genre=epic&language=en&author_id={Homer}&role=aut&published_from=2000", ["Odyssey"]),
            ("q=w&genre=Epic&sort=-title", ["Odyssey", "Iliad"]),
        ],
    )
    def test_finds(self, client: Client, shelf: dict[str, int], query: str, found: list[str] | None) -> None:
        address = f"/books?{query.format(**shelf)}"
        assert [book["title"] for book in client.get(address).json() if found is not None] == (found or [])
        assert client.get(address).status_code == (400 if found is None else 200)

    @pytest.mark.parametrize("query", ["genre=epic", "language=en&sort=-title", "role=aut&q=o", "series=S"])
    def test_is_kept_from_page_to_page_and_counted(self, client: Client, shelf: dict[str, int], query: str) -> None:
        assert shelf
        walk = list(pages(client, f"/books?{query}&limit=1&count=exact"))
        assert [book["title"] for page in walk for book in page.json()] == titles(client, query)
        assert {page.headers["X-Total-Count"] for page in walk} == {str(len(walk))}


class TestFold:
    """Filters take the letters for one that a search does."""

    @pytest.fixture
    def french(self, member: Client, make: Factory) -> None:
        """Books whose genres are two to the service, and one to a reader."""
        make.book(member, title="One", genres=["Poésie"], publisher="Éditions de Minuit", series="Cœur & Âme")
        make.book(member, title="Two", genres=["poesie", "War"], publisher="EDITIONS DE MINUIT", series="coeur & ame")
        make.book(member, title="Both", genres=["Poésie", "poesie"], publisher="Minuit")

    @pytest.mark.usefixtures("french")
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("genre=poesie", ["One", "Two", "Both"]),
            ("genre=POÉSIE&genre=poesie", ["One", "Two", "Both"]),
            ("genre=poesie&genre=war", ["Two"]),
            ("genre=poesie&sort=-title", ["Two", "One", "Both"]),
            ("genre=poésie&q=war", ["Two"]),
            ("publisher=editions de minuit", ["One", "Two"]),
            ("publisher=Éditions de Minuit&genre=poésie", ["One", "Two"]),
            ("series=cœur %26 âme", ["One", "Two"]),
            ("q=coeur ame", ["One", "Two"]),
        ],
    )
    @pytest.mark.parametrize("limit", [1, 50])
    def test_finds_each_book_once(self, client: Client, query: str, found: list[str], limit: int) -> None:
        walk = list(pages(client, f"/books?{query}&limit={limit}&count=exact"))
        assert sorted(book["title"] for page in walk for book in page.json()) == sorted(found)
        assert {page.headers["X-Total-Count"] for page in walk} == {str(len(found))}


class TestUpdatedSince:
    @pytest.fixture
    def books(self, member: Client, make: Factory) -> list[dict[str, Any]]:
        """Two, one after the other."""
        return [make.book(member, title="Older"), make.book(member, title="Newer")]

    @pytest.mark.parametrize("offset", ["Z", "z", "+00:00", "%2B00:00", "-00:00"])
    def test_is_a_time_and_all_after_it(self, client: Client, books: list[dict[str, Any]], offset: str) -> None:
        since = books[1]["updated_at"].removesuffix("Z") + offset
        assert titles(client, f"updated_since={since}") == ["Newer"]

    def test_in_another_zone(self, client: Client, books: list[dict[str, Any]]) -> None:
        assert books
        assert titles(client, "updated_since=2999-01-01T05:00:00%2B05:00") == []
        assert titles(client, "updated_since=2020-01-01T05:00:00-05:00") == ["Older", "Newer"]

    def test_finds_what_was_changed(self, client: Client, member: Client, books: list[dict[str, Any]]) -> None:
        changed = member.put(f"/books/{books[0]['id']}", json={"pages": 1}).raise_for_status().json()
        assert titles(client, f"updated_since={changed['updated_at']}") == ["Older"]


class TestRefused:
    @pytest.mark.parametrize(
        ("query", "where", "detail"),
        [
            ("role=xxx", "role", NO_ROLE),
            ("role=", "role", "must not be empty"),
            ("language=english", "language", NO_TAG),
            ("published_from=1815.5", "published_from", INTEGER),
            ("published_from=-5001", "published_from", "must be at least -5000"),
            ("published_to=", "published_to", "must not be empty"),
            ("published_to=10000", "published_to", "must be at most 9999"),
            ("created_by=alice", "created_by", INTEGER),
            ("created_by=0", "created_by", "must be at least 1"),
            ("updated_since=2026-01-01", "updated_since", TIME),
            ("updated_since=2026-01-01T00:00:00", "updated_since", TIME),
            ("updated_since=1750000000", "updated_since", TIME),
            ("updated_since=", "updated_since", "must not be empty"),
            ("updated_since=0001-01-01T00:00:00%2B05:00", "updated_since", TIME),
            (f"genre={'x' * 201}", "genre", "must have at most 200 characters"),
            ("&".join(["genre=x"] * 21), "genre", "must have at most 20 entries"),
            ("publisher=a&publisher=b", "publisher", ONCE),
            ("series=a&series=b", "series", ONCE),
            ("q=a&q=b", "q", ONCE),
            ("language=en&language=de", "language", ONCE),
            (f"q={'x' * 10_001}", "q", "must have at most 5000 characters"),
            ("sort=name", "sort", None),
            ("sort=", "sort", None),
            ("sort=title,id", "sort", None),
            ("sort=title&sort=id", "sort", ONCE),
            ("Genre=x", "Genre", "is not a known parameter"),
            ("ean=9780141439587", "ean", "is not a known parameter"),
        ],
        ids=lambda value: str(value)[:40],
    )
    def test_by_name(self, client: Client, query: str, where: str, detail: str | None) -> None:
        reply = client.get(f"/books?{query}")
        assert refusal(reply) == (400, "invalid_request")
        ((parameter, detail_of_fault),) = faults(reply)
        assert (parameter, detail_of_fault) == (where, detail or detail_of_fault)

    def test_all_at_once(self, client: Client) -> None:
        reply = client.get("/books?role=x&language=english&published_from=a&created_by=0&sort=x&fields=x&page=2")
        assert {where for where, _ in faults(reply)} == {
            "role",
            "language",
            "published_from",
            "created_by",
            "sort",
            "fields",
            "page",
        }
