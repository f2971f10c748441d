"""Lists of books that use all limits of their fields: a page has no more of them than fit, and a walk has all."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from app.queries.keyset import page_of
from app.queries.page_size import FIRST_READ, LARGEST_PAGE, LEFT_OUT, filled
from tests.api.responses import pages
from tests.support.change_feed import following

if TYPE_CHECKING:
    from tests.support.client import Client
    from tests.support.factories import Factory

LARGE = 110
TEXT = "x" * 9_900
PEOPLE = [{"name": f"{'Ёж Čapek ' * 27}{number}", "role": "aut"} for number in range(199)]
LISTS = [
    "/books?limit=200",
    "/books?limit=200&author_id={author}",
    "/authors/{author}/books?limit=200",
    "/books?limit=200&sort=-title",
    "/books?limit=200&sort=-updated_at",
    "/books?limit=200&genre=fiction&sort=title",
    "/books?limit=200&q=tale",
    "/books?limit=200&q=tale&sort=-id",
    "/books?limit=200&q=tale&genre=fiction",
    "/books?limit=200&q=tael",
    "/books?limit=200&genre=fiction&language=en",
    "/books?limit=200&fields=id",
]


@pytest.fixture
def catalogue(member: Client, make: Factory) -> tuple[int, list[int]]:
    """An author, and the ids of the author's books: large ones, with small ones before and after each."""
    author: int = make.author(member, name="Jane Austen")["id"]
    small = {"author_id": author, "genres": ["Fiction"], "language": "en"}
    books = [{"title": f"Tale {n}"} | small | ({"description": TEXT} if n % 2 else {}) for n in range(2 * LARGE)]
    found = []
    for start in range(0, len(books), 2 * LARGE // 3 + 1):
        some = {"books": books[start : start + 2 * LARGE // 3 + 1]}
        results = member.post("/books/batch", json=some).raise_for_status().json()["results"]
        found += [result["book"]["id"] for result in results]
    return author, found


def books_of(reply: Any) -> list[dict[str, Any]]:
    body = reply.json()
    books: list[dict[str, Any]] = body["books"] if isinstance(body, dict) else body
    return books


class TestPages:
    def test_have_what_fits_and_all_in_the_end(self, client: Client, catalogue: tuple[int, list[int]]) -> None:
        author, expected = catalogue
        for address in LISTS:
            walked = [books_of(page) for page in pages(client, address.format(author=author))]
            assert len(walked) > 1, address
            assert all(walked), address
            assert sorted(book["id"] for page in walked for book in page) == expected, address
            for page in walked:
                assert len(page) == 1 or len(json.dumps(page, ensure_ascii=False)) < 1.1 * LARGEST_PAGE, address

    def test_are_filled_as_far_as_documents_fit(self, client: Client, catalogue: tuple[int, list[int]]) -> None:
        sizes = [
            [len(json.dumps(book, ensure_ascii=False)) for book in books_of(page)]
            for page in pages(client, "/books?limit=200")
        ]
        for page, following_page in pairwise(sizes):
            assert sum(page) + following_page[0] > 0.9 * LARGEST_PAGE
        assert sum(map(len, sizes)) == len(catalogue[1])

    def test_are_what_their_limit_says_where_that_is_less(
        self, client: Client, catalogue: tuple[int, list[int]]
    ) -> None:
        found = [[book["id"] for book in books_of(page)] for page in pages(client, "/books?limit=70")]
        assert found == [catalogue[1][start : start + 70] for start in range(0, len(catalogue[1]), 70)]


class TestChanges:
    def test_are_all_in_the_feed(self, client: Client, catalogue: tuple[int, list[int]]) -> None:
        seen, reply = [], client.get("/changes?limit=200&kind=book")
        while reply.json():
            seen.append([change["record_id"] for change in reply.json()])
            assert len(reply.text) < 1.1 * LARGEST_PAGE
            reply = following(client, reply)
        assert len(seen) > 1
        assert [book_id for page in seen for book_id in page] == catalogue[1]

    def test_are_all_in_the_history(self, member: Client, make: Factory) -> None:
        author: int = make.author(member)["id"]
        people = [{"author_id": author, "role": "aut"}, *PEOPLE]
        book = make.book(member, author_id=author, contributors=people, description=TEXT)["id"]
        for number in range(1, 10):
            member.patch(f"/books/{book}", json={"pages": number}).raise_for_status()
        found = [page.json() for page in pages(member, f"/books/{book}/history?limit=200")]
        assert [change["version"] for page in found for change in page] == [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]
        assert len(found) > 1
        by_twos = [page.json() for page in pages(member, f"/books/{book}/history?limit=2")]
        assert [len(page) for page in by_twos] == [2] * 5
        assert [change for page in by_twos for change in page] == [change for page in found for change in page]


class TestFilling:
    def test_reads_no_more_than_twice_what_fits(self) -> None:
        asked: list[int] = []

        def read(places: list[int]) -> list[str | None]:
            asked.extend(places)
            return ["x" * (LARGEST_PAGE // 10)] * len(places)

        documents = filled([LEFT_OUT] * 100, read)
        assert [len(document or "") for document in documents] == [LARGEST_PAGE // 10] * 10 + [0] * 90
        assert asked == list(range(3 * FIRST_READ))

    def test_has_the_first_however_large_it_is(self) -> None:
        assert filled([LEFT_OUT, "next"], lambda _: ["x" * 2 * LARGEST_PAGE]) == ["x" * 2 * LARGEST_PAGE, LEFT_OUT]

    def test_passes_over_what_was_deleted_meanwhile(self) -> None:
        documents = filled([LEFT_OUT, "first", LEFT_OUT, "second"], lambda places: [None] * len(places))
        assert documents == [None, "first", None, "second"]
        page = page_of([(number, document) for number, document in enumerate(documents)], 3)
        assert (page.documents, page.after) == (["first"], [2])
