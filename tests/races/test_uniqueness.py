"""One winner each: the database decides who was first, whatever a check beforehand saw."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from app.database import Database
from app.models import BookGenre, Genre
from devtools.databases import settings_for
from tests.races.concurrency import SIZE, ConcurrentClients, tally
from tests.support.factories import PASSWORD, Factory, isbn13

if TYPE_CHECKING:
    import httpx

    from tests.support.client import Client
    from tests.support.serving import Served

pytestmark = pytest.mark.slow

ONE_WINNER = {201: 1, 409: SIZE - 1}


def genres_of(served: Served) -> dict[str, int]:
    """The genres in the database, of which clients see only the names, with how many books each has."""
    database = Database.of(settings_for(served.url))
    links = select(Genre.name_key, func.count()).join(BookGenre, BookGenre.genre_id == Genre.id).group_by(Genre.id)
    with database.reading() as connection:
        rows = connection.execute(links).all()
    database.engine.dispose()
    assert len({key for key, _ in rows}) == len(rows)
    return {key: books for key, books in rows}  # noqa: C416  (rows are no pairs)


class TestRegister:
    def test_one_name(self, clients: ConcurrentClients) -> None:
        body = {"username": "first come", "password": PASSWORD}
        assert tally(clients.at_once(lambda client, _: client.post("/register", json=body))) == ONE_WINNER

    def test_one_name_in_different_capitals(self, clients: ConcurrentClients) -> None:
        def spelled(number: int) -> str:
            return "".join(letter.upper() if number >> place & 1 else letter for place, letter in enumerate("capitals"))

        answers = clients.at_once(
            lambda client, number: client.post("/register", json={"username": spelled(number), "password": PASSWORD})
        )
        assert tally(answers) == ONE_WINNER

    def test_names_that_look_alike(self, clients: ConcurrentClients) -> None:
        def spelled(number: int) -> str:
            places = enumerate("oooo")
            return "".join("\N{CYRILLIC SMALL LETTER O}" if number >> place & 1 else letter for place, letter in places)

        answers = clients.at_once(
            lambda client, number: client.post("/register", json={"username": spelled(number), "password": PASSWORD})
        )
        assert tally(answers) == ONE_WINNER

    def test_different_names_all_get_in(self, clients: ConcurrentClients, served: Served) -> None:
        answers = clients.at_once(
            lambda client, number: client.post("/register", json={"username": f"own {number}", "password": PASSWORD})
        )
        assert tally(answers) == {201: SIZE}
        assert len({answer.json()["id"] for answer in answers}) == SIZE
        login = served.client().post("/auth/login", json={"username": "OWN 7", "password": PASSWORD})
        assert login.status_code == 200


class TestCreateBook:
    @pytest.fixture
    def author_id(self, clients: ConcurrentClients) -> int:
        author_id: int = Factory(clients.member).author(clients.member)["id"]
        return author_id

    def test_one_isbn(self, clients: ConcurrentClients, author_id: int) -> None:
        book = {"author_id": author_id, "isbn": isbn13(700_000_001)}
        answers = clients.at_once(
            lambda client, number: client.post("/books", json=book | {"title": f"Edition {number}"})
        )
        assert tally(answers) == ONE_WINNER
        assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"isbn_taken"}
        there = clients.member.get("/books", params={"author_id": author_id}).json()
        assert [found["isbn"] for found in there] == [book["isbn"]]

    def test_the_same_isbns_in_any_order(self, clients: ConcurrentClients, author_id: int) -> None:
        """Those that arrive together are one transaction: none may deadlock with another, or with a batch."""
        isbns = [isbn13(700_000_100 + number) for number in range(SIZE)]

        def post_all(client: Client, number: int) -> httpx.Response:
            answers = []
            for place in range(SIZE):
                body = {"author_id": author_id, "title": "Same", "isbn": isbns[(number * 5 + place * 3) % SIZE]}
                if number < 2:
                    answers.append(client.post("/books/batch", json={"books": [body, body]}))
                else:
                    answers.append(client.post("/books", json=body))
            assert {answer.status_code for answer in answers} <= {201, 207, 409}
            return answers[-1]

        clients.at_once(post_all)
        found = clients.member.get("/books", params={"author_id": author_id, "limit": 200}).json()
        assert sorted(book["isbn"] for book in found) == sorted(isbns)

    def test_one_new_genre_in_different_capitals(
        self, clients: ConcurrentClients, served: Served, author_id: int
    ) -> None:
        def named(number: int) -> list[str]:
            genres = ["Solarpunk", "Biopunk"] if number % 2 else ["BIOPUNK", "solarpunk"]  # no order may deadlock
            return [*genres, f"Punk {number}"]

        answers = clients.at_once(
            lambda client, number: client.post(
                "/books", json={"author_id": author_id, "title": "Green", "genres": named(number)}
            )
        )
        assert tally(answers) == {201: SIZE}
        genres = genres_of(served)
        assert [genres[key] for key in ("solarpunk", "biopunk")] == [SIZE, SIZE]
        own = {key: books for key, books in genres.items() if key.startswith("punk ")}
        assert own == {f"punk {number}": 1 for number in range(SIZE)}

    def test_one_id(self, clients: ConcurrentClients, author_id: int) -> None:
        book = {"id": 4_000_000, "author_id": author_id, "title": "Brought"}
        answers = clients.at_once(lambda client, _: client.post("/books", json=book))
        assert tally(answers) == ONE_WINNER
        assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"id_taken"}


class TestNamedPeople:
    def test_one_new_author_by_name(self, clients: ConcurrentClients) -> None:
        """Whether books are created, changed or sent in batches, and in either order of the name."""
        author_id = Factory(clients.member).author(clients.member)["id"]
        made = [
            clients.member.post("/books", json={"author_id": author_id, "title": f"Book {number}"}).json()["id"]
            for number in range(SIZE)
        ]

        def write(client: Client, number: int) -> httpx.Response:
            names = ["Jane Austen", "Brontë, Emily"] if number % 2 else ["Emily Brontë", "Austen, Jane"]
            parts = [{"name": name} for name in names]
            book = {"title": f"Green {number}", "contributors": parts, "genres": ["Solarpunk", f"Genre {number % 3}"]}
            match number % 3:
                case 0:
                    return client.post("/books", json=book)
                case 1:
                    return client.patch(f"/books/{made[number]}", json={"contributors": parts})
            return client.post("/books/batch?atomic=true", json={"books": [book]})

        answers = clients.at_once(write)
        assert [answer.text for answer in answers if answer.status_code not in {200, 201, 207}] == []
        for name in ("Austen", "Brontë"):
            assert len(clients.member.get(f"/authors?q={name}").json()) == 1
