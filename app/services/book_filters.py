"""What the filters of a list of books mean in the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic import MISSING
from sqlalchemy import or_, select

from app.models import Book, BookGenre, Contributor, Genre
from app.models.books import YEAR, YEAR_BACK
from app.schemas.lists import BookFilters
from app.services.slices import Order
from app.sortkey import RULE, filter_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import ColumnElement, Connection, Select

SORTS: dict[str, Order] = {
    "id": Order((Book.id,)),
    "title": Order((Book.title_key, Book.id), rule=RULE),
    "published_year": Order((YEAR, Book.id)),
    "created_at": Order((Book.created_at, Book.id)),
    "updated_at": Order((Book.updated_at, Book.id)),
}
BACKWARDS: dict[str, Order] = {f"-{name}": replace(order, descending=True) for name, order in SORTS.items()}
BY_ID = SORTS["id"]
ORDERS = SORTS | BACKWARDS | {"-published_year": Order((YEAR_BACK, Book.id))}
"""By name. Years backwards are sorted by their negative, so that books without a year come last there, too."""
NO_GENRE = 0
Genres = Sequence[Sequence[int]]
"""Each genre that is asked for, as the ids of those whose names differ in accents or marks alone."""
NO_CONDITIONS = {"q", "sort", "fields", "limit", "cursor", "count"}


def conditions(filters: BookFilters, genres: Genres) -> Iterator[ColumnElement[bool]]:
    """What has to hold of a book; words are not among it.

    Args:
        filters: what is asked for.
        genres: the genres among it, by their ids.
    """
    exact: list[tuple[Any, Any]] = [
        (Book.created_by, filters.created_by),
        (Book.publisher_key, _key(filters.publisher)),
        (Book.series_key, _key(filters.series)),
    ]
    yield from (column == value for column, value in exact if value is not MISSING)
    if filters.published_from is not MISSING:
        yield Book.published_year >= filters.published_from
    if filters.published_to is not MISSING:
        yield Book.published_year <= filters.published_to
    if filters.updated_since is not MISSING:
        yield Book.updated_at >= filters.updated_since
    if filters.language is not MISSING:
        yield or_(Book.language == filters.language, Book.language.startswith(f"{filters.language}-", autoescape=True))
    yield from (Book.id.in_(ids) for ids in _links(filters, genres))


def links_alone(filters: BookFilters, genres: Genres) -> Select[int] | None:
    """The ids of the books, each once, where nothing but a person or genres is asked for; else None.

    The tables that link books to those have the ids in their order: a page needs no more than so many of them.
    """
    asked = {name for name in BookFilters.model_fields if getattr(filters, name) is not MISSING} - NO_CONDITIONS
    links = list(_links(filters, genres))
    if not links or asked - {"author_id", "role", "genre"} or asked == {"role"}:
        return None
    first, *others = links
    ids = first.selected_columns[0]
    return first.where(*(ids.in_(other) for other in others))


def genre_ids(connection: Connection, filters: BookFilters) -> list[list[int]]:
    """The genres that are asked for, each as the ids of those that have this name, accents and capitals aside.

    For a name that no genre has, it is an id that no genre has.

    They are looked up first: of an id PostgreSQL knows how frequent it is, and picks its way by that. Of a name within
    the query it does not: at a million books the newest of a frequent genre took 60 to 370 ms, and now 3 to 5. (Of a
    genre that one book in a hundred is in they take some 100 ms: it is quick neither to walk to nor to collect.)
    """
    if filters.genre is MISSING:
        return []
    found: dict[str, list[int]] = {filter_key(name): [] for name in filters.genre}
    rows = select(Genre.filter_key, Genre.id).where(Genre.filter_key.in_(found)).order_by(Genre.id)
    for key, genre_id in connection.execute(rows):
        found[key].append(genre_id)
    return [found[key] or [NO_GENRE] for key in sorted(found)]


def in_genre(ids: Sequence[int]) -> Select[int]:
    """The ids of the books in a genre, each once; the genre may have several ids."""
    if len(ids) == 1:
        return select(BookGenre.book_id).where(BookGenre.genre_id == ids[0])
    return select(BookGenre.book_id).where(BookGenre.genre_id.in_(ids)).distinct()


def by_author(author_id: int) -> Select[int]:
    """The ids of the books in which a person had a part, each once."""
    return select(Contributor.book_id).where(Contributor.author_id == author_id).distinct()


def _links(filters: BookFilters, genres: Genres) -> Iterator[Select[int]]:
    if filters.author_id is not MISSING or filters.role is not MISSING:
        parts = select(Contributor.book_id).distinct() if filters.author_id is MISSING else by_author(filters.author_id)
        yield parts if filters.role is MISSING else parts.where(Contributor.role == filters.role)
    yield from map(in_genre, genres)


def _key(name: Any) -> Any:  # noqa: ANN401  (a name, or MISSING)
    return name if name is MISSING else filter_key(name)
