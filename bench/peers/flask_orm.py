"""Flask with SQLAlchemy's ORM."""

import os
from typing import Any

from flask import Flask, Response, abort, jsonify, request
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session, sessionmaker

from bench.peers.tables import PAGE, WHOLE, Author, Book, Genre, listed, written

URL = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://")
sessions = sessionmaker(create_engine(URL, pool_size=10, max_overflow=0), expire_on_commit=False)
app = Flask(__name__)
AUTHOR = [
    "id",
    "name",
    "sort_name",
    "bio",
    "country",
    "birth_year",
    "death_year",
    "aliases",
    "identifiers",
    "created_at",
    "updated_at",
    "updated_by",
    "version",
]
BOOK = [
    "id",
    "title",
    "subtitle",
    "author_id",
    "contributors",
    "isbn",
    "published_year",
    "language",
    "publisher",
    "description",
    "pages",
    "series",
    "series_position",
    "cover_url",
    "genres",
    "sort_title",
    "published",
    "identifiers",
    "links",
    "call_number",
    "location",
    "created_at",
    "updated_at",
    "created_by",
    "updated_by",
    "version",
]
SENT = [
    "title",
    "subtitle",
    "isbn",
    "published_year",
    "language",
    "publisher",
    "description",
    "pages",
    "series",
    "series_position",
    "cover_url",
    "sort_title",
    "published",
    "call_number",
    "location",
]


def fields_of(author: Author) -> dict[str, Any]:
    """An author, as clients read it."""
    moments = {"created_at": author.created_at.isoformat(), "updated_at": author.updated_at.isoformat()}
    return {name: getattr(author, name) for name in AUTHOR} | moments


def fields(book: Book) -> dict[str, Any]:
    """A book, as clients read it."""
    parts = [{"author_id": part.author_id, "name": part.name, "role": part.role} for part in book.contributors]
    moments = {"created_at": book.created_at.isoformat(), "updated_at": book.updated_at.isoformat()}
    return {name: getattr(book, name) for name in BOOK if name != "contributors"} | {"contributors": parts} | moments


def lists_of(body: dict[str, Any]) -> dict[str, Any]:
    """The identifiers and links that a client sends."""
    identifiers = [{"type": one["type"], "value": one["value"]} for one in body.get("identifiers", [])]
    links = [
        {"rel": one["rel"], "href": one["href"], "type": one.get("type"), "title": one.get("title")}
        for one in body.get("links", [])
    ]
    return {"identifiers": identifiers, "links": links}


def page(db: Session, author_id: int | None = None) -> list[dict[str, Any]]:
    """The requested page of books."""
    after, limit = request.args.get("after", 0, int), request.args.get("limit", PAGE, int)
    return [fields(book) for book in db.scalars(listed(author_id, request.args.get("q"), after, limit))]


@app.get("/books/<int:book_id>")
def read_book(book_id: int) -> Response:
    """A book."""
    with sessions() as db:
        book = db.scalar(select(Book).options(*WHOLE).where(Book.id == book_id)) or abort(404)
        return jsonify(fields(book))


@app.get("/books")
def list_books() -> Response:
    """A page of books."""
    with sessions() as db:
        return jsonify(page(db, request.args.get("author_id", None, int)))


@app.get("/authors/<int:author_id>")
def read_author(author_id: int) -> Response:
    """An author."""
    with sessions() as db:
        return jsonify(fields_of(db.get(Author, author_id) or abort(404)))


@app.get("/authors/<int:author_id>/books")
def read_author_books(author_id: int) -> Response:
    """An author with a page of books."""
    with sessions() as db:
        author = db.get(Author, author_id) or abort(404)
        return jsonify(status="success", author=fields_of(author), books=page(db, author_id))


@app.post("/books")
def create_book() -> tuple[Response, int]:
    """Add a book."""
    body = request.get_json()
    parts, names = body.get("contributors") or [], {name.casefold(): name for name in body.get("genres", [])}
    if not body.get("title") or not parts:
        abort(400)
    with sessions() as db:
        ids = {part["author_id"] for part in parts}
        people = {author.id: author for author in db.scalars(select(Author).where(Author.id.in_(ids)))}
        if not people.keys() >= ids:
            abort(400)
        known = {genre.name_key: genre for genre in db.scalars(select(Genre).where(Genre.name_key.in_(names)))}
        genres = [known.get(key) or Genre(name=name, name_key=key, filter_key=key) for key, name in names.items()]
        sent = {name: body.get(name) for name in SENT} | lists_of(body)
        book = written(sent, [(people[part["author_id"]], part.get("role", "aut")) for part in parts], genres)
        db.add(book)
        db.commit()
        return jsonify(fields(book)), 201
