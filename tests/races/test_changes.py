"""Several who change one book at once: no change is lost, none is counted twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.races.concurrency import SIZE, ConcurrentClients, tally
from tests.support.factories import Factory

if TYPE_CHECKING:
    import httpx

    from tests.support.client import Client

pytestmark = pytest.mark.slow


@pytest.fixture
def address(clients: ConcurrentClients) -> str:
    """Where a new book is."""
    return f"/books/{Factory(clients.member).book(clients.member, title='As it was')['id']}"


class TestUpdate:
    def test_every_change_counts(self, clients: ConcurrentClients, address: str) -> None:
        answers = clients.at_once(lambda client, number: client.put(address, json={"title": f"Change {number}"}))
        assert tally(answers) == {200: SIZE}
        assert sorted(answer.json()["version"] for answer in answers) == list(range(2, SIZE + 2))
        last = max((answer.json() for answer in answers), key=lambda book: int(book["version"]))
        assert clients.member.get(address).json()["title"] == last["title"]

    def test_what_changes_nothing_does_not_count(self, clients: ConcurrentClients, address: str) -> None:
        answers = clients.at_once(lambda client, _: client.put(address, json={"title": "The same for all"}))
        assert tally(answers) == {200: SIZE}
        assert {answer.json()["version"] for answer in answers} == {2}

    def test_different_fields_do_not_overwrite_each_other(self, clients: ConcurrentClients, address: str) -> None:
        changes = [{"title": "Titled"}, {"published_year": 1900}, {"genres": ["Fiction"]}, {"isbn": "9780141439587"}]
        answers = clients.at_once(lambda client, number: client.put(address, json=changes[number % 4]))
        assert tally(answers) == {200: SIZE}
        book = clients.member.get(address).json()
        assert [book[field] for field in ("title", "published_year", "genres", "isbn", "version")] == [
            "Titled",
            1900,
            ["Fiction"],
            "9780141439587",
            5,
        ]

    def test_with_one_tag_only_one_gets_through(self, clients: ConcurrentClients, address: str) -> None:
        tag = clients.member.get(address).headers["ETag"]
        answers = clients.at_once(
            lambda client, number: client.put(address, json={"title": f"Mine {number}"}, headers={"If-Match": tag})
        )
        assert tally(answers) == {200: 1, 412: SIZE - 1}
        assert clients.member.get(address).json()["version"] == 2


class TestPatch:
    def test_of_one_book_by_all(self, clients: ConcurrentClients, address: str) -> None:
        """Each changes one field, clears another, and puts the book into genres of its own."""
        patches = [
            {"subtitle": "Or, the race", "publisher": None},
            {"series": "Races", "series_position": 1.5},
            {"language": "eng", "description": None},
            {"pages": 16, "cover_url": "https://example.org/cover.jpg"},
        ]
        answers = clients.at_once(lambda client, number: client.patch(address, json=patches[number % 4]))
        assert tally(answers) == {200: SIZE}
        book = clients.member.get(address).json()
        fields = ("subtitle", "series", "series_position", "language", "pages", "cover_url", "version")
        assert [book[field] for field in fields] == [
            *("Or, the race", "Races", 1.5, "en", 16, "https://example.org/cover.jpg"),
            5,
        ]

    def test_of_one_field_by_all(self, clients: ConcurrentClients, address: str) -> None:
        answers = clients.at_once(
            lambda client, number: client.patch(
                address,
                json={"title": f"Patched {number}", "genres": [f"Patched {number}", "Shared"][:: number % 2 or -1]},
            )
        )
        assert tally(answers) == {200: SIZE}
        assert sorted(answer.json()["version"] for answer in answers) == list(range(2, SIZE + 2))
        book = clients.member.get(address).json()
        number = book["title"].split()[1]
        assert sorted(book["genres"]) == [f"Patched {number}", "Shared"]
        found = clients.member.get("/books", params={"q": "patched shared", "genre": f"Patched {number}"}).json()
        assert found == [book]
        for other in range(SIZE):
            books = clients.member.get("/books", params={"genre": f"Patched {other}"}).json()
            assert books == ([book] if str(other) == number else [])


class TestDelete:
    def test_only_one_deletes(self, clients: ConcurrentClients, address: str) -> None:
        answers = clients.at_once(lambda client, _: client.delete(address))
        assert tally(answers) == {200: 1, 404: SIZE - 1}

    def test_and_change_at_once(self, clients: ConcurrentClients, address: str) -> None:
        def delete_or_change(client: Client, number: int) -> httpx.Response:
            return client.put(address, json={"title": f"{number}"}) if number % 2 else client.delete(address)

        answers = clients.at_once(delete_or_change)
        assert tally(answers[::2]) == {200: 1, 404: SIZE // 2 - 1}
        assert set(tally(answers[1::2])) <= {200, 404}
        assert clients.member.get(address).status_code == 404
