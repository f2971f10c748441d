"""Endpoints of authors and their books."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import url_for
from pydantic import MISSING

from app.auth import token_required
from app.db.bulkheads import Kind
from app.errors import AuthorDeleted, AuthorHasBooks, AuthorNotFound, IdTaken, NotOwner, QuotaReached, VersionMismatch
from app.queries.authors import AuthorReader
from app.queries.books import BookReader
from app.schemas.authors import AuthorBooks, AuthorCreate, AuthorDone, AuthorReply, AuthorUpdate
from app.schemas.base import WriteResult
from app.schemas.lists import AuthorFilters
from app.schemas.pages import PageQuery
from app.services.authors import AuthorService
from app.services.policy import require_editor, require_moderate_id, require_owner_or_admin
from app.services.quota import Quota
from app.web.conditional import require_match
from app.web.idempotency import idempotent, kept
from app.web.json_documents import array, json_object
from app.web.openapi import CREATED, ETAG
from app.web.operations import Blueprint, Success, operation
from app.web.pagination import start_key
from app.web.replies import changed, created, deleted, many, one, paged
from app.web.state import reading, state
from app.web.write_transaction import writing

if TYPE_CHECKING:
    from flask import Response

    from app.security.identity import Principal

authors = Blueprint(
    "authors",
    __name__,
    url_prefix="/authors",
    tag={"name": "Authors", "description": "The authors and other contributors, and the books of each."},
)


@authors.get("")
@operation("listAuthors", Success(list[AuthorReply], "A page of authors."), query=AuthorFilters)
def list_authors(query: AuthorFilters) -> Response:
    """List authors, a page at a time.

    To read on, follow the `Link` header with `rel="next"` until it is absent.
    """
    after = start_key()
    with reading(Kind.AUTHOR_LISTS) as connection:
        page = AuthorReader(connection).page(query, after)
    return many(page, None if query.fields is MISSING else query.fields)


@authors.get("/<id:author_id>")
@operation("getAuthor", Success(AuthorReply, "The author."), errors=[AuthorNotFound, AuthorDeleted])
def get_author(author_id: int) -> Response:
    """Get one author.

    Send the `ETag` back in `If-None-Match` of later reads, and in `If-Match` of writes.
    """
    with reading(Kind.AUTHORS) as connection:
        return one(AuthorReader(connection).find(author_id))


@authors.get("/<id:author_id>/books")
@operation(
    "getAuthorBooks",
    Success(AuthorBooks, "The author, and a page of the books."),
    query=PageQuery,
    errors=[AuthorNotFound, AuthorDeleted],
)
def get_author_books(author_id: int, query: PageQuery) -> Response:
    """Get an author and the author's books, a page at a time.

    Lists the books to which the author contributed in any role. To read on, follow the `Link` header with `rel="next"`
    until it is absent.
    """
    after = start_key()
    with reading(Kind.BOOK_LISTS) as connection:
        author = AuthorReader(connection).find(author_id)
        page = BookReader(connection).page_of_author(author_id, query, after)
    return paged(json_object(status='"success"', author=author, books=array(page.documents)), page)


@authors.post("")
@token_required
@idempotent
@operation(
    "createAuthor",
    Success(AuthorDone, "The new author.", CREATED, status=201),
    body=AuthorCreate,
    errors=[IdTaken, QuotaReached],
)
def create_author(body: AuthorCreate, user: Principal) -> Response:
    """Add an author.

    Requires `name`; `sort_name` is derived from it unless given.
    """
    require_moderate_id(body.id, user)
    with writing(user) as db:
        Quota(db, user, state().settings.quota_records).require_room()
        author = AuthorService(db).create(body, owner_id=user.id)
        location = url_for("authors.get_author", author_id=author.id)
        return kept(db, created(author.document, location, message=f"author '{author.name}' created"))


@authors.put("/<id:author_id>")
@token_required
@operation(
    "updateAuthor",
    Success(AuthorDone, "The updated author.", ETAG),
    body=AuthorUpdate,
    errors=[AuthorNotFound, AuthorDeleted, NotOwner, VersionMismatch],
)
def update_author(author_id: int, body: AuthorUpdate, user: Principal) -> Response:
    """Update the given fields of an author, and the name in the author's books.

    Any user may do so, unless `EDITING` is `owner`.
    With `If-Match`, only if the author still has that `ETag`.
    """
    return _update(author_id, body, user)


@authors.patch("/<id:author_id>")
@token_required
@idempotent
@operation(
    "patchAuthor",
    Success(AuthorDone, "The updated author.", ETAG),
    body=AuthorUpdate,
    errors=[AuthorNotFound, AuthorDeleted, NotOwner, VersionMismatch],
)
def patch_author(author_id: int, body: AuthorUpdate, user: Principal) -> Response:
    """Update an author by a merge patch (RFC 7396): null removes a value. The name in the author's books follows.

    Any user may do so, unless `EDITING` is `owner`.
    With `If-Match`, only if the author still has that `ETag`.
    """
    return _update(author_id, body, user)


@authors.delete("/<id:author_id>")
@token_required
@operation(
    "deleteAuthor",
    Success(WriteResult, "Deleted."),
    errors=[AuthorNotFound, AuthorDeleted, NotOwner, AuthorHasBooks, VersionMismatch],
)
def delete_author(author_id: int, user: Principal) -> Response:
    """Delete an author without books. Only the user who added the author, or an admin, may do so.

    With `If-Match`, only if the author still has that `ETag`.
    """
    with writing(user) as db:
        service = AuthorService(db)
        author = service.get(author_id)
        require_owner_or_admin(author, user)
        require_match(author.document)
        service.delete(author)
        return deleted(message=f"author '{author.name}' deleted")


def _update(author_id: int, changes: AuthorUpdate, user: Principal) -> Response:
    with writing(user) as db:
        service = AuthorService(db)
        author = service.get(author_id)
        require_editor(author, user, state().settings.editing)
        require_match(author.document)
        service.update(author, changes, editor_id=user.id)
        return kept(db, changed(author.document, message=f"author '{author.name}' updated"))
