"""Compression: who gets it, what is never compressed, and what becomes of the tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from app.security.roles import READ
from tests.api.responses import refusal

if TYPE_CHECKING:
    from tests.support.client import Client
    from tests.support.factories import Factory

IDENTITY, GZIP = {"Accept-Encoding": "identity"}, {"Accept-Encoding": "gzip"}
LONG = "A long description. " * 200


@pytest.fixture
def long_book(member: Client, make: Factory) -> dict[str, Any]:
    """A book of more than a kilobyte."""
    return make.book(member, description=LONG)


class TestAcceptEncoding:
    @pytest.mark.parametrize(
        "accepted",
        [
            *("gzip", "GZIP", "x-gzip", "*", "gzip;q=0.001", "br, gzip;q=0.5, deflate", "gzip, deflate, br, zstd"),
            *("identity;q=0, *", "*;q=0, gzip", "gzip;q=0.5, identity;q=0.5", "br;q=1, *;q=0.1"),
        ],
    )
    def test_with_gzip_in_it(self, client: Client, long_book: dict[str, Any], accepted: str) -> None:
        reply = client.get(f"/books/{long_book['id']}", headers={"Accept-Encoding": accepted})
        assert reply.headers["Content-Encoding"] == "gzip"
        assert reply.json() == long_book

    @pytest.mark.parametrize(
        "accepted",
        [
            *("", "identity", "br", "gzip;q=0", "gzip;q=0.000", "*;q=0", "gzip;q=0, *", "gzip;q=0, *;q=1", "gzipped"),
            *(
                "identity, gzip;q=0.5",
                "identity;q=0.9, *;q=0.1",
                "identity;q=0",
                ";q=1",
                "gzip;q=x",
                "gzip;q=-1",
                "," * 3000,
            ),
        ],
    )
    def test_without_it(self, client: Client, long_book: dict[str, Any], accepted: str) -> None:
        reply = client.get(f"/books/{long_book['id']}", headers={"Accept-Encoding": accepted})
        assert "Content-Encoding" not in reply.headers
        assert reply.json() == long_book

    def test_that_refuses_all_else_holds_for_short_bodies_too(self, client: Client) -> None:
        short = [client.get("/books", headers={"Accept-Encoding": each}) for each in ("gzip", "gzip, identity;q=0")]
        assert [reply.headers.get("Content-Encoding") for reply in short] == [None, "gzip"]
        assert [reply.json() for reply in short] == [[], []]


class TestTags:
    def test_of_the_codings_differ(self, client: Client, long_book: dict[str, Any]) -> None:
        path = f"/books/{long_book['id']}"
        plain, packed = (client.get(path, headers=each).headers["ETag"] for each in (IDENTITY, GZIP))
        assert plain != packed
        statuses = {
            (tag, accepted["Accept-Encoding"]): client.get(path, headers=accepted | {"If-None-Match": tag}).status_code
            for tag in (plain, packed, '"1"')
            for accepted in (IDENTITY, GZIP)
        }
        assert {pair for pair, status in statuses.items() if status == 200} == {(plain, "gzip"), (packed, "identity")}

    @pytest.mark.parametrize("accepted", [IDENTITY, GZIP])
    @pytest.mark.parametrize("read", [IDENTITY, GZIP])
    def test_of_each_coding_lead_to_a_write(
        self, member: Client, long_book: dict[str, Any], read: dict[str, str], accepted: dict[str, str]
    ) -> None:
        path = f"/books/{long_book['id']}"
        condition = {"If-Match": member.get(path, headers=read).headers["ETag"]}
        changed = member.patch(path, json={"title": "New"}, headers=accepted | condition)
        assert changed.headers["ETag"] == member.get(path, headers=accepted).headers["ETag"]
        stale = member.patch(path, json={"title": "Newer"}, headers=condition)
        assert refusal(stale) == (412, "version_mismatch")


class TestLists:
    def test_are_sent_again_when_an_entry_changed(self, member: Client, make: Factory) -> None:
        book = make.book(member)
        seen = {"If-None-Match": member.get("/books").headers["ETag"]}
        assert member.get("/books", headers=seen).status_code == 304
        member.patch(f"/books/{book['id']}", json={"title": "New"}).raise_for_status()
        assert [entry["title"] for entry in member.get("/books", headers=seen).json()] == ["New"]

    @pytest.mark.parametrize("address", ["/books?limit=1", "/books?limit=1&fields=title&count=exact"])
    def test_are_sent_again_when_only_their_headers_changed(self, member: Client, make: Factory, address: str) -> None:
        make.book(member)
        first = member.get(address)
        make.book(member)
        again = member.get(address, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.content) == (200, first.content)
        assert set(again.links) == {"first", "next"}

    def test_have_tags_of_their_own(self, member: Client, make: Factory) -> None:
        make.book(member)
        addresses = ["/books", "/books?limit=1", "/books?fields=id", "/books?count=exact", "/authors", "/genres"]
        tags = [member.get(address).headers["ETag"] for address in addresses]
        assert len(set(tags)) == len(tags)

    def test_of_many_books_are_compressed(self, member: Client, make: Factory) -> None:
        author = make.author(member)
        books = [{"title": f"Book {number}", "author_id": author["id"]} for number in range(20)]
        plain, packed = (member.post("/books/batch", json={"books": books}, headers=each) for each in (IDENTITY, GZIP))
        assert [reply.headers.get("Content-Encoding") for reply in (plain, packed)] == [None, "gzip"]
        plain, packed = (member.get("/books", headers=each) for each in (IDENTITY, GZIP))
        assert packed.json() == plain.json()
        assert packed.num_bytes_downloaded * 5 < plain.num_bytes_downloaded
        assert packed.content == member.get("/books", headers=GZIP).content


class TestPersonal:
    def test_lists_are_never_compressed(self, member: Client, make: Factory) -> None:
        for _ in range(10):
            make.key(member, READ)
        reply = member.get("/auth/keys", headers=GZIP)
        assert len(reply.content) > 1000
        assert (reply.headers.get("Content-Encoding"), reply.headers["Cache-Control"]) == (None, "no-store")
        again = member.get("/auth/keys", headers=GZIP | {"If-None-Match": reply.headers["ETag"]})
        assert (again.status_code, again.headers["Cache-Control"]) == (304, "no-store")

    def test_problems_are_not_kept_but_compressed(self, member: Client) -> None:
        books = [{"title": ""}] * 50
        reply = member.post("/books/batch?atomic=true", json={"books": books}, headers=GZIP)
        assert refusal(reply) == (400, "invalid_request")
        assert (reply.headers["Content-Encoding"], reply.headers["Cache-Control"]) == ("gzip", "no-store")
