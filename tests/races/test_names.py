"""An author is renamed or deleted while others write that author's books."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from tests.races.concurrency import SIZE, ConcurrentClients, tally
from tests.support.factories import Factory

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.support.client import Client

pytestmark = pytest.mark.slow

OFTEN = 3
"""Each time another of the requests is the first."""

_numbers = count(1)


@pytest.fixture
def author(clients: ConcurrentClients) -> dict[str, Any]:
    return Factory(clients.member).author(clients.member, name=f"Beforehand Aforename{next(_numbers)}")


@pytest.fixture
def book_ids(clients: ConcurrentClients, author: dict[str, Any]) -> list[int]:
    """Books of that author, one for each client."""
    return [Factory(clients.member).book(clients.member, author_id=author["id"])["id"] for _ in range(SIZE)]


def all_of(member: Client, **filters: Any) -> list[dict[str, Any]]:
    books: list[dict[str, Any]] = member.get("/books", params=filters | {"limit": 200}).json()
    return books


class TestRename:
    @pytest.mark.parametrize("attempt", range(OFTEN))
    def test_shows_in_every_book(
        self, clients: ConcurrentClients, author: dict[str, Any], book_ids: list[int], attempt: int
    ) -> None:
        """One renames; five add books; five change some; five add the author to books by another author."""
        new = f"Thereafter Postname{next(_numbers)}"
        foreign = [Factory(clients.member).book(clients.member)["id"] for _ in range(SIZE)]
        by_number: dict[int, Callable[[Client, int], httpx.Response]] = {
            0: lambda client, number: client.post("/books", json={"title": f"New {number}", "author_id": author["id"]}),
            1: lambda client, number: client.patch(f"/books/{book_ids[number]}", json={"title": f"Changed {number}"}),
            2: lambda client, number: client.put(f"/books/{foreign[number]}", json={"author_id": author["id"]}),
        }

        def write(client: Client, number: int) -> httpx.Response:
            if number == attempt * 7:
                return client.put(f"/authors/{author['id']}", json={"name": new})
            return by_number[number % 3](client, number)

        answers = clients.at_once(write)
        assert set(tally(answers)) <= {200, 201}
        books = all_of(clients.member, author_id=author["id"])
        assert len(books) > SIZE
        assert {part["name"] for book in books for part in book["contributors"]} == {new}
        assert {book["id"] for book in all_of(clients.member, q=new)} == {book["id"] for book in books}
        assert all_of(clients.member, q=author["name"], author_id=author["id"]) == []
        for book in books[:5]:
            assert clients.member.get(f"/books/{book['id']}").json() == book

    def test_by_all_at_once_ends_with_one_name(
        self, clients: ConcurrentClients, author: dict[str, Any], book_ids: list[int]
    ) -> None:
        """Each also has a book with another author who is renamed: no two may wait for each other."""
        other = Factory(clients.member).author(clients.member)
        for book_id in book_ids:
            parts = [{"author_id": record["id"]} for record in (author, other)]
            clients.member.patch(f"/books/{book_id}", json={"contributors": parts}).raise_for_status()
        answers = clients.at_once(
            lambda client, number: client.patch(
                f"/authors/{(author, other)[number % 2]['id']}", json={"name": f"Name {number}"}
            )
        )
        assert tally(answers) == {200: SIZE}
        names = [clients.member.get(f"/authors/{record['id']}").json()["name"] for record in (author, other)]
        assert {
            tuple(part["name"] for part in book["contributors"]) for book in all_of(clients.member, q=names[0])
        } == {tuple(names)}


class TestDelete:
    @pytest.mark.parametrize("attempt", range(OFTEN))
    @pytest.mark.parametrize("how", ["author_id", "contributors", "batch", "put"])
    def test_leaves_no_book_without_its_author(
        self, clients: ConcurrentClients, author: dict[str, Any], how: str, attempt: int
    ) -> None:
        """Either the author is deleted, and no book is added; or there is a book, and the author stays."""
        foreign = [Factory(clients.member).book(clients.member)["id"] for _ in range(SIZE)]
        part = {"author_id": author["id"]}
        ways: dict[str, Callable[[Client, int], httpx.Response]] = {
            "author_id": lambda client, _: client.post("/books", json={"title": "Late", **part}),
            "contributors": lambda client, _: client.post("/books", json={"title": "Late", "contributors": [part]}),
            "batch": lambda client, _: client.post("/books/batch", json={"books": [{"title": "Late", **part}]}),
            "put": lambda client, number: client.put(f"/books/{foreign[number]}", json=part),
        }

        def delete_or_write(client: Client, number: int) -> httpx.Response:
            if number % 8 == attempt:
                return client.delete(f"/authors/{author['id']}")
            return ways[how](client, number)

        answers = clients.at_once(delete_or_write)
        deletions = [answer for number, answer in enumerate(answers) if number % 8 == attempt]
        writes = [answer for number, answer in enumerate(answers) if number % 8 != attempt]
        statuses = {status_in(answer) for answer in writes}
        if clients.member.get(f"/authors/{author['id']}").status_code == 404:
            assert statuses == {400}
            assert sorted(tally(deletions)) == [200, 404]
            assert all_of(clients.member, author_id=author["id"]) == []
        else:
            assert statuses <= {200, 201}
            assert tally(deletions) == {409: 2}
            assert len(all_of(clients.member, author_id=author["id"])) == len(writes)


def status_in(answer: httpx.Response) -> int:
    """The status of the single write, also within a batch."""
    status: int = answer.json()["results"][0]["status"] if answer.status_code == 207 else answer.status_code
    return status
