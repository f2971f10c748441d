"""FastAPI, tuned: raw asyncpg, one statement for a list of books, orjson, and no response models."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

import asyncpg
import orjson
from fastapi import FastAPI, HTTPException, Query, Response
from pydantic import BaseModel, Field

from bench.peers.sort_titles import sort_title_of

CONTRIBUTORS = """
    (
        SELECT json_agg(json_build_object('author_id', c.author_id, 'name', a.name, 'role', c.role) ORDER BY c.position)
        FROM book_contributors c JOIN authors a ON a.id = c.author_id WHERE c.book_id = b.id
    ) AS contributors
"""
GENRES = """
    ARRAY(
        SELECT g.name FROM book_genres l JOIN genres g ON g.id = l.genre_id WHERE l.book_id = b.id ORDER BY l.position
    ) AS genres
"""
OWN_COLUMNS = """
    b.id, b.title, b.subtitle, b.author_id, b.isbn, b.published_year, b.language, b.publisher, b.description, b.pages,
    b.series, b.series_position, b.cover_url, b.sort_title, b.published,
    coalesce(b.identifiers, '[]')::json AS identifiers, coalesce(b.links, '[]')::json AS links,
    b.call_number, b.location, b.created_at, b.updated_at, b.created_by, b.updated_by, b.version
"""
BOOKS = f"SELECT {OWN_COLUMNS}, {CONTRIBUTORS}, {GENRES} FROM books b"
BOOK = f"{BOOKS} WHERE b.id = $1"
PAGE = f"{BOOKS} WHERE b.id > $1 ORDER BY b.id LIMIT $2"
OF_AUTHOR = f"""
    {BOOKS} WHERE b.id IN (SELECT book_id FROM book_contributors WHERE author_id = $3) AND b.id > $1
    ORDER BY b.id LIMIT $2
"""
AUTHOR = """
    SELECT id, name, sort_name, bio, country, birth_year, death_year, coalesce(aliases, '[]')::json AS aliases,
        coalesce(identifiers, '[]')::json AS identifiers, created_at, updated_at, updated_by, version
    FROM authors WHERE id = $1
"""
HAS_WORD = """
    (
        b.title ILIKE $%(place)s OR EXISTS (
            SELECT FROM book_contributors c JOIN authors a ON a.id = c.author_id
            WHERE c.book_id = b.id AND a.name ILIKE $%(place)s
        )
    )
"""
CREATE = f"""
    WITH new_genre AS (
        INSERT INTO genres (name, name_key, filter_key)
        SELECT requested, lower(requested), lower(requested) FROM unnest($21::text[]) requested
        WHERE NOT EXISTS (SELECT FROM genres WHERE name_key = lower(requested)) RETURNING id, name, name_key
    ), genre AS (
        SELECT id, genres.name, position FROM unnest($21::text[]) WITH ORDINALITY requested (name, position)
        JOIN genres ON name_key = lower(requested.name)
        UNION ALL
        SELECT id, new_genre.name, position FROM unnest($21::text[]) WITH ORDINALITY requested (name, position)
        JOIN new_genre ON name_key = lower(requested.name)
    ), part AS (
        SELECT author_id, name, role, position
        FROM unnest($19::bigint[], $20::text[]) WITH ORDINALITY requested (author_id, role, position)
        JOIN authors ON id = author_id
    ), book AS (
        INSERT INTO books (
            title, subtitle, isbn, published_year, language, publisher, publisher_key, description, pages, series,
            series_position, cover_url, sort_title, title_key, published, identifiers, links, call_number, location,
            author_id, created_at, updated_at, created_by, updated_by, version
        )
        SELECT $1, $2, $3, $4::int, $5, $6::text, lower($6), $7, $8::int, $9,
            $10::float8, $11, $12::text, lower($12), $13, $16::text, $17::text, $14, $15,
            ($19::bigint[])[1], $18::timestamptz, $18, 1, 1, 1
        WHERE (SELECT count(*) FROM part) = cardinality($19::bigint[])
        RETURNING *
    ), of_genre AS (
        INSERT INTO book_genres (book_id, genre_id, position) SELECT book.id, genre.id, position - 1 FROM book, genre
    ), of_part AS (
        INSERT INTO book_contributors (book_id, author_id, role, position)
        SELECT book.id, part.author_id, role, position - 1 FROM book, part
    ), of_identifier AS (
        INSERT INTO book_identifiers (book_id, type, value)
        SELECT book.id, type, value FROM book, json_to_recordset($16::text::json) AS identifier (type text, value text)
    )
    SELECT {OWN_COLUMNS},
        (
            SELECT json_agg(json_build_object('author_id', author_id, 'name', name, 'role', role) ORDER BY position)
            FROM part
        ) AS contributors,
        ARRAY(SELECT name FROM genre ORDER BY position) AS genres
    FROM book b
"""


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Keep a pool of connections."""
    async with asyncpg.create_pool(
        os.environ["DATABASE_URL"], min_size=8, max_size=8, init=_prepare, reset=_keep
    ) as pool:
        app.state.pool = pool
        yield


async def _prepare(connection: Any) -> None:  # noqa: ANN401  (asyncpg has no types)
    """Leave JSON from the database as it is: it goes into the response."""
    await connection.set_type_codec("json", schema="pg_catalog", encoder=str, decoder=orjson.Fragment, format="text")


async def _keep(_connection: object) -> None:
    """Save the round trip in which asyncpg resets a connection: no request changes anything about it."""


app = FastAPI(lifespan=lifespan)


class Part(BaseModel):
    """A contributor of a new book."""

    author_id: int
    role: str = Field("aut", pattern="^[a-z]{3}$")


class Identifier(BaseModel):
    """An identifier in another catalogue."""

    type: str = Field(max_length=20)
    value: str = Field(min_length=1, max_length=255)


class Link(BaseModel):
    """A link of a new book."""

    rel: str = Field(max_length=255)
    href: str
    type: str | None = None
    title: str | None = Field(None, max_length=255)


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


def reply(content: object, status: int = 200) -> Response:
    """A response, without a model."""
    body = orjson.dumps(content, option=orjson.OPT_UTC_Z)
    return Response(body, status, media_type="application/json")


@app.get("/books/{book_id}")
async def read_book(book_id: int) -> Response:
    """A book."""
    row = await app.state.pool.fetchrow(BOOK, book_id)
    if row is None:
        raise HTTPException(404, "No book has that id.")
    return reply(dict(row))


@app.get("/books")
async def list_books(
    author_id: int | None = None,
    q: str | None = None,
    after: int = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """A page of books."""
    if q is not None:
        words = [f"%{word}%" for word in q.split()]
        having = "".join(f" AND {HAS_WORD % {'place': place}}" for place in range(3, 3 + len(words)))
        found = f"{BOOKS} WHERE b.id > $1 {having} ORDER BY b.id LIMIT $2"
        rows = await app.state.pool.fetch(found, after, limit, *words)
    elif author_id is not None:
        rows = await app.state.pool.fetch(OF_AUTHOR, after, limit, author_id)
    else:
        rows = await app.state.pool.fetch(PAGE, after, limit)
    return reply([dict(row) for row in rows])


@app.get("/authors/{author_id}")
async def read_author(author_id: int) -> Response:
    """An author."""
    row = await app.state.pool.fetchrow(AUTHOR, author_id)
    if row is None:
        raise HTTPException(404, "No author has that id.")
    return reply(dict(row))


@app.get("/authors/{author_id}/books")
async def read_author_books(author_id: int) -> Response:
    """An author with a page of books."""
    async with app.state.pool.acquire() as connection:
        row = await connection.fetchrow(AUTHOR, author_id)
        if row is None:
            raise HTTPException(404, "No author has that id.")
        books = await connection.fetch(OF_AUTHOR, 0, 50, author_id)
    return reply({"status": "success", "author": dict(row), "books": [dict(book) for book in books]})


@app.post("/books", status_code=201)
async def create_book(body: BookCreate) -> Response:
    """Add a book."""
    people = [part.author_id for part in body.contributors], [part.role for part in body.contributors]
    body.sort_title = body.sort_title or sort_title_of(body.title, body.language)
    fields = body.model_dump(exclude={"contributors", "genres"})
    lists = [orjson.dumps(fields.pop(name)).decode() for name in ("identifiers", "links")]
    row = await app.state.pool.fetchrow(CREATE, *fields.values(), *lists, datetime.now(UTC), *people, body.genres)
    if row is None:
        raise HTTPException(400, "No author has that id.")
    return reply(dict(row), 201)
