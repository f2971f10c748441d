"""The referee: what a broken constraint means, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import exc, insert, text

from app.database import Database
from app.db.constraints import ERROR_BY_CONSTRAINT
from app.errors import BooksError, DatabaseUnavailable, IdTaken, IsbnTaken, UsernameTaken
from app.models import Author, Base, Book, User
from devtools.databases import settings_for

if TYPE_CHECKING:
    from devtools.databases import DatabaseInside

NOW = datetime(2026, 1, 1, tzinfo=UTC)
RECORD = {"version": 1, "created_at": NOW, "updated_at": NOW, "document": "{}"}
SORTED = {"sort_name": "Austen, Jane", "sort_key": "austen, jane"}
USER = {"id": 1, "username": "alice", "username_key": "alice", "password_hash": "x", "created_at": NOW}
AUTHOR = {"id": 1, "name": "Jane Austen", "name_key": "jane austen", **SORTED, **RECORD}
BOOK = {
    "id": 1,
    "title": "Emma",
    "title_key": "emma",
    "author_id": 1,
    "isbn": "9780141439587",
    "published_year": 1815,
    **RECORD,
}


@pytest.fixture
def filled(database: DatabaseInside) -> DatabaseInside:
    """A user, an author and a book, put in without the services' courtesies."""
    for model, values in ((User, USER), (Author, AUTHOR), (Book, BOOK)):
        database.connection.execute(insert(model), values)
    return database


class TestConstraint:
    @pytest.mark.parametrize(
        ("model", "values", "error"),
        [
            (User, USER | {"id": 2, "username": "ALICE"}, UsernameTaken),
            (Author, AUTHOR, IdTaken),
            (Book, BOOK | {"isbn": None}, IdTaken),
            (Book, BOOK | {"id": 2}, IsbnTaken),
        ],
    )
    def test_that_clashes(
        self, filled: DatabaseInside, model: type[Base], values: dict[str, Any], error: type[BooksError]
    ) -> None:
        with pytest.raises(error):
            filled.connection.execute(insert(model), values)

    @pytest.mark.parametrize(
        "change",
        [
            {"published_year": -5001},
            {"published_year": 10_000},
            {"created_by": 99},
            {"title": None},
            {"pages": 0},
            {"pages": 100_001},
        ],
        ids=str,
    )
    def test_that_no_client_can_break_stays_what_it_is(self, filled: DatabaseInside, change: dict[str, Any]) -> None:
        with pytest.raises(exc.IntegrityError):
            filled.connection.execute(insert(Book), BOOK | {"id": 2, "isbn": None} | change)

    def test_that_the_referee_knows_is_there(self) -> None:
        names = {constraint.name for table in Base.metadata.tables.values() for constraint in table.constraints}
        assert ERROR_BY_CONSTRAINT.keys() - names == set()


class TestDatabaseAway:
    @pytest.mark.parametrize("url", ["postgresql://books@127.0.0.1:1/nothing", "sqlite:////nowhere/at/all/books.db"])
    def test_is_said_in_the_words_of_the_domain(self, url: str) -> None:
        database = Database.of(settings_for(url))
        with pytest.raises(DatabaseUnavailable), database.reading():
            pass
        with pytest.raises(DatabaseUnavailable), database.transaction() as db:
            db.execute(text("SELECT 1"))

    def test_a_pool_that_stays_empty_is_one_too(self, own_url: str) -> None:
        database = Database.of(settings_for(own_url, db_pool_size=1, db_max_overflow=0, db_pool_timeout=0.01))
        with database.reading(), pytest.raises(DatabaseUnavailable), database.reading():
            pass
        database.engine.dispose()

    def test_a_lock_that_is_never_released_is_one_too(self, own_database: Database, own_url: str) -> None:
        impatient = Database.of(settings_for(own_url, db_lock_timeout=0.05))
        with own_database.transaction() as db:
            db.execute(insert(User), USER)
            with pytest.raises(DatabaseUnavailable), impatient.transaction() as other:
                other.execute(insert(User), USER | {"id": 2})
        impatient.engine.dispose()
