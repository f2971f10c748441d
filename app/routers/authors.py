"""Endpoints of authors and their books."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apiflask import APIBlueprint
from flask import url_for
from pydantic import MISSING

from app.auth import token_required
from app.db.bulkheads import Kind
from app.errors import AuthorHasBooks, AuthorNotFound, IdTaken, InvalidCursor, NotOwner, VersionMismatch
from app.queries.authors import AuthorReader
from app.queries.books import BookReader
from app.schemas.authors import AuthorBooks, AuthorCreate, AuthorDone, AuthorReply, AuthorUpdate
from app.schemas.base import WriteResult
from app.schemas.lists import AuthorFilters
from app.schemas.pages import PageQuery
from app.services.authors import AuthorService
from app.services.policy import require_editor, require_owner
from app.web.conditional import require_match
from app.web.documents import array, json_object
from app.web.links import start_key
from app.web.openapi import CREATED, ETAG, NOT_MODIFIED, PAGE, problems, with_headers
from app.web.replies import changed, created, deleted, many, one, paged
from app.web.state import reading, state, transaction

if TYPE_CHECKING:
    from flask import Response

    from app.security.identity import Principal

authors = APIBlueprint(
    "authors",
    __name__,
    url_prefix="/authors",
    tag={"name": "Authors", "description": "The authors and other contributors, and the books of each."},
)


@authors.get("")
@authors.input(AuthorFilters, location="query")
@authors.output(list[AuthorReply], description="A page of authors.")  # type: ignore[arg-type]  # APIFlask takes lists
@authors.doc(operation_id="listAuthors", responses=with_headers(PAGE) | problems(InvalidCursor))
def list_authors(query_data: AuthorFilters) -> Response:
    """List authors, a page at a time.

    To read on, follow the `Link` header with `rel="next"` until it is absent.
    """
    after = start_key()
    with reading(Kind.AUTHOR_LISTS) as connection:
        page = AuthorReader(connection).page(query_data, after)
    return many(page, None if query_data.fields is MISSING else query_data.fields)


@authors.get("/<id:author_id>")
@authors.output(AuthorReply, description="The author.")
@authors.doc(operation_id="getAuthor", responses=with_headers(ETAG) | NOT_MODIFIED | problems(AuthorNotFound))
def get_author(author_id: int) -> Response:
    """Get one author.

    Send the `ETag` back in `If-None-Match` of later reads, and in `If-Match` of writes.
    """
    with reading(Kind.AUTHORS) as connection:
        return one(AuthorReader(connection).find(author_id))


@authors.get("/<id:author_id>/books")
@authors.input(PageQuery, location="query")
@authors.output(AuthorBooks, description="The author, and a page of the books.")
@authors.doc(operation_id="getAuthorBooks", responses=with_headers(PAGE) | problems(AuthorNotFound, InvalidCursor))
def get_author_books(author_id: int, query_data: PageQuery) -> Response:
    """Get an author and the author's books, a page at a time.

    Lists the books to which the author contributed in any role. To read on, follow the `Link` header with `rel="next"`
    until it is absent.
    """
    after = start_key()
    with reading(Kind.BOOK_LISTS) as connection:
        author = AuthorReader(connection).find(author_id)
        page = BookReader(connection).page_of_author(author_id, query_data, after)
    return paged(json_object(status='"success"', author=author, books=array(page.documents)), page)


@authors.post("")
@token_required
@authors.input(AuthorCreate)
@authors.output(AuthorDone, status_code=201, description="The new author.")
@authors.doc(operation_id="createAuthor", responses=with_headers(CREATED, 201) | problems(IdTaken))
def create_author(json_data: AuthorCreate, user: Principal) -> Response:
    """Add an author.

    Requires `name`; `sort_name` is derived from it unless given.
    """
    with transaction() as db:
        author = AuthorService(db).create(json_data, owner_id=user.id)
        location = url_for("authors.get_author", author_id=author.id)
        return created(author.document, location, message=f"author '{author.name}' created")


@authors.put("/<id:author_id>")
@token_required
@authors.input(AuthorUpdate)
@authors.output(AuthorDone, description="The author as it now stands.")
@authors.doc(
    operation_id="updateAuthor", responses=with_headers(ETAG) | problems(AuthorNotFound, NotOwner, VersionMismatch)
)
def update_author(author_id: int, json_data: AuthorUpdate, user: Principal) -> Response:
    """Update the given fields of an author, and the name in the author's books.

    Any user may do so, unless `EDITING` is `owner`.
    With `If-Match`, only if the author still has that `ETag`.
    """
    return _update(author_id, json_data, user)


@authors.patch("/<id:author_id>")
@token_required
@authors.input(AuthorUpdate)
@authors.output(AuthorDone, description="The author as it now stands.")
@authors.doc(
    operation_id="patchAuthor", responses=with_headers(ETAG) | problems(AuthorNotFound, NotOwner, VersionMismatch)
)
def patch_author(author_id: int, json_data: AuthorUpdate, user: Principal) -> Response:
    """Update an author by a merge patch (RFC 7396): null removes a value. The name in the author's books follows.

    Any user may do so, unless `EDITING` is `owner`.
    With `If-Match`, only if the author still has that `ETag`.
    """
    return _update(author_id, json_data, user)


@authors.delete("/<id:author_id>")
@token_required
@authors.output(WriteResult, description="It is gone.")
@authors.doc(operation_id="deleteAuthor", responses=problems(AuthorNotFound, NotOwner, AuthorHasBooks, VersionMismatch))
def delete_author(author_id: int, user: Principal) -> Response:
    """Delete an author without books. Only the user who added the author, or an admin, may do so.

    With `If-Match`, only if the author still has that `ETag`.
    """
    with transaction() as db:
        service = AuthorService(db)
        author = service.get(author_id)
        require_owner(author, user)
        require_match(author.document)
        service.delete(author)
        return deleted(message=f"author '{author.name}' deleted")


def _update(author_id: int, changes: AuthorUpdate, user: Principal) -> Response:
    with transaction() as db:
        service = AuthorService(db)
        author = service.get(author_id)
        require_editor(author, user, state().settings.editing)
        require_match(author.document)
        service.update(author, changes)
        return changed(author.document, message=f"author '{author.name}' updated")
