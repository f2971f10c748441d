"""A genre loses its last book while others give it new ones."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from app.database import Database
from app.models import Genre
from devtools.databases import settings_for
from tests.races.concurrency import SIZE, ConcurrentClients, tally
from tests.races.test_uniqueness import genres_of
from tests.support.factories import Factory
from tests.support.users import new_admin

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.support.client import Client
    from tests.support.serving import Served

pytestmark = pytest.mark.slow

OFTEN = 3
"""Each time another of the requests is the first."""

_numbers = count(1)


@pytest.fixture
def author_id(clients: ConcurrentClients) -> int:
    author_id: int = Factory(clients.member).author(clients.member)["id"]
    return author_id


def all_genres(served: Served) -> set[str]:
    """Those without books as well."""
    database = Database.of(settings_for(served.url))
    with database.reading() as connection:
        names = set(connection.scalars(select(Genre.name_key)))
    database.engine.dispose()
    return names


class TestLastBook:
    @pytest.mark.parametrize("how", ["delete", "patch", "batch"])
    def test_that_goes_while_others_come_takes_no_genre_from_them(
        self, clients: ConcurrentClients, served: Served, author_id: int, how: str
    ) -> None:
        """One client takes the genres from their only book, the others give them to new or existing ones."""
        make = Factory(clients.member)
        for attempt in range(OFTEN):
            genres = [f"Rare {next(_numbers)} {place}" for place in range(3)]
            book = {"title": "Coming and going", "author_id": author_id, "genres": genres}
            going = make.book(clients.member, **book)["id"]
            bare = [make.book(clients.member, author_id=author_id)["id"] for _ in range(SIZE)]

            send = _sender(how, attempt, book, [going, *bare])
            answers = clients.at_once(send)
            assert set(tally(answers)) <= {200, 201, 207}
            there = genres_of(served)
            assert {there[genre.casefold()] for genre in genres} == {SIZE - 1}
            found = clients.member.get("/books", params={"genre": genres[0], "limit": 200}).json()
            assert [kept["genres"] for kept in found] == [genres] * (SIZE - 1)
            for kept in found:
                clients.member.delete(f"/books/{kept['id']}").raise_for_status()
            assert not all_genres(served) & {genre.casefold() for genre in genres}


class TestRename:
    def test_beside_writers_leaves_each_book_whole(
        self, clients: ConcurrentClients, served: Served, author_id: int
    ) -> None:
        """One client merges a genre into another, the others add books of it, change such books, and delete some."""
        make = Factory(clients.member)
        database = Database.of(settings_for(served.url))
        admin = new_admin(served.client(), database).client
        database.engine.dispose()
        for attempt in range(OFTEN):
            old, new = f"Old {next(_numbers)}", f"New {next(_numbers)}"
            book = {"title": "Renamed", "author_id": author_id, "genres": [old, new]}
            there = [make.book(clients.member, **book)["id"] for _ in range(SIZE)]
            rename = {"name": old, "new_name": new, "merge": True}

            send = _merger(admin, attempt, rename, book, there)
            answers = clients.at_once(send)
            assert set(tally(answers)) <= {200, 201, 207}
            again = admin.post("/genres/rename", json=rename)
            assert again.status_code == 200 or again.json()["code"] == "genre_missing"
            assert old.casefold() not in all_genres(served)
            books = clients.member.get("/books", params={"genre": new, "limit": 200}).json()
            assert {tuple(book["genres"]) for book in books} == {(new,)}
            assert genres_of(served)[new.casefold()] == len(books) >= SIZE


def _sender(how: str, deleter: int, book: dict[str, Any], there: list[int]) -> Callable[[Client, int], httpx.Response]:
    def send(client: Client, number: int) -> httpx.Response:
        if number == deleter:
            going = f"/books/{there[0]}"
            return client.patch(going, json={"genres": []}) if how == "patch" else client.delete(going)
        if number % 2:
            return client.patch(f"/books/{there[number + 1]}", json={"genres": book["genres"]})
        if how == "batch":
            return client.post("/books/batch", json={"books": [book]})
        return client.post("/books", json=book)

    return send


def _merger(
    admin: Client, renamer: int, rename: dict[str, Any], book: dict[str, Any], there: list[int]
) -> Callable[[Client, int], httpx.Response]:
    def send(client: Client, number: int) -> httpx.Response:
        if number == renamer:
            return admin.post("/genres/rename", json=rename)
        if number % 4 == 0:
            return client.post("/books/batch", json={"books": [book]})
        if number % 4 == 1:
            return client.post("/books", json=book)
        if number % 4 == 2:
            return client.patch(f"/books/{there[number]}", json={"genres": book["genres"][:1]})
        return client.delete(f"/books/{there[number]}")

    return send
