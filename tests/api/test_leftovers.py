"""What a write leaves without any record is removed: genres that no book has, and words of search."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, select

from app.models import Book, SearchWord
from app.services.cleanup.full_sweep import size_of, sweep
from tests.api.responses import ids
from tests.support.factories import isbn13

if TYPE_CHECKING:
    from devtools.databases import DatabaseInside
    from tests.support.client import Client
    from tests.support.factories import Factory

WORDS = ("hippopotamus", "rhinoceros", "crocodile")


def genres(client: Client) -> list[str]:
    return [genre["name"] for genre in client.get("/genres").json()]


def words(database: DatabaseInside) -> set[str]:
    """All words that are known, of which no variant may remain without the word."""
    with database.reading() as connection:
        rows = connection.execute(select(SearchWord.variant, SearchWord.word)).all()
    known = {word for variant, word in rows if variant == word}
    assert {word for _, word in rows} == known
    return known


@pytest.fixture
def others(member: Client, make: Factory) -> int:
    """A book that shares a genre and a word; its author."""
    author_id: int = make.author(member, name="Alexandre Dumas")["id"]
    make.book(member, title="A Crocodile", author_id=author_id, genres=["Fiction"])
    return author_id


class TestDeletedBook:
    def test_takes_its_own_genres_and_words_along(
        self, member: Client, make: Factory, database: DatabaseInside, others: int
    ) -> None:
        before = words(database), genres(member)
        book = make.book(member, title=" ".join(WORDS), author_id=others, genres=["fiction", "Zoology"])
        assert genres(member) == ["Fiction", "Zoology"]
        assert {*WORDS, "zoology"} <= words(database)
        member.delete(f"/books/{book['id']}").raise_for_status()
        assert (words(database), genres(member)) == before

    def test_is_no_alternative_of_a_misspelt_word(self, member: Client, make: Factory, others: int) -> None:
        gone = make.book(member, title="Hippopotamus", author_id=others)
        member.delete(f"/books/{gone['id']}").raise_for_status()
        kept = make.book(member, title="Crocodiles", author_id=others)
        assert member.get("/books?q=hippopotamos").json() == []
        assert kept["id"] in ids(member.get("/books?q=crocodyles").json())

    def test_leaves_the_words_of_authors(
        self, member: Client, make: Factory, database: DatabaseInside, others: int
    ) -> None:
        book = make.book(member, title="Dumas", author_id=others)
        member.delete(f"/books/{book['id']}").raise_for_status()
        assert {"alexandre", "dumas"} <= words(database)
        assert ids(member.get("/authors?q=alexander").json()) == [others]


class TestChangedBook:
    @pytest.mark.parametrize("method", ["PUT", "PATCH"])
    def test_loses_what_it_no_longer_has(
        self, member: Client, make: Factory, database: DatabaseInside, others: int, method: str
    ) -> None:
        book = make.book(member, title=" ".join(WORDS), author_id=others, genres=["Zoology", "Fiction"])
        body = {"title": "Hippopotamus", "genres": ["Fiction"]}
        member.request(method, f"/books/{book['id']}", json=body).raise_for_status()
        assert genres(member) == ["Fiction"]
        assert words(database) & {*WORDS, "zoology"} == {"hippopotamus", "crocodile"}

    def test_of_a_batch_does_too(self, member: Client, make: Factory, database: DatabaseInside, others: int) -> None:
        book = make.book(member, title="Rhinoceros", author_id=others, genres=["Zoology"], isbn=isbn13(1))
        items = [{"id": book["id"], "title": "Hippopotamus", "author_id": others, "isbn": isbn13(1), "genres": []}]
        member.post("/books/batch", json={"books": items}).raise_for_status()
        assert genres(member) == ["Fiction"]
        assert words(database) & {*WORDS, "zoology"} == {"hippopotamus", "crocodile"}

    def test_that_is_sent_as_it_is_loses_nothing(
        self, member: Client, make: Factory, database: DatabaseInside, others: int
    ) -> None:
        book = make.book(member, title="Rhinoceros", author_id=others, genres=["Zoology"])
        before = words(database), genres(member)
        member.put(f"/books/{book['id']}", json=book).raise_for_status()
        assert (words(database), genres(member)) == before

    def test_that_is_refused_loses_nothing(
        self, member: Client, make: Factory, database: DatabaseInside, others: int
    ) -> None:
        book = make.book(member, title="Rhinoceros", author_id=others, genres=["Zoology"], isbn=isbn13(1))
        make.book(member, author_id=others, isbn=isbn13(2))
        before = words(database), genres(member)
        body = {"title": "Hippopotamus", "genres": [], "isbn": isbn13(2)}
        assert member.put(f"/books/{book['id']}", json=body).status_code == 409
        assert (words(database), genres(member)) == before


class TestAuthor:
    def test_who_is_renamed_loses_the_words_of_the_name(
        self, member: Client, database: DatabaseInside, others: int
    ) -> None:
        member.put(f"/authors/{others}", json={"name": "Alexandre Dumasson"}).raise_for_status()
        assert words(database) & {"alexandre", "dumas", "dumasson"} == {"alexandre", "dumasson"}

    def test_who_is_deleted_takes_the_words_along(
        self, member: Client, make: Factory, database: DatabaseInside, others: int
    ) -> None:
        assert others
        before = words(database)
        author = make.author(member, name="Alexandre Rhinoceros")
        assert "rhinoceros" in words(database)
        member.delete(f"/authors/{author['id']}").raise_for_status()
        assert words(database) == before


class TestSweep:
    def test_removes_what_no_record_has_and_nothing_else(
        self, member: Client, make: Factory, database: DatabaseInside, others: int
    ) -> None:
        for number in range(3):
            genre = f"Genre {number}"
            make.book(member, title=f"Hippopotamus {WORDS[number]}", author_id=others, genres=["Fiction", genre])
        before = words(database), genres(member)
        book = make.book(member, title="Walrus Manatee", author_id=others, genres=["Marine", "Genre 1"])
        _delete_in_sql(database, book["id"])
        assert (words(database), genres(member)) != before
        size = size_of(database)
        looked_at: list[int] = []
        swept = sweep(database, looked_at.append)
        assert (swept.genres, swept.words, swept.skipped) == (1, 3, 0)
        assert sum(looked_at) == size.genres + size.words
        assert (words(database), genres(member)) == before
        again = sweep(database)
        assert (again.genres, again.words, again.skipped) == (0, 0, 0)

    def test_of_an_empty_catalogue_finds_nothing(self, database: DatabaseInside) -> None:
        assert sweep(database).words == 0


def _delete_in_sql(database: DatabaseInside, book_id: int) -> None:
    """As a script does, or a service that was stopped right after the commit."""
    with database.transaction() as db:
        db.execute(delete(Book).where(Book.id == book_id))
