"""Authors, and their books."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apiflask import APIBlueprint
from flask import url_for

from app.auth import token_required
from app.errors import AuthorNotFound, IdTaken, InvalidCursor
from app.schemas.authors import AuthorBooks, AuthorCreate, AuthorDone, AuthorReply
from app.schemas.pages import PageQuery
from app.services.authors import AuthorReader, AuthorService
from app.services.books import BookReader
from app.web.links import start_key
from app.web.openapi import CREATED, ETAG, NOT_MODIFIED, PAGE, problems, with_headers
from app.web.replies import created, one, paged
from app.web.service import reading, transaction

if TYPE_CHECKING:
    from flask import Response

    from app.services.users import SignedIn

authors = APIBlueprint("authors", __name__, url_prefix="/authors")


@authors.get("/<id:author_id>")
@authors.output(AuthorReply, description="The author.")
@authors.doc(operation_id="getAuthor", responses=with_headers(ETAG) | NOT_MODIFIED | problems(AuthorNotFound))
def get_author(author_id: int) -> Response:
    """Get one author."""
    with reading() as connection:
        return one(AuthorReader(connection).find(author_id))


@authors.get("/<id:author_id>/books")
@authors.input(PageQuery, location="query")
@authors.output(AuthorBooks, description="The author, and a page of the books.")
@authors.doc(operation_id="getAuthorBooks", responses=with_headers(PAGE) | problems(AuthorNotFound, InvalidCursor))
def get_author_books(author_id: int, query_data: PageQuery) -> Response:
    """Get an author and the author's books, a page at a time."""
    after = start_key()
    with reading() as connection:
        author = AuthorReader(connection).find(author_id)
        page = BookReader(connection).page_of_author(author_id, query_data, after)
    return paged(f'{{"status":"success","author":{author},"books":[{",".join(page.documents)}]}}', page)


@authors.post("")
@token_required
@authors.input(AuthorCreate)
@authors.output(AuthorDone, status_code=201, description="The new author.")
@authors.doc(operation_id="createAuthor", responses=with_headers(CREATED, 201) | problems(IdTaken))
def create_author(json_data: AuthorCreate, user: SignedIn) -> Response:
    """Add an author."""
    with transaction() as session:
        author = AuthorService(session).create(json_data, owner_id=user.id)
        location = url_for("authors.get_author", author_id=author.id)
        return created(author.document, location, message=f"author '{author.name}' created")
