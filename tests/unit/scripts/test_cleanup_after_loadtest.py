"""The command that removes what load tests left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select, update

from app.models import ApiKey, Author, Book, BookGenre, Genre, User, UserSession
from scripts.cleanup_after_loadtest import clean_up, main

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from app.database import Database
    from devtools.databases import DatabaseInside
    from tests.support.factories import Factory

GOING = ["locust_", "locust_1", "locust_a_b", "locust_%", "locust_Ünal"]
STAYING = ["locustXavier", "LOCUST_x", "Locust_9", "alocust_1", "locust", "locust-1", "alice", " locust_2"]


def fill(database: Database, names: list[str]) -> None:
    """For each name a user, an author and a book of theirs with a genre, all of the same name."""
    with database.transaction() as db:
        genre = Genre(name="Fiction")
        users = [User(username=name, password_hash="-") for name in names]  # noqa: S106
        db.add_all([genre, *users])
        db.flush()
        authors = [Author(name=user.username, created_by=user.id) for user in users]
        db.add_all(authors)
        db.flush()
        for user, author in zip(users, authors, strict=True):
            book = Book(title=user.username, author_id=author.id, created_by=user.id)
            book.set_genres([genre])
            db.add(book)


def names(connection: Connection) -> tuple[set[str], set[str], set[str]]:
    """The users, authors and books that are there."""
    users, authors, books = (
        set(connection.scalars(select(column))) for column in (User.username, Author.name, Book.title)
    )
    return users, authors, books


class TestCleanUp:
    def test_removes_exactly_the_users_whose_names_begin_so_and_their_books(self, database: DatabaseInside) -> None:
        fill(database, GOING + STAYING)
        assert clean_up(database) == (len(GOING), len(GOING))
        assert names(database.connection) == (set(STAYING), {*GOING, *STAYING}, set(STAYING))

    def test_counts_the_books_of_each(self, database: DatabaseInside) -> None:
        fill(database, ["locust_1", "locust_2", "alice"])
        with database.transaction() as db:
            user = db.scalars(select(User).where(User.username == "locust_1")).one()
            author = db.scalars(select(Author).where(Author.name == "alice")).one()
            db.add_all([Book(title=f"{number}", author_id=author.id, created_by=user.id) for number in range(5)])
        assert clean_up(database) == (2, 7)

    def test_leaves_the_books_of_others_by_an_author_of_theirs(self, database: DatabaseInside) -> None:
        fill(database, ["locust_1", "alice"])
        with database.transaction() as db:
            author = db.scalars(select(Author).where(Author.name == "locust_1")).one()
            owner = db.scalars(select(User).where(User.username == "alice")).one()
            db.add(Book(title="Emma", author_id=author.id, created_by=owner.id))
            db.add(Book(title="Without an owner", author_id=author.id))
        assert clean_up(database) == (1, 1)
        assert names(database.connection)[2] == {"alice", "Emma", "Without an owner"}
        assert database.connection.scalar(select(Author.created_by).where(Author.name == "locust_1")) is None

    def test_leaves_no_loose_ends(self, database: DatabaseInside) -> None:
        fill(database, ["locust_1", "alice"])
        clean_up(database)
        assert database.connection.scalar(select(func.count()).select_from(BookGenre)) == 1

    def test_takes_sessions_and_keys_along(self, database: DatabaseInside, make: Factory) -> None:
        loads, stays = make.user("locust_1"), make.user("alice")
        for member in (loads, stays):
            member.post("/auth/keys", json={"name": "import", "scopes": ["books:write"]}).raise_for_status()
        clean_up(database)
        for table in (UserSession, ApiKey):
            assert database.connection.scalar(select(func.count()).select_from(table)) == 1
        assert [member.get("/auth/me").status_code for member in (loads, stays)] == [401, 200]

    def test_leaves_an_admin_of_such_a_name(self, database: DatabaseInside) -> None:
        fill(database, ["locust_1", "locust_chief"])
        with database.transaction() as db:
            db.execute(update(User).where(User.username == "locust_chief").values(role="admin"))
        assert clean_up(database) == (1, 1)
        assert names(database.connection)[0] == {"locust_chief"}

    def test_of_nothing_removes_nothing(self, database: DatabaseInside) -> None:
        fill(database, STAYING)
        assert clean_up(database) == (0, 0)
        assert names(database.connection) == (set(STAYING),) * 3


class TestCommand:
    def test_says_what_it_removed(self, at_home: Database, capsys: pytest.CaptureFixture[str]) -> None:
        fill(at_home, ["locust_1", "locust_2", "alice"])
        main([])
        main([])
        output = capsys.readouterr().out.splitlines()
        assert output == [
            "Removed 2 users whose names begin with 'locust_', and their 2 books.",
            "Removed 0 users whose names begin with 'locust_', and their 0 books.",
        ]
        with at_home.reading() as connection:
            assert names(connection)[0] == {"alice"}
