"""Search follows what happens to books and authors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from app.models import SearchWord
from app.search.index import NEW_WORDS, NEW_WORDS_OF_ONE
from app.search.typos import LONGEST_TOLERANT
from scripts.cleanup_after_loadtest import clean_up

if TYPE_CHECKING:
    from devtools.databases import DatabaseInside
    from tests.support.client import Client
    from tests.support.factories import Factory


def titles(client: Client, q: str) -> list[str]:
    """What a search finds."""
    return [book["title"] for book in client.get("/books", params={"q": q}).raise_for_status().json()]


def random_word(number: int, length: int) -> str:
    """A word that no other number has."""
    return "".join(chr(ord("a") + (number // 26**place) % 26) for place in range(4)).ljust(length, "q")


class TestNewWords:
    """Each that is learned takes a row for each of its letters."""

    def learned(self, database: DatabaseInside) -> int:
        with database.reading() as connection:
            return connection.scalar(select(func.count(SearchWord.word.distinct())).select_from(SearchWord)) or 0

    def test_of_a_record_are_found_however_many_and_learned_as_far_as_is_usual(
        self, client: Client, member: Client, make: Factory, database: DatabaseInside
    ) -> None:
        author_id = make.author(member)["id"]
        before = self.learned(database)
        genres = [" ".join(random_word(genre * 10 + place, 9) for place in range(10)) for genre in range(100)]
        make.book(member, title="Emma", author_id=author_id, genres=genres)
        assert self.learned(database) - before == NEW_WORDS + NEW_WORDS_OF_ONE
        assert titles(client, random_word(999, 9)) == ["Emma"]

    def test_of_many_records_are_learned_in_full(
        self, client: Client, member: Client, make: Factory, database: DatabaseInside
    ) -> None:
        author_id = make.author(member)["id"]
        before = self.learned(database)
        books = [
            {
                "title": " ".join(random_word(5_000 + book * 10 + place, 9) for place in range(10)),
                "author_id": author_id,
            }
            for book in range(100)
        ]
        member.post("/books/batch", json={"books": books}).raise_for_status()
        assert self.learned(database) - before == 1_000
        assert len(titles(client, random_word(5_999, 8))) == 1

    def test_that_are_long_are_not_learned(
        self, client: Client, member: Client, make: Factory, database: DatabaseInside
    ) -> None:
        author_id = make.author(member)["id"]
        before = self.learned(database)
        make.book(member, title="y" * (LONGEST_TOLERANT + 1), author_id=author_id)
        assert self.learned(database) == before
        assert len(titles(client, "y" * (LONGEST_TOLERANT + 1))) == 1


class TestBook:
    @pytest.mark.parametrize("method", ["PUT", "PATCH"])
    @pytest.mark.parametrize("field", ["title", "subtitle", "series"])
    def test_that_changes_is_found_by_its_new_words_alone(
        self, client: Client, member: Client, make: Factory, method: str, field: str
    ) -> None:
        book = make.book(member, **{field: "Former"})
        member.request(method, f"/books/{book['id']}", json={field: "Later"}).raise_for_status()
        assert (len(titles(client, "later")), len(titles(client, "former"))) == (1, 0)

    def test_that_changes_its_genres_is_found_by_the_new_ones(
        self, client: Client, member: Client, make: Factory
    ) -> None:
        book = make.book(member, title="Emma", genres=["Former"])
        member.put(f"/books/{book['id']}", json={"genres": ["Later"]}).raise_for_status()
        assert (titles(client, "later"), titles(client, "former")) == (["Emma"], [])

    def test_of_another_author(self, client: Client, member: Client, make: Factory) -> None:
        book = make.book(member, title="Emma", by="Jane Austen")
        other = make.author(member, name="Emily Wilson")["id"]
        member.put(f"/books/{book['id']}", json={"author_id": other}).raise_for_status()
        assert (titles(client, "wilson"), titles(client, "austen")) == (["Emma"], [])

    def test_that_is_gone_is_not_found(self, client: Client, member: Client, make: Factory) -> None:
        book = make.book(member, title="Emma")
        assert titles(client, "emma") == ["Emma"]
        member.delete(f"/books/{book['id']}").raise_for_status()
        assert (titles(client, "emma"), titles(client, "emna")) == ([], [])

    def test_that_a_cleanup_took_is_not_found(
        self, client: Client, member: Client, make: Factory, database: DatabaseInside
    ) -> None:
        loader = make.user("locust_1")
        for _ in range(3):
            make.book(loader, title="Emma loaded")
        make.book(member, title="Emma stays")
        assert clean_up(database).books == 3
        assert titles(client, "emma") == ["Emma stays"]
        assert client.get("/books?q=emma&count=exact").headers["X-Total-Count"] == "1"

    def test_that_was_refused_is_not_found(self, client: Client, member: Client, make: Factory) -> None:
        book = make.book(member, isbn="9780141439587", title="Emma")
        refused = {"title": "Sanditon", "isbn": "9780141439587", "author_id": book["author_id"]}
        assert member.post("/books", json=refused).status_code == 409
        assert titles(client, "sanditon") == []


class TestAuthor:
    @pytest.mark.parametrize("method", ["PUT", "PATCH"])
    def test_whose_name_changes_is_found_by_the_new_one_and_so_are_the_books(
        self, client: Client, member: Client, make: Factory, method: str
    ) -> None:
        author = make.author(member, name="Currer Bell")["id"]
        make.book(member, title="Jane Eyre", author_id=author)
        make.book(member, title="Villette", contributors=[{"author_id": author, "role": "edt"}])
        member.request(method, f"/authors/{author}", json={"name": "Charlotte Brontë"}).raise_for_status()
        assert (titles(client, "bronte"), titles(client, "currer")) == (["Jane Eyre", "Villette"], [])
        found = [client.get(f"/authors?q={q}").json() for q in ("bronte", "charlote", "currer")]
        assert [[person["id"] for person in persons] for persons in found] == [[author], [author], []]

    def test_is_found_by_the_sort_name(self, client: Client, member: Client, make: Factory) -> None:
        author = make.author(member, name="Voltaire", sort_name="Arouet, François-Marie")
        assert client.get("/authors?q=arouet francois").json() == [author]

    def test_who_is_gone_is_not_found(self, client: Client, member: Client, make: Factory) -> None:
        author = make.author(member, name="Currer Bell")
        member.delete(f"/authors/{author['id']}").raise_for_status()
        assert client.get("/authors?q=currer").json() == []
