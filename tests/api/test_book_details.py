"""What a book may say of itself besides title, author, ISBN, year and genres: what is taken, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.api.responses import faults, refusal

if TYPE_CHECKING:
    from tests.support.client import Client
    from tests.support.factories import Factory

NO_TAG = "is not a language tag (BCP 47), such as en, en-US or ar"
NO_ADDRESS = "must be an http or https address"
NO_LINE = "must not contain control characters or line breaks"
NO_DATE = "must be a date such as 1999, 1999-05, 1999-05-17 or -0044"
LONG_ADDRESS = f"https://covers.test/{'x' * 1980}"
ALL = {
    "subtitle": "A Novel",
    "language": "en",
    "publisher": "Penguin",
    "description": "Of a young woman\nwho makes matches.",
    "pages": 512,
    "series": "Works",
    "series_position": 4,
    "cover_url": "https://covers.test/emma.jpg",
    "published": "1815-12-23",
    "call_number": "823.7 AUS",
    "location": "Reading room, shelf 4",
}

KEPT = [
    ("subtitle", "  A Novel ", "A Novel"),
    ("subtitle", "é" * 500, "é" * 500),
    ("subtitle", None, None),
    ("language", "en", "en"),
    ("language", "eng", "en"),
    ("language", "ENG", "en"),
    ("language", "EN_us", "en-US"),
    ("language", "ger", "de"),
    ("language", "deu", "de"),
    ("language", "ar", "ar"),
    ("language", "zh-hant-tw", "zh-Hant-TW"),
    ("language", "grc", "grc"),
    ("language", " fr ", "fr"),
    ("language", None, None),
    ("publisher", " Penguin  Books ", "Penguin  Books"),
    ("publisher", "講" * 255, "講" * 255),
    ("publisher", None, None),
    ("description", "", ""),
    ("description", " kept\nas it is ", " kept\nas it is "),
    ("description", "🐈" * 10_000, "🐈" * 10_000),
    ("description", None, None),
    ("pages", 1, 1),
    ("pages", 100_000, 100_000),
    ("pages", None, None),
    ("series", " Discworld ", "Discworld"),
    ("series", "s" * 500, "s" * 500),
    ("series", None, None),
    ("series_position", 1, 1),
    ("series_position", 0, 0),
    ("series_position", 0.5, 0.5),
    ("series_position", 2.25, 2.25),
    ("series_position", -1, -1),
    ("series_position", None, None),
    ("cover_url", "http://covers.test/a b.jpg".replace(" ", "%20"), "http://covers.test/a%20b.jpg"),
    ("cover_url", "HTTPS://covers.test/Ä?size=1#top", "HTTPS://covers.test/Ä?size=1#top"),
    ("cover_url", LONG_ADDRESS, LONG_ADDRESS),
    ("cover_url", None, None),
    ("published", "1999", "1999"),
    ("published", "1999-05", "1999-05"),
    ("published", "2000-02-29", "2000-02-29"),
    ("published", "-0044-03-15", "-0044-03-15"),
    ("published", "0000", "0000"),
    ("published", None, None),
    ("call_number", " QA76.73 .P98 ", "QA76.73 .P98"),
    ("call_number", "é" * 255, "é" * 255),
    ("call_number", None, None),
    ("location", "2nd floor", "2nd floor"),
    ("location", None, None),
]
REFUSED = [
    ("subtitle", " ", "must not be empty"),
    ("subtitle", "x" * 501, "must have at most 500 characters"),
    ("subtitle", "a\0", NO_LINE),
    ("subtitle", 5, "must be a string"),
    ("language", "english", NO_TAG),
    ("language", "", NO_TAG),
    ("language", "xyz", NO_TAG),
    ("language", "en--US", NO_TAG),
    ("language", "en\0", NO_TAG),
    ("language", "e" * 61, NO_TAG),
    ("language", 5, "must be a string"),
    ("publisher", "", "must not be empty"),
    ("publisher", "x" * 256, "must have at most 255 characters"),
    ("publisher", "a\0", NO_LINE),
    ("description", "x" * 10_001, "must have at most 10000 characters"),
    ("description", "a\0", "must not contain control characters other than tabs and line breaks"),
    ("description", ["a"], "must be a string"),
    ("pages", 0, "must be at least 1"),
    ("pages", -5, "must be at least 1"),
    ("pages", 100_001, "must be at most 100000"),
    ("pages", 10**40, "must be at most 100000"),
    ("pages", "512", "must be an integer"),
    ("pages", True, "must be an integer"),
    ("pages", 1.5, "must be an integer"),
    ("series", " ", "must not be empty"),
    ("series", "x" * 501, "must have at most 500 characters"),
    ("series_position", "1", "must be a number"),
    ("series_position", True, "must be a number"),
    ("series_position", [1], "must be a number"),
    ("series_position", 10**40, "must be at most 1000000.0"),
    ("cover_url", "", NO_ADDRESS),
    ("cover_url", "covers.test/emma.jpg", NO_ADDRESS),
    ("cover_url", "ftp://covers.test/emma.jpg", NO_ADDRESS),
    ("cover_url", "javascript:alert(1)", NO_ADDRESS),
    ("cover_url", "data:image/png;base64,AAAA", NO_ADDRESS),
    ("cover_url", "https://", NO_ADDRESS),
    ("cover_url", "https://[covers", NO_ADDRESS),
    ("cover_url", "https://covers.test/a b", NO_ADDRESS),
    ("cover_url", "https://covers.test/\0", NO_ADDRESS),
    ("cover_url", f"{LONG_ADDRESS}x", "must have at most 2000 characters"),
    ("cover_url", 5, "must be a string"),
    *(("published", text, NO_DATE) for text in ("", "99", "May 1999", "1999-5", "1999-05-1", "1999-05-17T00:00:00Z")),
    *(
        ("published", text, NO_DATE)
        for text in ("1999/2000", "-0000", "199X", "1999-05-17 ", "\uff11\uff19\uff19\uff19", "1999\0")
    ),
    ("published", "1999-02-29", "is not a day or month of the calendar"),
    ("published", "1999-13", "is not a day or month of the calendar"),
    ("published", "1999-00-01", "is not a day or month of the calendar"),
    ("published", "-5001", "must be at least -5000"),
    ("published", 1999, "must be a string"),
    ("call_number", " ", "must not be empty"),
    ("call_number", "x" * 256, "must have at most 255 characters"),
    ("call_number", "a\0", NO_LINE),
    ("location", "a\nb", NO_LINE),
    ("location", 4, "must be a string"),
    ("name", "Emma", "is not a known field"),
]


class TestKept:
    @pytest.mark.parametrize(("field", "sent", "kept"), KEPT, ids=lambda value: str(value)[:20])
    def test_on_creation_and_on_a_change(
        self, member: Client, make: Factory, field: str, sent: object, kept: object
    ) -> None:
        created = make.book(member, **ALL | {field: sent})
        changed = member.put(f"/books/{make.book(member, **ALL)['id']}", json={field: sent}).raise_for_status().json()
        assert created[field] == changed[field] == kept
        shown = [client_sees[field] for client_sees in member.get("/books").json()]
        assert shown == [kept, kept]

    def test_all_of_it(self, client: Client, member: Client, make: Factory) -> None:
        book = make.book(member, **ALL)
        assert ALL.items() <= client.get(f"/books/{book['id']}").json().items()

    def test_none_of_it_is_needed(self, member: Client, make: Factory) -> None:
        book = make.book(member)
        assert {book[field] for field in ALL} == {None}


class TestRefused:
    """The set-up is that of the successes above."""

    @pytest.mark.parametrize(("field", "sent", "detail"), REFUSED, ids=lambda value: str(value)[:20])
    def test_on_creation_and_on_a_change(
        self, member: Client, make: Factory, field: str, sent: object, detail: str
    ) -> None:
        book = make.book(member, **ALL)
        body = {"title": "Emma", "author_id": book["author_id"], **ALL, field: sent}
        replies = [
            member.post("/books", json=body),
            member.put(f"/books/{book['id']}", json={field: sent}),
            member.patch(f"/books/{book['id']}", json={field: sent}),
        ]
        assert [refusal(reply) for reply in replies] == [(400, "invalid_request")] * 3
        assert [faults(reply) for reply in replies] == [[(f"/{field}", detail)]] * 3
        assert member.get("/books").json() == [book]


class TestDateOfPublication:
    @pytest.mark.parametrize(("date", "year"), [("1815-12-23", 1815), ("-0044", -44), ("0000-01", 0)])
    def test_sets_the_year(self, member: Client, make: Factory, date: str, year: int) -> None:
        book = make.book(member, published=date)
        assert (book["published"], book["published_year"]) == (date, year)
        changed = member.patch(f"/books/{make.book(member)['id']}", json={"published": date}).json()
        assert (changed["published"], changed["published_year"]) == (date, year)
        found = member.get("/books", params={"published_from": year, "published_to": year}).json()
        assert len(found) == 2

    @pytest.mark.parametrize(
        ("changes", "date", "year"),
        [
            ({"published_year": 1816}, None, 1816),
            ({"published_year": 1815}, "1815-12-23", 1815),
            ({"published_year": None}, None, None),
            ({"published": None}, None, 1815),
            ({"published": None, "published_year": None}, None, None),
            ({"published": "1816-01", "published_year": 1816}, "1816-01", 1816),
            ({"title": "Persuasion"}, "1815-12-23", 1815),
        ],
    )
    def test_and_the_year_agree_after_a_change(
        self, member: Client, make: Factory, changes: dict[str, object], date: str | None, year: int | None
    ) -> None:
        book = make.book(member, published="1815-12-23", isbn="9780141439587")
        item = {name: book[name] for name in ("id", "title", "author_id", "isbn")} | changes
        [in_batch] = member.post("/books/batch", json={"books": [item]}).json()["results"]
        assert (in_batch["book"]["published"], in_batch["book"]["published_year"]) == (date, year)
        for change in member.get(f"/books/{book['id']}/history").json()[:-1]:
            member.post(f"/changes/{change['id']}/undo").raise_for_status()
        undone = member.get(f"/books/{book['id']}").json()
        assert (undone["published"], undone["published_year"]) == ("1815-12-23", 1815)
        changed = member.patch(f"/books/{book['id']}", json=changes).json()
        assert (changed["published"], changed["published_year"]) == (date, year)

    @pytest.mark.parametrize("year", [1816, -1815])
    def test_must_be_in_a_year_that_is_given(self, member: Client, make: Factory, year: int) -> None:
        book = make.book(member)
        both = {"published": "1815-12", "published_year": year}
        replies = [
            member.post("/books", json={"title": "Emma", "author_id": book["author_id"], **both}),
            member.put(f"/books/{book['id']}", json=both),
        ]
        assert [faults(reply) for reply in replies] == [[("/published", "must be a date in published_year")]] * 2

    def test_cannot_be_later_than_next_year(self, member: Client, make: Factory) -> None:
        later = datetime.now(UTC).year + 2
        reply = member.put(f"/books/{make.book(member)['id']}", json={"published": str(later)})
        assert faults(reply) == [("/published", f"must be at most {later - 1}, next year")]

    def test_without_the_year_that_is_cleared(self, member: Client, make: Factory) -> None:
        reply = member.put(f"/books/{make.book(member)['id']}", json={"published": "1815", "published_year": None})
        assert faults(reply) == [("/published", "must be a date in published_year")]
