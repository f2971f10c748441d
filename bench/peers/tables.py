"""The tables as classes of SQLAlchemy, for the peers that use its ORM."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, ForeignKey, Select, Text, TypeDecorator, exists, select
from sqlalchemy.ext.associationproxy import AssociationProxy, association_proxy
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, selectinload

from bench.peers.sort_titles import sort_title_of

PAGE = 50


class JsonList(TypeDecorator[list[Any]]):
    """A list as JSON text; NULL is an empty list."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: list[Any] | None, dialect: object) -> str:  # noqa: ARG002  (SQLAlchemy's)
        """The text."""
        return json.dumps(value or [])

    def process_result_value(self, value: str | None, dialect: object) -> list[Any]:  # noqa: ARG002  (SQLAlchemy's)
        """The list."""
        return list(json.loads(value)) if value else []


class Base(DeclarativeBase):
    """The base of all."""

    type_annotation_map = {int: BigInteger, str: Text, datetime: DateTime(timezone=True)}  # noqa: RUF012  (as documented)


class Author(Base):
    """An author."""

    __tablename__ = "authors"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    sort_name: Mapped[str]
    bio: Mapped[str | None]
    country: Mapped[str | None]
    birth_year: Mapped[int | None]
    death_year: Mapped[int | None]
    aliases: Mapped[list[str]] = mapped_column(JsonList)
    identifiers: Mapped[list[dict[str, str]]] = mapped_column(JsonList)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    updated_by: Mapped[int | None]
    version: Mapped[int]


class Genre(Base):
    """A genre."""

    __tablename__ = "genres"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_key: Mapped[str]
    filter_key: Mapped[str]


class Contributor(Base):
    """A contributor of a book."""

    __tablename__ = "book_contributors"

    book_id: Mapped[int] = mapped_column(ForeignKey("books.id"), primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    author: Mapped[Author] = relationship()
    name: AssociationProxy[str] = association_proxy("author", "name")


class BookGenre(Base):
    """A genre of a book."""

    __tablename__ = "book_genres"

    book_id: Mapped[int] = mapped_column(ForeignKey("books.id"), primary_key=True)
    genre_id: Mapped[int] = mapped_column(ForeignKey("genres.id"), primary_key=True)
    position: Mapped[int]
    genre: Mapped[Genre] = relationship()


class BookIdentifier(Base):
    """An identifier of a book, by which it is found."""

    __tablename__ = "book_identifiers"

    book_id: Mapped[int] = mapped_column(ForeignKey("books.id"), primary_key=True)
    type: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)


def _now() -> datetime:
    return datetime.now(UTC)


class Book(Base):
    """A book."""

    __tablename__ = "books"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    title_key: Mapped[str]
    subtitle: Mapped[str | None]
    author_id: Mapped[int]
    isbn: Mapped[str | None]
    published_year: Mapped[int | None]
    language: Mapped[str | None]
    publisher: Mapped[str | None]
    publisher_key: Mapped[str | None]
    description: Mapped[str | None]
    pages: Mapped[int | None]
    series: Mapped[str | None]
    series_position: Mapped[float | None]
    cover_url: Mapped[str | None]
    sort_title: Mapped[str]
    published: Mapped[str | None]
    identifiers: Mapped[list[dict[str, str]]] = mapped_column(JsonList)
    links: Mapped[list[dict[str, str | None]]] = mapped_column(JsonList)
    call_number: Mapped[str | None]
    location: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=_now)
    updated_at: Mapped[datetime] = mapped_column(default=_now)
    created_by: Mapped[int | None] = mapped_column(default=1)
    updated_by: Mapped[int | None] = mapped_column(default=1)
    version: Mapped[int] = mapped_column(default=1)
    contributors: Mapped[list[Contributor]] = relationship(order_by=Contributor.position)
    genre_links: Mapped[list[BookGenre]] = relationship(order_by=BookGenre.position)
    identifier_rows: Mapped[list[BookIdentifier]] = relationship()

    @property
    def genres(self) -> list[str]:
        """Their names."""
        return [link.genre.name for link in self.genre_links]


WHOLE = (
    selectinload(Book.contributors).joinedload(Contributor.author, innerjoin=True),
    selectinload(Book.genre_links).joinedload(BookGenre.genre, innerjoin=True),
)
"""What a book needs to be complete, loaded in one statement for each of the two."""


def listed(author_id: int | None, q: str | None, after: int, limit: int) -> Select[tuple[Book]]:
    """The books of a page."""
    query = select(Book).options(*WHOLE).where(Book.id > after).order_by(Book.id).limit(limit)
    if author_id is not None:
        query = query.where(Book.id.in_(select(Contributor.book_id).where(Contributor.author_id == author_id)))
    for word in (q or "").split():
        by_name = exists().where(
            Contributor.book_id == Book.id, Contributor.author_id == Author.id, Author.name.icontains(word)
        )
        query = query.where(Book.title.icontains(word) | by_name)
    return query


def written(fields: dict[str, Any], people: list[tuple[Author, str]], genres: list[Genre]) -> Book:
    """A new book with what belongs to it."""
    book = Book(**fields, author_id=people[0][0].id)
    book.sort_title = book.sort_title or sort_title_of(book.title, book.language)
    book.title_key = book.sort_title.lower()
    book.publisher_key = book.publisher.lower() if book.publisher else None
    book.identifier_rows = [BookIdentifier(**one) for one in fields["identifiers"]]
    book.contributors = [Contributor(author=one, role=role, position=place) for place, (one, role) in enumerate(people)]
    book.genre_links = [BookGenre(genre=genre, position=place) for place, genre in enumerate(genres)]
    return book
