"""Client-supplied ids, amid generated ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.races.concurrency import SIZE, ConcurrentClients, tally
from tests.support.factories import Factory

if TYPE_CHECKING:
    import httpx

pytestmark = pytest.mark.slow

BROUGHT = SIZE // 2


@pytest.fixture
def author_id(clients: ConcurrentClients) -> int:
    """The newest author, which has the last generated id."""
    author_id: int = Factory(clients.member).author(clients.member)["id"]
    return author_id


@pytest.fixture
def book_id(clients: ConcurrentClients, author_id: int) -> int:
    """The newest book."""
    book_id: int = Factory(clients.member).book(clients.member, author_id=author_id)["id"]
    return book_id


def with_id(number: int, after: int) -> dict[str, Any]:
    """The first half have the ids that the service would generate next; the others have none."""
    return {"id": after + 1 + number} if number < BROUGHT else {}


def require_order(answers: list[httpx.Response], later: httpx.Response) -> None:
    """Records without an id got one, no id occurs twice, and the next one is generated as before."""
    client_supplied, without = answers[:BROUGHT], answers[BROUGHT:]
    assert tally(without) == {201: SIZE - BROUGHT}
    assert set(tally(client_supplied)) <= {201, 409}
    assert later.status_code == 201
    ids = [answer.json()["id"] for answer in [*answers, later] if answer.status_code == 201]
    assert len(set(ids)) == len(ids)


class TestBroughtIds:
    def test_of_books(self, clients: ConcurrentClients, author_id: int, book_id: int) -> None:
        book = {"title": "Moved", "author_id": author_id}
        answers = clients.at_once(lambda client, number: client.post("/books", json=book | with_id(number, book_id)))
        require_order(answers, clients.member.post("/books", json=book))

    def test_of_authors(self, clients: ConcurrentClients, author_id: int) -> None:
        answers = clients.at_once(
            lambda client, number: client.post("/authors", json={"name": "Moved"} | with_id(number, author_id))
        )
        require_order(answers, clients.member.post("/authors", json={"name": "Later"}))

    def test_far_ahead_of_those_that_are_given(self, clients: ConcurrentClients, author_id: int) -> None:
        ahead = author_id + 1000
        answers = clients.at_once(
            lambda client, number: client.post("/authors", json={"name": "Far"} | with_id(number, ahead))
        )
        later = clients.member.post("/authors", json={"name": "Later"})
        require_order(answers, later)
        assert later.json()["id"] > ahead
