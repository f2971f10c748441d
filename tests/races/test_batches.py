"""Many batches at once: they wait for each other, and nothing is there twice."""

from __future__ import annotations

from collections import Counter
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from tests.races.concurrency import SIZE, ConcurrentClients, tally
from tests.races.test_uniqueness import genres_of
from tests.support.factories import Factory, isbn13

if TYPE_CHECKING:
    import httpx

    from tests.support.client import Client
    from tests.support.serving import Served

pytestmark = pytest.mark.slow

BOOKS = 20
OFTEN = 10
"""Each time another is the first."""

_numbers = count(710_000_000, 1000)


@pytest.fixture
def author_id(clients: ConcurrentClients) -> int:
    author_id: int = Factory(clients.member).author(clients.member)["id"]
    return author_id


def results_of(answers: list[httpx.Response]) -> list[dict[str, Any]]:
    """What became of all items of all batches."""
    assert tally(answers) == {207: SIZE}
    return [result for answer in answers for result in answer.json()["results"]]


def books_of(member: Client, author_id: int) -> list[dict[str, Any]]:
    """All books of an author."""
    answer = member.get("/books", params={"author_id": author_id, "limit": 200, "count": "exact"})
    books: list[dict[str, Any]] = answer.json()
    assert answer.headers["X-Total-Count"] == str(len(books))
    return books


class TestSameBooks:
    def test_are_created_once_and_updated_by_all_others(
        self, clients: ConcurrentClients, served: Served, author_id: int
    ) -> None:
        """Every batch has the same ISBNs, genres and words, in another order."""
        first = next(_numbers)

        def batch(number: int) -> list[dict[str, Any]]:
            books = [
                {
                    "title": f"Quizzaciously {place} unprecedentable",
                    "author_id": author_id,
                    "isbn": isbn13(first + place),
                    "genres": [f"{first} Batched {place % 3}", f"{first} BATCHED {(place + 1) % 3}"],
                    "pages": number + 1,
                }
                for place in range(BOOKS)
            ]
            return (books[number:] + books[:number])[:: -1 if number % 2 else 1]

        answers = clients.at_once(lambda client, number: client.post("/books/batch", json={"books": batch(number)}))
        assert Counter(result["status"] for result in results_of(answers)) == {201: BOOKS, 200: BOOKS * (SIZE - 1)}
        books = books_of(clients.member, author_id)
        assert sorted(book["isbn"] for book in books) == [isbn13(first + place) for place in range(BOOKS)]
        assert {book["version"] for book in books} == {SIZE}
        assert len({book["pages"] for book in books}) == 1, "a batch is seen whole or not at all"
        genres = genres_of(served)
        assert sum(genres[f"{first} batched {place}"] for place in range(3)) == 2 * BOOKS
        found = clients.member.get("/books", params={"q": "quizzaciously unprecedentabel", "author_id": author_id})
        assert len(found.json()) == BOOKS

    def test_are_created_once_beside_single_creations(self, clients: ConcurrentClients, author_id: int) -> None:
        first = next(_numbers)
        books = [
            {"title": f"Both {place}", "author_id": author_id, "isbn": isbn13(first + place), "genres": ["Both ways"]}
            for place in range(BOOKS)
        ]

        def send(client: Client, number: int) -> httpx.Response:
            if number % 2:
                return client.post("/books", json=books[number])
            return client.post("/books/batch", json={"books": books})

        answers = clients.at_once(send)
        assert set(tally(answers[1::2])) <= {201, 409}
        assert tally(answers[::2]) == {207: SIZE // 2}
        results = [result["status"] for answer in answers[::2] for result in answer.json()["results"]]
        singly = tally(answers[1::2]).get(201, 0)
        assert set(results) <= {200, 201, 409}
        assert results.count(201) + singly == BOOKS
        assert sorted(book["isbn"] for book in books_of(clients.member, author_id)) == [book["isbn"] for book in books]

    def test_of_which_one_is_wrong_leave_nothing_of_an_atomic_batch(
        self, clients: ConcurrentClients, author_id: int
    ) -> None:
        first = next(_numbers)
        valid = [{"title": "All", "author_id": author_id, "isbn": isbn13(first + place)} for place in range(5)]

        def send(client: Client, number: int) -> httpx.Response:
            bad = [{"title": "Or nothing", "author_id": 0}] if number % 2 else []
            own = [{"title": f"Own {number}", "author_id": author_id}]
            return client.post("/books/batch?atomic=true", json={"books": valid + own + bad})

        answers = clients.at_once(send)
        assert tally(answers[::2]) == {207: SIZE // 2}
        assert tally(answers[1::2]) == {400: SIZE // 2}
        titles = Counter(book["title"] for book in books_of(clients.member, author_id))
        assert titles == {"All": 5} | {f"Own {number}": 1 for number in range(0, SIZE, 2)}


class TestBroughtIds:
    def test_in_batches_amid_creations_that_bring_none(self, clients: ConcurrentClients, author_id: int) -> None:
        """The client-supplied ids are the ones that the service would generate next."""
        book = {"title": "Moved", "author_id": author_id}
        last = Factory(clients.member).book(clients.member, **book)["id"]

        def send(client: Client, number: int) -> httpx.Response:
            if number % 2:
                return client.post("/books", json=book)
            client_supplied = [book | {"id": last + 1 + number * 3 + place} for place in range(3)]
            return client.post("/books/batch", json={"books": [book, *client_supplied, book]})

        answers = clients.at_once(send)
        assert tally(answers[1::2]) == {201: SIZE // 2}
        assert tally(answers[::2]) == {207: SIZE // 2}
        results = [answer.json()["results"] for answer in answers[::2]]
        assert {result[place]["status"] for result in results for place in (0, 4)} == {201}
        assert {result["status"] for some in results for result in some} <= {201, 409}
        later = clients.member.post("/books", json=book)
        assert later.status_code == 201
        created = [result["book"]["id"] for some in results for result in some if result["status"] == 201]
        created += [answer.json()["id"] for answer in [*answers[1::2], later]]
        assert len(set(created)) == len(created)
        assert {book["id"] for book in books_of(clients.member, author_id)} == {*created, last}

    def test_of_a_book_in_the_same_batch(self, clients: ConcurrentClients, author_id: int) -> None:
        """The service generated that id just before, or the batch has supplied it already."""
        book = {"title": "Moved", "author_id": author_id}
        last = Factory(clients.member).book(clients.member, **book)["id"]
        books = [book, book | {"id": last + 1}, book | {"id": last + 100}, book | {"id": last + 100}, book]
        results = clients.member.post("/books/batch", json={"books": books}).json()["results"]
        assert [result["status"] for result in results] == [201, 409, 201, 409, 201]
        assert results[4]["book"]["id"] == last + 101


class TestNewGenre:
    """The first to insert it locks it until the commit; the others wait, and must hold no lock that it waits for."""

    def test_of_books_that_bring_ids_and_of_books_that_do_not(self, clients: ConcurrentClients, author_id: int) -> None:
        for _ in range(OFTEN):
            first = next(_numbers)
            book = {"title": "Moved", "author_id": author_id, "genres": [f"{first} New"]}

            def send(client: Client, number: int, book: dict[str, Any] = book, first: int = first) -> httpx.Response:
                if number % 4:
                    return client.post("/books", json=book)
                return client.post("/books/batch", json={"books": [book | {"id": first * 1000 + number}]})

            answers = clients.at_once(send)
            assert (tally(answers[::4]), tally(answers)[201]) == ({207: SIZE // 4}, SIZE * 3 // 4)

    def test_of_one_book_in_batches_and_by_itself(self, clients: ConcurrentClients, author_id: int) -> None:
        for _ in range(OFTEN):
            first = next(_numbers)
            book = {"title": "Emma", "author_id": author_id, "isbn": isbn13(first)}
            address = f"/books/{Factory(clients.member).book(clients.member, **book)['id']}"
            changed = book | {"genres": [f"{first} New"]}

            def send(
                client: Client, number: int, address: str = address, changed: dict[str, Any] = changed
            ) -> httpx.Response:
                if number % 4:
                    return client.put(address, json=changed)
                return client.post("/books/batch", json={"books": [changed]})

            answers = clients.at_once(send)
            assert tally(answers) == {200: SIZE * 3 // 4, 207: SIZE // 4}
            assert clients.member.get(address).json()["version"] == 2
