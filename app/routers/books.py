"""Endpoints of books."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import url_for
from pydantic import MISSING

from app.auth import token_required
from app.db.bulkheads import Kind
from app.domain.isbn import normalize_isbn
from app.errors import (
    AuthorMissing,
    BookDeleted,
    BookNotFound,
    IdTaken,
    InvalidIsbn,
    IsbnTaken,
    NotOwner,
    QuotaReached,
    VersionMismatch,
)
from app.queries.books import BookReader
from app.schemas.base import WriteResult
from app.schemas.books import BookCreate, BookDone, BookReply, BookUpdate
from app.schemas.contributors import names_people
from app.schemas.lists import BookFilters
from app.services.books import BookService
from app.services.policy import require_editor, require_moderate_id, require_owner_or_admin
from app.services.quota import Quota
from app.web.conditional import require_match
from app.web.http_errors import NotAcceptable
from app.web.idempotency import idempotent, kept
from app.web.openapi import CREATED, ETAG
from app.web.operations import Blueprint, Success, operation
from app.web.pagination import start_key
from app.web.replies import changed, created, deleted, many, one
from app.web.representations import book_in, format_wanted
from app.web.state import reading, state
from app.web.write_transaction import writing

if TYPE_CHECKING:
    from flask import Response

    from app.security.identity import Principal

books = Blueprint(
    "books",
    __name__,
    url_prefix="/books",
    tag={"name": "Books", "description": "The catalogue: list, search, read and change books."},
)


@books.get("")
@operation("listBooks", Success(list[BookReply], "A page of books."), query=BookFilters)
def list_books(query: BookFilters) -> Response:
    """List books, a page at a time.

    To read on, follow the `Link` header with `rel="next"` until it is absent. Every book that exists throughout is
    returned exactly once, even if others are added or deleted meanwhile.
    """
    after = start_key()
    with reading(Kind.BOOK_LISTS) as connection:
        page = BookReader(connection).page(query, after)
    return many(page, None if query.fields is MISSING else query.fields)


@books.get("/<id:book_id>")
@operation(
    "getBook",
    Success(BookReply, "The book."),
    errors=[BookNotFound, BookDeleted, NotAcceptable],
)
def get_book(book_id: int) -> Response:
    """Get one book.

    Send the `ETag` back in `If-None-Match` of later reads, and that of the JSON in `If-Match` of writes. `Accept` may
    name one of the other media types of `GET /books/{book_id}.{extension}`.
    """
    form = format_wanted()
    with reading(Kind.BOOKS) as connection:
        response = book_in(form, BookReader(connection).find(book_id))
    response.vary.add("Accept")
    return response


@books.get("/isbn/<isbn>")
@operation("getBookByIsbn", Success(BookReply, "The book."), errors=[InvalidIsbn, BookNotFound])
def get_book_by_isbn(isbn: str) -> Response:
    """Get the book with an ISBN.

    The ISBN may have 10 or 13 digits, with or without hyphens.
    """
    try:
        thirteen = normalize_isbn(isbn)
    except ValueError as error:
        raise InvalidIsbn(str(error)) from None
    with reading(Kind.BOOKS) as connection:
        return one(BookReader(connection).find_by_isbn(thirteen))


@books.post("")
@token_required
@idempotent
@operation(
    "createBook",
    Success(BookDone, "The new book.", CREATED, status=201),
    body=BookCreate,
    errors=[AuthorMissing, IdTaken, IsbnTaken, QuotaReached],
)
def create_book(body: BookCreate, user: Principal) -> Response:
    """Add a book.

    Requires `title`, and `author_id` or `contributors`. Contributors who are named without an id are found or created.
    """
    require_moderate_id(body.id, user)
    with writing(user) as db:
        quota = Quota(db, user, state().settings.quota_records)
        quota.require_room()
        quota.use()
        book = BookService(db, quota).create(body, owner_id=user.id)
        location = url_for("books.get_book", book_id=book.id)
        return kept(db, created(book.document, location, message=f"book '{book.title}' created"))


@books.put("/<id:book_id>")
@token_required
@operation(
    "updateBook",
    Success(BookDone, "The updated book.", ETAG),
    body=BookUpdate,
    errors=[AuthorMissing, BookNotFound, BookDeleted, IsbnTaken, NotOwner, QuotaReached, VersionMismatch],
)
def update_book(book_id: int, body: BookUpdate, user: Principal) -> Response:
    """Update the given fields of a book.

    Any user may do so, unless `EDITING` is `owner`.
    With `If-Match`, only if the book still has that `ETag`.
    """
    return _update(book_id, body, user)


@books.patch("/<id:book_id>")
@token_required
@idempotent
@operation(
    "patchBook",
    Success(BookDone, "The updated book.", ETAG),
    body=BookUpdate,
    errors=[AuthorMissing, BookNotFound, BookDeleted, IsbnTaken, NotOwner, QuotaReached, VersionMismatch],
)
def patch_book(book_id: int, body: BookUpdate, user: Principal) -> Response:
    """Update a book by a merge patch (RFC 7396): null removes a value, a list replaces the whole list.

    Any user may do so, unless `EDITING` is `owner`.
    With `If-Match`, only if the book still has that `ETag`.
    """
    return _update(book_id, body, user)


@books.delete("/<id:book_id>")
@token_required
@operation(
    "deleteBook", Success(WriteResult, "Deleted."), errors=[BookNotFound, BookDeleted, NotOwner, VersionMismatch]
)
def delete_book(book_id: int, user: Principal) -> Response:
    """Delete a book. Only the user who added it, or an admin, may do so.

    With `If-Match`, only if the book still has that `ETag`.
    """
    with writing(user) as db:
        service = BookService(db)
        book = service.get(book_id)
        require_owner_or_admin(book, user)
        require_match(book.document)
        service.delete(book)
        return deleted(message=f"book '{book.title}' deleted")


def _update(book_id: int, changes: BookUpdate, user: Principal) -> Response:
    with writing(user) as db:
        quota = Quota(db, user, state().settings.quota_records) if names_people(changes.contributors) else None
        service = BookService(db, quota)
        book = service.get(book_id)
        require_editor(book, user, state().settings.editing)
        require_match(book.document)
        service.update(book, changes, editor_id=user.id)
        return kept(db, changed(book.document, message=f"book '{book.title}' updated"))
