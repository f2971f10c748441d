"""FastAPI with SQLAlchemy's asynchronous ORM."""

import os
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from bench.peers.tables import PAGE, WHOLE, Author, Book, Genre, listed, written

URL = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+asyncpg://")
engine = create_async_engine(URL, pool_size=10, max_overflow=0)
sessions = async_sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


async def session() -> AsyncIterator[AsyncSession]:
    """The session of a request."""
    async with sessions() as db:
        yield db


Db = Annotated[AsyncSession, Depends(session)]


class Reply(BaseModel):
    """What is read from a record."""

    model_config = ConfigDict(from_attributes=True)


class ContributorReply(Reply):
    """A contributor."""

    author_id: int
    name: str
    role: str


class Identifier(Reply):
    """An identifier in another catalogue, as it is read and sent."""

    type: str = Field(max_length=20)
    value: str = Field(min_length=1, max_length=255)


class Link(Reply):
    """A link, as it is read and sent."""

    rel: str = Field(max_length=255)
    href: str
    type: str | None = None
    title: str | None = Field(None, max_length=255)


class BookReply(Reply):
    """A book."""

    id: int
    title: str
    subtitle: str | None
    author_id: int
    contributors: list[ContributorReply]
    isbn: str | None
    published_year: int | None
    language: str | None
    publisher: str | None
    description: str | None
    pages: int | None
    series: str | None
    series_position: float | None
    cover_url: str | None
    genres: list[str]
    sort_title: str
    published: str | None
    identifiers: list[Identifier]
    links: list[Link]
    call_number: str | None
    location: str | None
    created_at: datetime
    updated_at: datetime
    created_by: int | None
    updated_by: int | None
    version: int


class AuthorReply(Reply):
    """An author."""

    id: int
    name: str
    sort_name: str
    bio: str | None
    country: str | None
    birth_year: int | None
    death_year: int | None
    aliases: list[str]
    identifiers: list[Identifier]
    created_at: datetime
    updated_at: datetime
    updated_by: int | None
    version: int


class AuthorBooks(Reply):
    """An author with books."""

    status: str = "success"
    author: AuthorReply
    books: list[BookReply]


class Part(BaseModel):
    """A contributor of a new book."""

    author_id: int
    role: str = Field("aut", pattern="^[a-z]{3}$")


class BookCreate(BaseModel):
    """A new book."""

    title: str = Field(min_length=1, max_length=500)
    subtitle: str | None = Field(None, max_length=500)
    contributors: list[Part] = Field(min_length=1)
    isbn: str | None = Field(None, pattern="^97[89][0-9]{10}$")
    published_year: int | None = Field(None, ge=-5000, le=9999)
    language: str | None = Field(None, max_length=35)
    publisher: str | None = Field(None, max_length=255)
    description: str | None = None
    pages: int | None = Field(None, ge=1, le=100_000)
    series: str | None = Field(None, max_length=500)
    series_position: float | None = None
    cover_url: str | None = None
    genres: list[str] = []
    sort_title: str | None = Field(None, max_length=500)
    published: str | None = Field(None, pattern="^[0-9]{4}(-[0-9]{2}){0,2}$")
    identifiers: list[Identifier] = Field([], max_length=50)
    links: list[Link] = Field([], max_length=20)
    call_number: str | None = Field(None, max_length=255)
    location: str | None = Field(None, max_length=255)


@app.get("/books/{book_id}", response_model=BookReply)
async def read_book(book_id: int, db: Db) -> Any:  # noqa: ANN401  (FastAPI makes it a reply)
    """A book."""
    book = await db.scalar(select(Book).options(*WHOLE).where(Book.id == book_id))
    if book is None:
        raise HTTPException(404, "No book has that id.")
    return book


@app.get("/books", response_model=list[BookReply])
async def list_books(
    db: Db,
    author_id: int | None = None,
    q: str | None = None,
    after: int = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = PAGE,
) -> Any:  # noqa: ANN401  (likewise)
    """A page of books."""
    return (await db.scalars(listed(author_id, q, after, limit))).all()


@app.get("/authors/{author_id}", response_model=AuthorReply)
async def read_author(author_id: int, db: Db) -> Any:  # noqa: ANN401  (likewise)
    """An author."""
    author = await db.get(Author, author_id)
    if author is None:
        raise HTTPException(404, "No author has that id.")
    return author


@app.get("/authors/{author_id}/books", response_model=AuthorBooks)
async def read_author_books(author_id: int, db: Db) -> Any:  # noqa: ANN401  (likewise)
    """An author with a page of books."""
    author = await read_author(author_id, db)
    return {"author": author, "books": (await db.scalars(listed(author_id, None, 0, PAGE))).all()}


@app.post("/books", status_code=201, response_model=BookReply)
async def create_book(body: BookCreate, db: Db) -> Any:  # noqa: ANN401  (likewise)
    """Add a book."""
    ids = [part.author_id for part in body.contributors]
    people = {author.id: author for author in await db.scalars(select(Author).where(Author.id.in_(ids)))}
    if not people.keys() >= set(ids):
        raise HTTPException(400, "No author has that id.")
    names = {name.casefold(): name for name in body.genres}
    known = {genre.name_key: genre for genre in await db.scalars(select(Genre).where(Genre.name_key.in_(names)))}
    genres = [known.get(key) or Genre(name=name, name_key=key, filter_key=key) for key, name in names.items()]
    fields = body.model_dump(exclude={"contributors", "genres"})
    book = written(fields, [(people[part.author_id], part.role) for part in body.contributors], genres)
    db.add(book)
    await db.commit()
    return book
