"""Ten thousand books, written in bulk, as like to each other as books are: titles, years and times repeat."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import insert, text

from app.models import Author, Base, Book, BookGenre, Contributor, Genre, Record
from app.search.index import SearchIndex, entry_of_author, entry_of_book

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from app.database import Database

R = TypeVar("R", bound=Record)

BOOKS = 10_000
AUTHORS = 500
GENRES = ["Fiction", "Poetry", "History", "Science"]
NOUNS = ["River", "Garden", "Élan", "Война", "海", "Night"]
SEARCHED = "river"
"""Stands in the titles of some books, and in the genre of others."""
RIVERS = "River stories"
BEGAN = datetime(2024, 1, 1, tzinfo=UTC)

dice = Random(14)  # noqa: S311  (the same catalogue in every run)


def fill(database: Database, owner_id: int) -> None:
    """Fill a database in which there is nothing but a user, who is to own the books."""
    authors = [numbered(Author(name=f"Given{n} Family{n % 90}"), n) for n in range(1, AUTHORS + 1)]
    genres = [Genre(id=n, name=name) for n, name in enumerate([*GENRES, RIVERS], 1)]
    books = [_book(number, authors, genres, owner_id) for number in range(1, BOOKS + 1)]
    with database.transaction() as db:
        put_in(db, [*authors, *books])
        links = [link for book in books for link in (*book.contributors, *book.genre_links)]
        put_in(db, genres)
        put_in(db, links)
        if db.get_bind().dialect.name == "postgresql":
            for table in ("authors", "books", "genres"):
                last = f"(SELECT max(id) FROM {table})"  # noqa: S608  (our own names)
                db.execute(text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {last})"))
        SearchIndex(db, "author").put(map(entry_of_author, authors))
        SearchIndex(db, "book").put(map(entry_of_book, books))


def _book(number: int, authors: Sequence[Author], genres: Sequence[Genre], owner_id: int) -> Book:
    main, other = dice.sample(authors, 2)
    year = dice.choice([None, None, -750, 1605, 1815, 1925, 1999, 2001, 2024])
    title = f"{dice.choice(['The', 'A', 'In the', 'No'])} {dice.choice(NOUNS)} {dice.choice(NOUNS)} {number % 40}"
    book = Book(title=title, author_id=main.id, published_year=year, created_by=owner_id)
    parts = [(main, "aut"), (other, "trl")] if number % 5 == 0 else [(main, "aut")]
    book.contributors = [
        Contributor(book_id=number, author_id=author.id, author=author, role=role, position=place)
        for place, (author, role) in enumerate(parts)
    ]
    book.genre_links = [
        BookGenre(book_id=number, genre_id=genre.id, genre=genre, position=place)
        for place, genre in enumerate(dice.sample(genres, dice.randint(0, 2)))
    ]
    return numbered(book, number)


def numbered(record: R, number: int) -> R:
    """What the service does when a record goes in; a thousand books have one time."""
    record.id, record.version = number, 1
    record.created_at = BEGAN + timedelta(seconds=number // 1000)
    record.updated_at = BEGAN + timedelta(seconds=number * 7919 % 97)
    record.write_document()
    return record


def put_in(db: Session, records: Sequence[Base]) -> None:
    """Row by row as they are, past the unit of work, which would take ten times as long."""
    rows: dict[type[Base], list[dict[str, Any]]] = {}
    for record in records:
        columns = type(record).__table__.columns
        rows.setdefault(type(record), []).append({column.key: getattr(record, column.key) for column in columns})
    for kind, values in rows.items():
        db.connection().execute(insert(kind.__table__), values)  # type: ignore[arg-type]  # a table it is
