"""Endpoints of the change log: the feed, and the history of a record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.db.bulkheads import Kind
from app.errors import (
    AuthorNotFound,
    BookNotFound,
    ChangeNotFound,
    CursorExpired,
    InvalidCursor,
    TooManyFollowers,
    VersionNotFound,
)
from app.queries.changes import HistoryReader, find_change
from app.schemas.authors import AuthorReply
from app.schemas.books import BookReply
from app.schemas.changes import ChangeReply, FeedQuery
from app.schemas.pages import PageQuery
from app.web.feed import feed_page
from app.web.openapi import FEED
from app.web.operations import Blueprint, Success, operation
from app.web.pagination import start_key
from app.web.replies import many, one
from app.web.state import reading

if TYPE_CHECKING:
    from flask import Response

changes = Blueprint(
    "changes",
    __name__,
    tag={"name": "History", "description": "What was changed, when and by whom: the feed of changes, and undo."},
)


@changes.get("/changes")
@operation(
    "listChanges",
    Success(list[ChangeReply], "The next changes.", headers=FEED),
    query=FeedQuery,
    errors=[InvalidCursor, CursorExpired, TooManyFollowers],
)
def list_changes(query: FeedQuery) -> Response:
    """Follow the changes of the catalogue.

    The response always has a `Link` header with `rel="next"`, also if there are no changes: follow it to go on. No
    change is left out, each has its place for good, and the changes of a record are in the order of its versions. To
    copy the catalogue, take a cursor with `since=now`, then page through `GET /books` and `GET /authors`, then follow.
    """
    return feed_page(query)


@changes.get("/changes/<id:change_id>")
@operation("getChange", Success(ChangeReply, "The change."), errors=[ChangeNotFound])
def get_change(change_id: int) -> Response:
    """Get one change.

    `GET /changes` lists all of them, and the history of a record its own.
    """
    with reading(Kind.BOOKS) as connection:
        return one(find_change(connection, change_id))


@changes.get("/books/<id:book_id>/history")
@operation(
    "getBookHistory",
    Success(list[ChangeReply], "A page of the changes, newest first."),
    query=PageQuery,
    errors=[BookNotFound],
)
def get_book_history(book_id: int, query: PageQuery) -> Response:
    """List the changes of a book, newest first.

    The book may have been deleted. A change that is older than the change log, or than what the operator keeps, is not
    listed.
    """
    after = start_key()
    with reading(Kind.BOOK_LISTS) as connection:
        return many(HistoryReader(connection, "book", book_id).page(query, after))


@changes.get("/books/<id:book_id>/versions/<id:version>")
@operation("getBookVersion", Success(BookReply, "The book in that version."), errors=[VersionNotFound])
def get_book_version(book_id: int, version: int) -> Response:
    """Get a book as it was in a version.

    The book may have been deleted. `GET /books/{book_id}/history` lists the versions.
    """
    with reading(Kind.BOOKS) as connection:
        return one(HistoryReader(connection, "book", book_id).version(version))


@changes.get("/authors/<id:author_id>/history")
@operation(
    "getAuthorHistory",
    Success(list[ChangeReply], "A page of the changes, newest first."),
    query=PageQuery,
    errors=[AuthorNotFound],
)
def get_author_history(author_id: int, query: PageQuery) -> Response:
    """List the changes of an author, newest first.

    The author may have been deleted. A change that is older than the change log, or than what the operator keeps, is
    not listed.
    """
    after = start_key()
    with reading(Kind.AUTHOR_LISTS) as connection:
        return many(HistoryReader(connection, "author", author_id).page(query, after))


@changes.get("/authors/<id:author_id>/versions/<id:version>")
@operation("getAuthorVersion", Success(AuthorReply, "The author in that version."), errors=[VersionNotFound])
def get_author_version(author_id: int, version: int) -> Response:
    """Get an author as the author was in a version.

    The author may have been deleted. `GET /authors/{author_id}/history` lists the versions.
    """
    with reading(Kind.AUTHORS) as connection:
        return one(HistoryReader(connection, "author", author_id).version(version))
