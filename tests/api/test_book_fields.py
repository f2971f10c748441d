"""The fields of a book: what is taken, how it is kept, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.api.responses import faults, refusal

if TYPE_CHECKING:
    from tests.support.client import Client
    from tests.support.factories import Factory

EMMA = {"title": "Emma", "isbn": "978-0-14-143958-7", "published_year": 1815, "genres": ["Fiction", "Classics"]}
NEXT_YEAR = datetime.now(UTC).year + 1
TOO_LATE = f"must be at most {NEXT_YEAR}, next year"
NO_ISBN = "is not an ISBN of 10 or 13 digits"
SECRET = "echo-me-not"  # noqa: S105

KEPT = [
    ("title", "  Emma \n", "Emma"),
    ("title", "é" * 500, "é" * 500),
    ("title", f" {'x' * 500} ", "x" * 500),
    ("title", "吾輩は猫である 🐈", "吾輩は猫である 🐈"),
    ("title", '<script>alert("1")</script>', '<script>alert("1")</script>'),
    ("isbn", "9780141439587", "9780141439587"),
    ("isbn", "978 0 14 143958 7", "9780141439587"),
    ("isbn", "0141439580", "9780141439587"),
    ("isbn", "0-8044-2957-X", "9780804429573"),
    ("isbn", "080442957x", "9780804429573"),
    ("isbn", "979-10-90636-07-1", "9791090636071"),
    ("published_year", -5000, -5000),
    ("published_year", 0, 0),
    ("published_year", NEXT_YEAR, NEXT_YEAR),
    ("genres", [], []),
    ("genres", ["  Science   Fiction "], ["Science   Fiction"]),
    ("genres", ["Fiction", "Classics", "FICTION", " fiction "], ["Fiction", "Classics"]),
    ("genres", ["Classics", "Fiction", "ﬁction", "CLASSICS"], ["Classics", "Fiction"]),
    ("genres", ["Straße", "STRASSE"], ["Straße"]),
    ("genres", [f"Genre {number}" for number in range(100)], [f"Genre {number}" for number in range(100)]),
    ("genres", ["g" * 100], ["g" * 100]),
]
REFUSED = [
    ("title", "", "must not be empty"),
    ("title", " \t\n", "must not be empty"),
    ("title", "x" * 501, "must have at most 500 characters"),
    ("title", "a\0b", "must not contain control characters or line breaks"),
    ("title", None, "must be a string"),
    ("title", 5, "must be a string"),
    ("title", [SECRET], "must be a string"),
    ("author_id", "1", "must be an integer"),
    ("author_id", True, "must be an integer"),
    ("author_id", 1.5, "must be an integer"),
    ("author_id", 0, "must be at least 1"),
    ("author_id", -1, "must be at least 1"),
    ("author_id", 2**63, f"must be at most {2**63 - 1}"),
    ("author_id", 10**40, f"must be at most {2**63 - 1}"),
    ("isbn", "978-0-14-143958-8", "the check digit does not match"),
    ("isbn", "0-14-143958-1", "the check digit does not match"),
    ("isbn", "", NO_ISBN),
    ("isbn", "97801414395", NO_ISBN),
    ("isbn", "9770141439588", NO_ISBN),
    ("isbn", "9780141439587\0", NO_ISBN),
    ("isbn", SECRET, NO_ISBN),
    ("isbn", "9" * 1000, NO_ISBN),
    ("isbn", 9780141439587, "must be a string"),
    ("published_year", -5001, "must be at least -5000"),
    ("published_year", NEXT_YEAR + 1, TOO_LATE),
    ("published_year", 10**40, TOO_LATE),
    ("published_year", -(10**40), "must be at least -5000"),
    ("published_year", "1815", "must be an integer"),
    ("published_year", True, "must be an integer"),
    ("published_year", 1815.5, "must be an integer"),
    ("genres", SECRET, "must be a list"),
    ("genres", {"Fiction": 1}, "must be a list"),
    ("genres", [f"Genre {number}" for number in range(101)], "must have at most 100 entries"),
    (SECRET, 1, "is not a known field"),
]
REFUSED_GENRES = [
    ("", "must not be empty"),
    ("   ", "must not be empty"),
    ("x" * 101, "must have at most 100 characters"),
    ("a\0", "must not contain control characters or line breaks"),
    (None, "must be a string"),
    (5, "must be a string"),
]


class TestKept:
    @pytest.mark.parametrize(("field", "sent", "kept"), KEPT)
    def test_on_creation_and_on_a_change(
        self, member: Client, make: Factory, field: str, sent: object, kept: object
    ) -> None:
        changing = make.book(member)
        created = make.book(member, author_id=changing["author_id"], **{field: sent})
        assert member.get(f"/books/{created['id']}").json()[field] == created[field] == kept
        member.delete(f"/books/{created['id']}").raise_for_status()
        changed = member.put(f"/books/{changing['id']}", json={field: sent}).raise_for_status().json()
        assert member.get(f"/books/{changing['id']}").json()[field] == changed[field] == kept

    def test_a_genre_keeps_its_first_spelling(self, member: Client, make: Factory) -> None:
        make.book(member, genres=["Science Fiction"])
        assert make.book(member, genres=["SCIENCE  fiction", "New"])["genres"] == ["Science Fiction", "New"]


class TestRefused:
    """The set-up is that of the successes above: a refusal is for the one field that differs."""

    @pytest.mark.parametrize(("field", "sent", "detail"), REFUSED)
    def test_on_creation_and_on_a_change(
        self, member: Client, make: Factory, field: str, sent: object, detail: str
    ) -> None:
        book = make.book(member)
        body = EMMA | {"author_id": book["author_id"], field: sent}
        replies = [member.post("/books", json=body), member.put(f"/books/{book['id']}", json={field: sent})]
        assert [refusal(reply) for reply in replies] == [(400, "invalid_request")] * 2
        assert [faults(reply) for reply in replies] == [[(f"/{field}", detail)]] * 2
        assert replies[0].json()["detail"] == f"Invalid request body: {field}: {detail}"

    @pytest.mark.parametrize(("sent", "detail"), REFUSED_GENRES)
    def test_among_the_genres(self, member: Client, make: Factory, sent: object, detail: str) -> None:
        author = make.author(member)
        reply = member.post("/books", json=EMMA | {"author_id": author["id"], "genres": ["Fiction", sent]})
        assert faults(reply) == [("/genres/1", detail)]
        assert reply.json()["detail"] == f"Invalid request body: genres[1]: {detail}"

    @pytest.mark.parametrize(
        ("field", "detail"), [("title", "is required"), ("author_id", "is required, unless there are contributors")]
    )
    def test_without_what_is_needed(self, member: Client, make: Factory, field: str, detail: str) -> None:
        whole = EMMA | {"author_id": make.author(member)["id"]}
        reply = member.post("/books", json={name: value for name, value in whole.items() if name != field})
        assert faults(reply) == [(f"/{field}", detail)]

    def test_a_change_of_nothing(self, member: Client, make: Factory) -> None:
        reply = member.put(f"/books/{make.book(member)['id']}", json={})
        assert faults(reply) == [("", "must have at least one field")]
        assert reply.json()["detail"] == "Invalid request body: must have at least one field"

    @pytest.mark.parametrize(
        "field", ["version", "created_by", "updated_by", "created_at", "updated_at", "status", "message"]
    )
    def test_a_creation_with_what_the_service_gives(self, member: Client, make: Factory, field: str) -> None:
        reply = member.post("/books", json=EMMA | {"author_id": make.author(member)["id"], field: None})
        assert faults(reply) == [(f"/{field}", "is not a known field")]

    @pytest.mark.parametrize("body", [[], [EMMA], "Emma", 1, True], ids=str)
    def test_what_is_no_object(self, member: Client, body: object) -> None:
        assert faults(member.post("/books", json=body)) == [("", "must be a JSON object")]


class TestManyFaults:
    def test_all_are_told_at_once(self, member: Client) -> None:
        body = {"title": " ", "isbn": "0-14-143958-1", "published_year": "1815", "genres": ["", 5], "a/b~c": 1}
        assert faults(member.post("/books", json=body)) == [
            ("/title", "must not be empty"),
            ("/author_id", "is required, unless there are contributors"),
            ("/isbn", "the check digit does not match"),
            ("/published_year", "must be an integer"),
            ("/genres/0", "must not be empty"),
            ("/genres/1", "must be a string"),
            ("/a~1b~0c", "is not a known field"),
        ]

    def test_a_flood_is_cut_off_and_counted(self, member: Client) -> None:
        reply = member.post("/books", json={f"field{number}": SECRET for number in range(500)})
        assert len(faults(reply)) == 100
        assert reply.json()["detail"].endswith("; and 402 more")

    def test_the_values_never_come_back(self, member: Client) -> None:
        fields = ["id", "title", "author_id", "isbn", "published_year", "genres", "other"]
        reply = member.post("/books", json={field: {SECRET: [SECRET]} for field in fields})
        assert len(faults(reply)) == len(fields)
        assert SECRET not in reply.text
