"""Identifiers and links of books."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from app.models import BookIdentifier
from tests.api.responses import faults, ids, refusal
from tests.support.factories import isbn13

if TYPE_CHECKING:
    from devtools.databases import DatabaseInside
    from tests.support.client import Client
    from tests.support.factories import Factory

OCLC = {"type": "oclc", "value": "297"}
ISSN = {"type": "issn", "value": "0317-8471"}
LINK = {"rel": "read", "href": "https://books.test/emma.epub", "type": "application/epub+zip", "title": "EPUB"}
RELATION = "must be a relation such as read, borrow, buy, sample or about, or an http or https address"


class TestIdentifiers:
    def test_are_kept_in_order_and_in_one_spelling(self, client: Client, member: Client, make: Factory) -> None:
        sent = [{"type": "issn", "value": " 03178471 "}, {"type": "oclc", "value": "ocm297"}, OCLC]
        book = make.book(member, identifiers=sent)
        assert book["identifiers"] == client.get(f"/books/{book['id']}").json()["identifiers"] == [ISSN, OCLC]

    @pytest.mark.parametrize("change", [[], None, [ISSN], [OCLC, ISSN]])
    def test_are_replaced_by_a_change_and_restored_by_undo(
        self, member: Client, make: Factory, change: list[Any] | None
    ) -> None:
        book = make.book(member, identifiers=[OCLC])
        changed = member.patch(f"/books/{book['id']}", json={"identifiers": change}).raise_for_status().json()
        assert changed["identifiers"] == (change or [])
        assert member.get("/books?identifier=issn:0317-8471").json() == ([] if not change else [member_of(changed)])
        last = member.get(f"/books/{book['id']}/history").json()[0]
        member.post(f"/changes/{last['id']}/undo").raise_for_status()
        assert ids(member.get("/books?identifier=oclc:297").json()) == [book["id"]]
        assert ids(member.get("/books?identifier=issn:0317-8471").json()) == []

    def test_leave_with_the_book_and_return_with_it(
        self, member: Client, make: Factory, database: DatabaseInside
    ) -> None:
        book = make.book(member, identifiers=[OCLC], links=[LINK])
        member.delete(f"/books/{book['id']}").raise_for_status()
        with database.reading() as connection:
            assert connection.scalar(select(func.count()).select_from(BookIdentifier)) == 0
        last = member.get(f"/books/{book['id']}/history").json()[0]
        member.post(f"/changes/{last['id']}/undo").raise_for_status()
        [found] = member.get("/books?identifier=oclc:297").json()
        assert (found["identifiers"], found["links"]) == ([OCLC], [LINK])

    def test_stay_when_a_contributor_is_renamed(self, member: Client, make: Factory) -> None:
        book = make.book(member, identifiers=[OCLC], links=[LINK])
        member.patch(f"/authors/{book['author_id']}", json={"name": "Another"}).raise_for_status()
        [found] = member.get("/books?identifier=oclc:297").json()
        assert (found["version"], found["identifiers"], found["links"]) == (2, [OCLC], [LINK])

    def test_in_a_batch(self, member: Client, make: Factory) -> None:
        author_id = make.author(member)["id"]
        item = {"title": "Emma", "author_id": author_id, "isbn": isbn13(1), "identifiers": [OCLC], "links": [LINK]}
        for status, identifiers in ((201, [OCLC]), (200, [OCLC]), (200, [ISSN])):
            body = {"books": [item | {"identifiers": identifiers}]}
            [result] = member.post("/books/batch", json=body).json()["results"]
            assert (result["status"], result["book"]["identifiers"]) == (status, identifiers)
        assert ids(member.get("/books?identifier=issn:0317-8471").json()) == [result["book"]["id"]]

    @pytest.mark.parametrize(
        ("identifier", "pointer", "detail"),
        [
            ({"type": "issn", "value": "0317-8472"}, "value", "the check digit does not match"),
            ({"type": "isbn", "value": "9780141439588"}, "value", "the check digit does not match"),
            ({"type": "olid", "value": "1"}, "value", "is not an Open Library ID such as OL7353617M"),
            ({"type": "other", "value": " "}, "value", "must not be empty"),
            ({"type": "other", "value": "x" * 256}, "value", "must have at most 255 characters"),
            ({"type": "other", "value": 1}, "value", "must be a string"),
            ({"type": "other"}, "value", "is required"),
            ({"value": "1"}, "type", "is required"),
            (OCLC | {"rank": 1}, "rank", "is not a known field"),
        ],
    )
    def test_are_checked(
        self, member: Client, make: Factory, identifier: dict[str, Any], pointer: str, detail: str
    ) -> None:
        book = make.book(member)
        replies = [
            member.post("/books", json={"title": "Emma", "author_id": book["author_id"], "identifiers": [identifier]}),
            member.put(f"/books/{book['id']}", json={"identifiers": [identifier]}),
        ]
        assert [faults(reply) for reply in replies] == [[(f"/identifiers/0/{pointer}", detail)]] * 2

    def test_are_of_a_known_type(self, member: Client, make: Factory) -> None:
        reply = member.put(f"/books/{make.book(member)['id']}", json={"identifiers": [{"type": "x", "value": "1"}]})
        [(pointer, detail)] = faults(reply)
        assert pointer == "/identifiers/0/type"
        assert detail.startswith("must be one of isbn, issn, ")

    def test_are_not_too_many(self, member: Client, make: Factory) -> None:
        many = [{"type": "other", "value": str(number)} for number in range(51)]
        book = make.book(member, identifiers=many[:50])
        assert len(book["identifiers"]) == 50
        assert refusal(member.put(f"/books/{book['id']}", json={"identifiers": many})) == (400, "invalid_request")


class TestFilter:
    @pytest.fixture
    def shelf(self, member: Client, make: Factory) -> list[int]:
        """Books of which two have a number of OCLC, and one an ISBN as its own and among the others as well."""
        first = {"type": "isbn", "value": isbn13(1)}
        fields: list[dict[str, Any]] = [
            {"identifiers": [OCLC, first], "isbn": isbn13(1)},
            {"identifiers": [ISSN, OCLC], "language": "en", "title": "A"},
            {"identifiers": [first], "title": "Zuleika"},
            {},
        ]
        return [make.book(member, **one)["id"] for one in fields]

    @pytest.mark.parametrize(
        ("query", "places"),
        [
            ("identifier=oclc:297", [0, 1]),
            ("identifier=oclc:(OCoLC)ocm00000297", [0, 1]),
            ("identifier=oclc:297&language=en", [1]),
            ("identifier=oclc:297&sort=-id", [1, 0]),
            ("identifier=oclc:298", []),
            ("identifier=issn:03178471", [1]),
            (f"identifier=isbn:{isbn13(1)}", [0, 2]),
            (f"identifier=isbn:{isbn13(1)}&sort=-title", [0, 2]),
            (f"identifier=isbn:{isbn13(1)}&sort=-id&limit=1", [2]),
            (f"identifier=isbn:{isbn13(1)}&q=zul", [2]),
        ],
    )
    def test_finds(self, client: Client, shelf: list[int], query: str, places: list[int]) -> None:
        reply = client.get(f"/books?{query}&count=exact")
        assert set(ids(reply.json())) == {shelf[place] for place in places}
        if "limit" not in query:
            assert reply.headers["X-Total-Count"] == str(len(places))

    @pytest.mark.parametrize("text", ["297", "oclc", "oclc:", "oclc:%20", "x:1", "issn:0317-8472", "wikidata:42"])
    def test_is_checked(self, client: Client, text: str) -> None:
        assert refusal(client.get(f"/books?identifier={text}")) == (400, "invalid_request")


class TestLinks:
    def test_are_kept_in_order(self, member: Client, make: Factory) -> None:
        others = {"rel": "http://opds-spec.org/acquisition/buy", "href": "http://shop.test/1"}
        book = make.book(member, links=[LINK, others])
        assert book["links"] == [LINK, others | {"type": None, "title": None}]
        cleared = member.patch(f"/books/{book['id']}", json={"links": None}).json()
        assert cleared["links"] == []

    @pytest.mark.parametrize(
        ("field", "value", "detail"),
        [
            ("rel", "", RELATION),
            ("rel", "Read me", RELATION),
            ("rel", "javascript:alert(1)", RELATION),
            ("rel", "a" * 256, "must have at most 255 characters"),
            ("href", "ftp://books.test/emma", "must be an http or https address"),
            ("href", "javascript:alert(1)", "must be an http or https address"),
            ("href", f"https://books.test/{'x' * 2000}", "must have at most 2000 characters"),
            ("type", "epub", "must be a media type such as application/epub+zip"),
            ("type", "text/html; charset=utf-8", "must be a media type such as application/epub+zip"),
            ("title", "a\0", "must not contain control characters or line breaks"),
        ],
    )
    def test_are_checked(self, member: Client, make: Factory, field: str, value: str, detail: str) -> None:
        reply = member.put(f"/books/{make.book(member)['id']}", json={"links": [LINK | {field: value}]})
        assert faults(reply) == [(f"/links/0/{field}", detail)]

    def test_are_not_too_many(self, member: Client, make: Factory) -> None:
        many = [LINK | {"href": f"https://books.test/{number}"} for number in range(21)]
        assert len(make.book(member, links=many[:20])["links"]) == 20
        reply = member.post("/books", json={"title": "Emma", "author_id": 1, "links": many})
        assert refusal(reply) == (400, "invalid_request")


def member_of(reply: dict[str, Any]) -> dict[str, Any]:
    """The record in a reply to a write."""
    return {name: value for name, value in reply.items() if name not in {"status", "message"}}
