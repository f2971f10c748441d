"""Endpoints of genres, languages, series and publishers."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from app.auth import admin_required, require_writing_open
from app.db.bulkheads import Kind
from app.domain.names import pluralize
from app.errors import GenreExists, GenreMissing, WritingClosed
from app.events import audit
from app.events.changes import begin_batch, join_batch
from app.queries.facets import FacetReader
from app.schemas.facets import FacetReply, NamesQuery
from app.schemas.genres import GenreRename, GenreRenamed
from app.schemas.pages import PageQuery
from app.services.genre_renaming import GenreRenaming
from app.web.idempotency import idempotent
from app.web.operations import Blueprint, Success, operation
from app.web.pagination import start_key
from app.web.replies import many
from app.web.state import reading, state
from app.web.write_transaction import require_still_admin, writing

if TYPE_CHECKING:
    from flask import Response

    from app.security.identity import Principal

SECONDS = 10
"""How long one request renames: proxies usually wait for a minute."""

facets = Blueprint(
    "facets",
    __name__,
    tag={
        "name": "Genres, series and more",
        "description": "Genres, languages, series and publishers with their numbers of books, for menus and filters.",
    },
)


@facets.get("/genres")
@operation("listGenres", Success(list[FacetReply], "A page of genres."), query=NamesQuery)
def list_genres(query: NamesQuery) -> Response:
    """List the genres by name (ignoring case and accents), with the number of books of each.

    Each can be used as the `genre` filter of `GET /books`.
    """
    after = start_key()
    with reading(Kind.BOOK_LISTS) as connection:
        return many(FacetReader(connection).genres(query, after))


@facets.post("/genres/rename")
@admin_required
@idempotent
@operation(
    "renameGenre",
    Success(GenreRenamed, "What became of the genre's books."),
    body=GenreRename,
    errors=[GenreMissing, GenreExists, WritingClosed],
)
def rename_genre(body: GenreRename, user: Principal) -> GenreRenamed:
    """Rename a genre in all of its books, or merge it into another genre. Admins only.

    Each book gets a new version. The books are changed in turns, and other clients may write meanwhile. What is not
    complete after ten seconds is continued by the same request, with `merge`.
    """
    require_writing_open(user)
    renaming = GenreRenaming(body.name, body.new_name)
    with writing(user, is_part=True) as db:
        require_still_admin(db, user)
        renaming.begin(db, merge=body.merge)
    facts: dict[str, object] = {"name": body.name, "new_name": body.new_name, "by": user.id}
    changed, complete, ends_at = 0, False, monotonic() + SECONDS
    batch_id: int | None = None
    try:
        while not complete and monotonic() < ends_at:
            with writing(user, is_part=True) as db:
                moved = renaming.move_some(db)
                if batch_id is not None:
                    join_batch(db, batch_id)
                elif moved:
                    batch_id = begin_batch(db, f"genre '{body.name}' renamed to '{body.new_name}'")
            changed += moved
            if not moved:
                with writing(user, is_part=True) as db:
                    require_still_admin(db, user)  # before the genre is locked, so that nothing is waited for then
                    finished = renaming.finish(db)
                    if finished:
                        audit.note(db, "genre_renamed", **facts, books=changed, complete=True)
                complete = finished
    finally:
        if not complete:  # what was moved is committed
            audit.record(state().database, "genre_renamed", **facts, books=changed, complete=False)
    message = f"genre '{body.name}' renamed to '{body.new_name}' in {pluralize(changed, 'book')}"
    if not complete:
        message += '; more remain: send the request again with "merge": true'
    return GenreRenamed(status="success", message=message, books_changed=changed, complete=complete)


@facets.get("/languages")
@operation("listLanguages", Success(list[FacetReply], "A page of languages."), query=PageQuery)
def list_languages(query: PageQuery) -> Response:
    """List the languages by tag, with the number of books of each.

    Each can be used as the `language` filter of `GET /books`.
    """
    after = start_key()
    with reading(Kind.BOOK_LISTS) as connection:
        return many(FacetReader(connection).languages(query, after))


@facets.get("/series")
@operation("listSeries", Success(list[FacetReply], "A page of series."), query=NamesQuery)
def list_series(query: NamesQuery) -> Response:
    """List the series by name (ignoring case and accents), with the number of books of each.

    Each can be used as the `series` filter of `GET /books`.
    """
    after = start_key()
    with reading(Kind.BOOK_LISTS) as connection:
        return many(FacetReader(connection).series(query, after))


@facets.get("/publishers")
@operation("listPublishers", Success(list[FacetReply], "A page of publishers."), query=NamesQuery)
def list_publishers(query: NamesQuery) -> Response:
    """List the publishers by name (ignoring case and accents), with the number of books of each.

    Each can be used as the `publisher` filter of `GET /books`.
    """
    after = start_key()
    with reading(Kind.BOOK_LISTS) as connection:
        return many(FacetReader(connection).publishers(query, after))
