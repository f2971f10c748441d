"""Removing a genre or a word while a transaction that uses it is under way: moments that PostgreSQL alone has."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text

from app.db.locks import NAMES, WORDS, try_lock_exclusive
from app.models import Author, Book, Genre, SearchWord
from app.search.index import Entry, SearchIndex
from app.search.unused_words import forget_unused
from app.services.genres import GenreService, delete_unused
from app.services.locked_references import read_references
from devtools.polling import wait_until

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.database import Database

pytestmark = pytest.mark.parametrize("kind", ["postgresql"], indirect=True, scope="session")
ENTRY = Entry(1, ["Hippopotamus"], [])


def names(database: Database) -> list[str]:
    with database.reading() as connection:
        return list(connection.scalars(select(Genre.name)))


def knows(database: Database, word: str) -> bool:
    with database.reading() as connection:
        return connection.scalar(select(SearchWord.word).where(SearchWord.variant == word)) == word


def is_waiting(database: Database) -> bool:
    """Whether a transaction waits for another."""
    waiting = text(
        "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted"
        " AND datname = current_database()"
    )
    with database.reading() as connection:
        return bool(connection.scalar(waiting))


@pytest.fixture
def genre_id(own_database: Database) -> int:
    """A genre without books."""
    with own_database.transaction() as db:
        [genre] = GenreService(db).named(["Rare"])
        return genre.id


def add_book(db: Session) -> None:
    """A book of the genre; its genre is looked up first."""
    [named] = GenreService(db).named(["rare"])
    author = Author(name="Mary Shelley")
    db.add(author)
    db.flush()
    book = Book(title="Frankenstein", author_id=author.id)
    book.set_genres([db.get_one(Genre, named.id)])
    db.add(book)
    db.flush()


class TestGenre:
    def test_stays_that_an_uncommitted_book_has(self, own_database: Database, genre_id: int) -> None:
        with own_database.transaction() as db:
            GenreService(db).named(["rare"])
            own_database.write_without_waiting(lambda connection: delete_unused(connection, [genre_id]))
            add_book(db)
        own_database.write_without_waiting(lambda connection: delete_unused(connection, [genre_id]))
        assert names(own_database) == ["Rare"]

    def test_that_is_just_being_deleted_is_created_again(self, own_database: Database, genre_id: int) -> None:
        def write() -> None:
            with own_database.transaction() as db:
                add_book(db)

        with ThreadPoolExecutor(1) as pool:
            with own_database.transaction() as db:
                assert delete_unused(db.connection(), [genre_id]) == 1
                written = pool.submit(write)
                wait_until(lambda: is_waiting(own_database))
            written.result(timeout=30)
        assert names(own_database) == ["rare"]


class TestWord:
    def test_stays_that_an_uncommitted_record_has(self, own_database: Database) -> None:
        with own_database.transaction() as db:
            SearchIndex(db, "author").learn({"hippopotamus"})
        with own_database.transaction() as db:
            db.add(Author(id=1, name="Hippopotamus"))
            db.flush()
            SearchIndex(db, "author").put([ENTRY])
            with own_database.transaction() as other:
                assert forget_unused(other.connection(), ["hippopotamus"]) is None
        with own_database.transaction() as db:
            assert forget_unused(db.connection(), ["hippopotamus"]) == 0
        assert knows(own_database, "hippopotamus")

    def test_that_is_just_being_removed_is_learned_again(self, own_database: Database) -> None:
        with own_database.transaction() as db:
            SearchIndex(db, "author").learn({"hippopotamus"})

        def write() -> None:
            with own_database.transaction() as db:
                db.add(Author(id=1, name="Hippopotamus"))
                db.flush()
                SearchIndex(db, "author").put([ENTRY])

        with ThreadPoolExecutor(1) as pool:
            with own_database.transaction() as db:
                assert forget_unused(db.connection(), ["hippopotamus"]) == 1
                written = pool.submit(write)
                wait_until(lambda: is_waiting(own_database))
            written.result(timeout=30)
        assert knows(own_database, "hippopotamus")


class TestLocks:
    def test_are_there_even_if_nothing_is_found(self, own_database: Database) -> None:
        with own_database.transaction() as db:
            read_references(db, [1], ["rare"])
            with own_database.transaction() as other:
                assert not try_lock_exclusive(other.connection(), WORDS)
                assert not try_lock_exclusive(other.connection(), NAMES)
