"""The query parameters of lists: which values are accepted, and which refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from devtools.databases import counted_queries
from tests.api.responses import faults, refusal

if TYPE_CHECKING:
    from devtools.databases import DatabaseInside
    from tests.support.client import Client
    from tests.support.factories import Factory

INTEGER = "must be an integer"
ONCE = "must be given once"
UNKNOWN = "is not a known parameter"

REFUSED = [
    ("limit=0", [("limit", "must be at least 1")]),
    ("limit=-1", [("limit", "must be at least 1")]),
    ("limit=201", [("limit", "must be at most 200")]),
    ("limit=", [("limit", "must not be empty")]),
    ("limit=all", [("limit", INTEGER)]),
    ("limit=1.5", [("limit", INTEGER)]),
    ("limit=NaN", [("limit", INTEGER)]),
    ("limit=%00", [("limit", INTEGER)]),
    (f"limit={'9' * 30}", [("limit", "must be at most 200")]),
    (f"limit={'9' * 5000}", [("limit", "must be an integer of at most 64 bits")]),
    ("limit=5&limit=5", [("limit", ONCE)]),
    ("count=exact&count=exact", [("count", ONCE)]),
    ("count=yes", [("count", "must be 'exact'")]),
    ("offset=10", [("offset", UNKNOWN)]),
    ("Limit=10", [("Limit", UNKNOWN)]),
    ("a=1&a=2", [("a", UNKNOWN)]),
    ("limit=0&count=no&offset=1", [("limit", "must be at least 1"), ("count", "must be 'exact'"), ("offset", UNKNOWN)]),
    ("limit=5&limit=6&count=no", [("count", "must be 'exact'"), ("limit", ONCE)]),
]
REFUSED_AUTHORS = [
    ("author_id=", [("author_id", "must not be empty")]),
    ("author_id=Austen", [("author_id", INTEGER)]),
    ("author_id=0", [("author_id", "must be at least 1")]),
    ("author_id=-1", [("author_id", "must be at least 1")]),
    (f"author_id={2**63}", [("author_id", f"must be at most {2**63 - 1}")]),
    ("author_id=1&author_id=2", [("author_id", ONCE)]),
]


@pytest.fixture(params=["/books", "/authors/{}/books"])
def address(request: pytest.FixtureRequest, member: Client, make: Factory) -> str:
    """A list with one book."""
    return str(request.param).format(make.book(member)["author_id"])


class TestParameters:
    @pytest.mark.parametrize("query", ["", "limit=1", "limit=200", "count=exact", "limit=1&count=exact"])
    def test_that_are_understood(self, client: Client, address: str, query: str) -> None:
        assert client.get(f"{address}?{query}").status_code == 200

    @pytest.mark.parametrize(("query", "wrong"), REFUSED)
    def test_that_are_refused(self, client: Client, address: str, query: str, wrong: list[tuple[str, str]]) -> None:
        reply = client.get(f"{address}?{query}")
        assert refusal(reply) == (400, "invalid_request")
        assert sorted(faults(reply)) == sorted(wrong)
        assert reply.json()["detail"].startswith("Invalid query: ")

    @pytest.mark.parametrize(("query", "wrong"), REFUSED_AUTHORS)
    def test_that_name_no_author(self, client: Client, query: str, wrong: list[tuple[str, str]]) -> None:
        assert faults(client.get(f"/books?{query}")) == wrong

    def test_an_author_is_no_filter_of_an_author(self, client: Client, member: Client, make: Factory) -> None:
        author = make.author(member)["id"]
        assert faults(client.get(f"/authors/{author}/books?author_id={author}")) == [("author_id", UNKNOWN)]


class TestCostly:
    def test_a_search_with_many_marks_in_a_row(self, client: Client, member: Client, make: Factory) -> None:
        """Sorting them takes time that grows with the square of their number: no text has as many."""
        make.book(member, title="École")
        reply = client.get("/books", params={"q": "E" + "\N{COMBINING ACUTE ACCENT}" * 2_000 + "cole"})
        assert [book["title"] for book in reply.raise_for_status().json()] == ["École"]

    def test_very_many_parameters(self, client: Client, address: str) -> None:
        reply = client.get(f"{address}?{'&'.join(f'p{number}=1' for number in range(501))}")
        assert refusal(reply) == (400, "invalid_request")
        assert reply.json()["detail"] == "The URL has 501 parameters; at most 500 are read."


class TestCount:
    def test_only_when_asked(self, client: Client, address: str) -> None:
        assert "X-Total-Count" not in client.get(address).headers

    def test_counts_the_whole_list(self, client: Client, member: Client, make: Factory) -> None:
        author = make.author(member)["id"]
        make.book(member)
        for _ in range(3):
            make.book(member, author_id=author)
        addresses = ["/books?", f"/books?author_id={author}&", f"/authors/{author}/books?"]
        replies = [client.get(f"{address}limit=1&count=exact") for address in addresses]
        assert [reply.headers["X-Total-Count"] for reply in replies] == ["4", "3", "3"]

    def test_takes_one_query_more(
        self, client: Client, member: Client, make: Factory, database: DatabaseInside
    ) -> None:
        make.book(member)
        with counted_queries(database.engine) as statements:
            client.get("/books?count=exact").raise_for_status()
        assert len(statements) == 2
