"""Many books in one request, and books that lack something."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from app.schemas.lists import NULLABLE
from tests.api.responses import faults, ids, pages
from tests.support.factories import isbn13

if TYPE_CHECKING:
    from tests.support.client import Client
    from tests.support.factories import Factory

WHOLE: dict[str, Any] = {
    "subtitle": "A Novel",
    "isbn": isbn13(1),
    "published": "1815-12",
    "language": "en",
    "publisher": "Penguin",
    "description": "",
    "pages": 1,
    "series": "Works",
    "series_position": 0,
    "cover_url": "https://covers.test/1",
    "call_number": "823",
    "location": "here",
}


class TestByIds:
    def test_are_found_up_to_the_limit(self, client: Client, member: Client, make: Factory) -> None:
        author_id = make.author(member)["id"]
        made = [make.book(member, author_id=author_id, isbn=isbn13(number))["id"] for number in range(5)]
        requested = [made[3], made[0], made[3], 10**12]
        reply = client.get(f"/books?{urlencode([('id', one) for one in requested])}&count=exact")
        assert (ids(reply.json()), reply.headers["X-Total-Count"]) == ([made[0], made[3]], "2")
        assert ids(client.get(f"/books?id={made[1]}&id={made[2]}&sort=-id").json()) == [made[2], made[1]]
        walk = pages(client, f"/books?limit=2&id={made[1]}&id={made[2]}&fields=id")
        assert [ids(page.json()) for page in walk] == [[made[1], made[2]]]

    def test_and_other_filters_must_all_match(self, client: Client, member: Client, make: Factory) -> None:
        first, second = make.book(member, language="en"), make.book(member, language="fr", isbn=isbn13(7))
        both = f"id={first['id']}&id={second['id']}"
        assert ids(client.get(f"/books?{both}&language=fr").json()) == [second["id"]]
        assert ids(client.get(f"/books?{both}&isbn={isbn13(7)}").json()) == [second["id"]]
        assert ids(client.get(f"/books?{both}&q={first['title'].split()[1]}").json()) == [first["id"]]

    @pytest.mark.parametrize("name", ["id", "isbn"])
    def test_are_no_more_than_the_limit(self, client: Client, name: str) -> None:
        values = [isbn13(number) if name == "isbn" else str(number + 1) for number in range(201)]
        expected = [(name, "may be repeated up to `limit` times")]
        for number, limit in ((51, "50"), (201, "200"), (3, "2")):
            query = urlencode([(name, value) for value in values[:number]])
            assert faults(client.get(f"/books?{query}&limit={limit}")) == expected
        assert client.get(f"/books?limit=200&{urlencode([(name, value) for value in values[:200]])}").json() == []

    @pytest.mark.parametrize("text", ["0", "-1", "1.0", "x", "9223372036854775808"])
    def test_are_ids(self, client: Client, text: str) -> None:
        assert client.get(f"/books?id=1&id={text}").status_code == 400


class TestByIsbns:
    def test_are_found_in_any_spelling(self, client: Client, member: Client, make: Factory) -> None:
        book = make.book(member, isbn="9780141439587")
        make.book(member, isbn=isbn13(2))
        assert ids(client.get("/books?isbn=0-14-143958-0&isbn=9780141439518").json()) == [book["id"]]

    def test_have_check_digits(self, client: Client) -> None:
        reply = client.get("/books?isbn=9780141439587&isbn=9780141439588")
        assert faults(reply) == [("isbn", "the check digit does not match")]


class TestMissing:
    def test_is_every_field_that_may_be_null(self, client: Client, member: Client, make: Factory) -> None:
        book = make.book(member, **WHOLE)
        assert {name for name in NULLABLE if book[name] is None} == set()
        other = make.book(member)
        for name in sorted(set(NULLABLE) - {"created_by", "updated_by"}):
            assert ids(client.get(f"/books?missing={name}").json()) == [other["id"]], name
        assert client.get("/books?missing=created_by").json() == []

    def test_may_be_several_and_goes_with_the_rest(self, client: Client, member: Client, make: Factory) -> None:
        make.book(member, **WHOLE)
        lacks = make.book(member, language="en")
        lacks_more = make.book(member, publisher="Penguin")
        assert ids(client.get("/books?missing=isbn&missing=language").json()) == [lacks_more["id"]]
        assert ids(client.get("/books?missing=isbn&language=en").json()) == [lacks["id"]]
        assert ids(client.get("/books?missing=series&sort=-id").json()) == [lacks_more["id"], lacks["id"]]
        assert ids(client.get("/books?missing=pages&q=book").json()) == [lacks["id"], lacks_more["id"]]

    @pytest.mark.parametrize("field", ["isbn", "language", "series", "published_year"])
    def test_is_walked(self, client: Client, member: Client, make: Factory, field: str) -> None:
        made = [make.book(member, **({} if number % 3 else WHOLE | {"isbn": isbn13(number)})) for number in range(8)]
        expected = [book["id"] for book in made if book[field] is None]
        for sort in ("", "&sort=-id"):
            walk = [ids(page.json()) for page in pages(client, f"/books?missing={field}&limit=2&count=exact{sort}")]
            assert [one for page in walk for one in page] == (expected[::-1] if sort else expected)

    @pytest.mark.parametrize("name", ["title", "genres", "x", "version"])
    def test_is_of_no_other_field(self, client: Client, name: str) -> None:
        [(parameter, detail)] = faults(client.get(f"/books?missing={name}"))
        assert parameter == "missing"
        assert detail.startswith("must be one of subtitle, isbn, ")
