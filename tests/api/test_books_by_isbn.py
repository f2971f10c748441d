"""The book with an ISBN."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from devtools.databases import counted_queries
from tests.api.responses import refusal
from tests.support.factories import isbn13

if TYPE_CHECKING:
    from devtools.databases import DatabaseInside
    from tests.support.client import Client
    from tests.support.factories import Factory

WRONG_DIGIT = "The ISBN in the URL: the check digit does not match."
NO_ISBN = "The ISBN in the URL: is not an ISBN of 10 or 13 digits."


@pytest.fixture
def emma(member: Client, make: Factory) -> dict[str, Any]:
    """A book with an ISBN, and one with another."""
    make.book(member, isbn=isbn13(1))
    return make.book(member, isbn="9780141439587")


class TestGet:
    @pytest.mark.parametrize(
        "spelling",
        [
            "9780141439587",
            "978-0-14-143958-7",
            "978 0 14 143958 7",
            "0141439580",
            "0-14-143958-0",
            " 9780141439587",
            "ISBN 0-14-143958-0",
            "ISBN-13: 978-0-14-143958-7",
            "urn:isbn:9780141439587",
        ],
    )
    def test_in_any_spelling(self, member: Client, emma: dict[str, Any], spelling: str) -> None:
        assert member.get(f"/books/isbn/{quote(spelling)}").json() == emma
        assert member.get("/books", params={"q": spelling}).json() == [emma]
        for method in ("PUT", "PATCH"):
            same = member.request(method, f"/books/{emma['id']}", json={"isbn": spelling})
            assert (same.json()["isbn"], same.json()["version"]) == (emma["isbn"], 1)
        item = {"title": emma["title"], "author_id": emma["author_id"], "isbn": spelling}
        assert member.post("/books/batch", json={"books": [item]}).json()["results"][0]["status"] == 200
        assert member.post("/books", json=item).json()["code"] == "isbn_taken"

    @pytest.mark.parametrize("letter", ["X", "x"])
    def test_whose_check_digit_is_a_letter(self, client: Client, member: Client, make: Factory, letter: str) -> None:
        book = make.book(member, isbn="9780804429573")
        assert client.get(f"/books/isbn/080442957{letter}").json() == book

    @pytest.mark.usefixtures("emma")
    @pytest.mark.parametrize(
        ("text", "detail"),
        [
            ("9780141439588", WRONG_DIGIT),
            ("978-0-14-143958-8", WRONG_DIGIT),
            ("0141439581", WRONG_DIGIT),
            ("978014143958", NO_ISBN),
            ("1", NO_ISBN),
            ("Emma", NO_ISBN),
            ("%00", NO_ISBN),
            ("9" * 1000, NO_ISBN),
        ],
    )
    def test_what_is_none(self, client: Client, text: str, detail: str) -> None:
        reply = client.get(f"/books/isbn/{text}")
        assert (refusal(reply), reply.json()["detail"]) == ((400, "invalid_isbn"), detail)

    @pytest.mark.usefixtures("emma")
    def test_of_no_book(self, client: Client) -> None:
        assert refusal(client.get(f"/books/isbn/{isbn13(2)}")) == (404, "book_not_found")

    def test_takes_one_query(self, client: Client, emma: dict[str, Any], database: DatabaseInside) -> None:
        with counted_queries(database.engine) as statements:
            client.get(f"/books/isbn/{emma['isbn']}").raise_for_status()
        assert len(statements) == 1

    def test_has_the_tag_that_it_has_by_its_id(self, client: Client, emma: dict[str, Any]) -> None:
        by_isbn, by_id = client.get(f"/books/isbn/{emma['isbn']}"), client.get(f"/books/{emma['id']}")
        assert by_isbn.headers["ETag"] == by_id.headers["ETag"]
        again = client.get("/books/isbn/0-14-143958-0", headers={"If-None-Match": by_id.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
