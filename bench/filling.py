"""Filling a database by COPY, with the rows that the service would write."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import psycopg
from sqlalchemy import select

from app.domain.names import name_key
from app.domain.sort_keys import filter_key, person_key, sort_key
from app.domain.sort_names import sort_name_of
from app.domain.sort_titles import sort_title_of
from app.models import Author, Book
from app.models.books import Book as BookModel
from app.schemas.authors import AuthorReply
from app.schemas.books import BookReply
from app.search.index import Entry, entry_of_book
from app.search.typos import new_variants, tolerates_typo
from app.search.words import words
from app.security.roles import MEMBER
from bench.catalogue import GENRES, Catalogue, Size

if TYPE_CHECKING:
    from rich.progress import Progress

    from app.database import Database

AT_ONCE = 10_000
GENRE_IDS = {name: place for place, name in enumerate(GENRES, 1)}
COLUMNS = {
    "users": "id, username, username_key, password_hash, role, created_at",
    "genres": "id, name, name_key, filter_key",
    "authors": "id, name, name_key, sort_name, sort_key, bio, country, birth_year, death_year, created_by, version,"
    " created_at, updated_at, document, updated_by",
    "author_search": "id, title, everything",
    "books": "id, title, sort_title, title_key, subtitle, author_id, isbn, published_year, language, publisher,"
    " publisher_key, description, pages, series, series_key, series_position, cover_url, created_by, version,"
    " created_at, updated_at, document, updated_by",
    "book_contributors": "book_id, author_id, role, position",
    "book_genres": "book_id, genre_id, position",
    "book_search": "id, title, everything",
    "search_words": "variant, word",
}
DEFINITIONS = """
    SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname),
        format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
    FROM pg_constraint WHERE contype IN ('f', 'u') AND connamespace = 'public'::regnamespace
    UNION ALL
    SELECT format('DROP INDEX %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
    FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
    WHERE relnamespace = 'public'::regnamespace
        AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)
"""

Rows = dict[str, list[tuple[Any, ...]]]
words_of = lru_cache(maxsize=200_000)(words)
key_of = cache(filter_key)


@dataclass(frozen=True)
class Chunk:
    """A batch of the work: which records, of which catalogue, into which database."""

    url: str
    size: Size
    seed: int
    kind: str
    numbers: range


@cache
def catalogue_of(size: Size, seed: int) -> Catalogue:
    """The catalogue, created once per process."""
    return Catalogue(size, seed)


def fill(url: str, size: Size, seed: int, progress: Progress, processes: int) -> None:
    """Fill a migrated, empty database."""
    with psycopg.connect(url, autocommit=True) as connection, without_indexes(connection, progress):
        _copy(connection, {"users": [(1, "bench", "bench", "!", MEMBER, "2024-01-01T00:00:00Z")]})
        genres = [(number, name, name_key(name), key_of(name)) for name, number in GENRE_IDS.items()]
        _copy(connection, {"genres": genres})
        seen: set[str] = set()
        chunks = [
            Chunk(url, size, seed, kind, range(start, min(start + AT_ONCE, count + 1)))
            for kind, count in (("authors", size.authors), ("books", size.books))
            for start in range(1, count + 1, AT_ONCE)
        ]
        task = progress.add_task(f"{size.books:,} books: rows", total=len(chunks))
        with ProcessPoolExecutor(processes) as pool:
            for done in as_completed([pool.submit(write, chunk) for chunk in chunks]):
                seen |= done.result()
                progress.advance(task)
        _copy(connection, {"search_words": new_variants(seen)})
    with psycopg.connect(url, autocommit=True) as connection:
        for table in ("users", "genres", "authors", "books"):
            connection.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")  # noqa: S608
        connection.execute("VACUUM ANALYZE")


@contextmanager
def without_indexes(connection: psycopg.Connection[Any], progress: Progress) -> Iterator[None]:
    """Drop indexes and foreign keys while the rows are inserted, and recreate them afterwards."""
    definitions = connection.execute(DEFINITIONS).fetchall()
    for drop, _ in definitions:
        connection.execute(drop)
    yield
    connection.execute("SET maintenance_work_mem = '1GB'")
    for _, add in progress.track(definitions[::-1], description="indexes and references"):
        connection.execute(add)


def write(chunk: Chunk) -> set[str]:
    """Write a batch of records, and return the words for which typos are tolerated."""
    catalogue = catalogue_of(chunk.size, chunk.seed)
    rows: Rows = {}
    add = _add_author if chunk.kind == "authors" else _add_book
    fields_of = catalogue.author if chunk.kind == "authors" else catalogue.book
    seen: set[str] = set()
    for number in chunk.numbers:
        seen |= add(rows, fields_of(number))
    with psycopg.connect(chunk.url) as connection:
        _copy(connection, rows)
    return {word for word in seen if tolerates_typo(word)}


def _add_author(rows: Rows, author: dict[str, Any]) -> set[str]:
    name, sort_name = author["name"], sort_name_of(author["name"])
    document = AuthorReply(**author, sort_name=sort_name, aliases=[], identifiers=[]).model_dump_json()
    life = (author["bio"], author["country"], author["birth_year"], author["death_year"])
    row = (author["id"], name, name_key(name), sort_name, person_key(sort_name), *life, 1, *_end_of(author, document))
    rows.setdefault("authors", []).append(row)
    title, everything = Entry(author["id"], [name], [sort_name], [sort_name]).words(words_of)
    rows.setdefault("author_search", []).append((author["id"], _vector(title), _vector(everything)))
    return set(everything)


def _add_book(rows: Rows, book: dict[str, Any]) -> set[str]:
    number = book["id"]
    later = dict.fromkeys(("published", "call_number", "location")) | {"identifiers": [], "links": []}
    book = book | later | {"sort_title": sort_title_of(book["title"], book["language"])}
    document = BookReply(**book).model_dump_json()
    row = dict(book, title_key=sort_key(book["sort_title"]))
    row |= {f"{name}_key": key_of(book[name]) if book[name] else None for name in ("publisher", "series")}
    columns = COLUMNS["books"].replace(" ", "").split(",")[:-5]
    rows.setdefault("books", []).append((*(row[name] for name in columns), *_end_of(book, document)))
    parts = [(number, part["author_id"], part["role"], place) for place, part in enumerate(book["contributors"])]
    rows.setdefault("book_contributors", []).extend(parts)
    genres = [(number, GENRE_IDS[name], place) for place, name in enumerate(book["genres"])]
    rows.setdefault("book_genres", []).extend(genres)
    names = (part["name"] for part in book["contributors"])
    others = [book["subtitle"] or "", book["series"] or "", *names, *book["genres"]]
    title, everything = Entry(number, [book["title"]], others).words(words_of)
    rows.setdefault("book_search", []).append((number, _vector(title), _vector(everything)))
    return set(everything)


def _end_of(record: dict[str, Any], document: str) -> tuple[Any, ...]:
    return (record["version"], record["created_at"], record["updated_at"], document, record["updated_by"])


def _vector(of_words: list[str]) -> str:
    """A tsvector as text; the words are letters and digits."""
    return " ".join(f"'{word}'" for word in of_words)


def _copy(connection: psycopg.Connection[Any], tables: Rows | dict[str, Any]) -> None:
    for table, rows in tables.items():
        with connection.cursor().copy(f"COPY {table} ({COLUMNS[table]}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


def require_as_written(database: Database, numbers: list[int]) -> None:
    """Check that some books and their authors are what the service would have written.

    Raises:
        AssertionError: they differ.
    """
    with database.sessions() as session:
        for book in session.scalars(select(BookModel).where(Book.id.in_(numbers))):
            title, everything = map(set, entry_of_book(book).words())
            query = "SELECT tsvector_to_array(title), tsvector_to_array(everything) FROM book_search WHERE id = %s"
            kept = session.connection().exec_driver_sql(query, (book.id,)).one()
            _require(set(kept[0]) == title and set(kept[1]) == everything, f"the words of book {book.id}")
            for record in (book, *(part.author for part in book.contributors)):
                reply = record.reply.model_validate(record, from_attributes=True).model_dump_json()
                _require(record.document == reply, f"the document of {record}")
            keys = [filter_key(name) if name else None for name in (book.publisher, book.series)]
            written = [book.title_key, book.publisher_key, book.series_key]
            _require(written == [sort_key(book.sort_title), *keys], f"the keys of book {book.id}")
        for author in session.scalars(select(Author).where(Author.id.in_(numbers))):
            _require(author.sort_key == person_key(author.sort_name), f"the key of author {author.id}")


def _require(holds: bool, what: str) -> None:  # noqa: FBT001  (a claim and its name)
    if not holds:
        msg = f"{what} differs from what the service writes"
        raise AssertionError(msg)
