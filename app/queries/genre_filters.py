"""The filter of books by genre. A name may be that of several genres, which differ in accents or marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pydantic import MISSING
from sqlalchemy import exists, func, literal, select, union_all
from sqlalchemy.orm import aliased

from app.domain.sort_keys import filter_key
from app.models import Book, BookGenre, Genre
from app.queries.index_ranges import Filter, IndexRange

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Select

    from app.schemas.lists import BookFilters

NO_GENRE = 0
Genres = Mapping[str, Sequence[int]]
"""Each requested genre by its key, as the ids of the genres whose names differ only in accents or marks."""
MOST_ALIKE = 8
"""The most genres whose names differ only in accents or marks whose index ranges are merged: a member can add
thousands, and each range is a part of the statement."""
MOST_LINKS = 12_000
"""Up to how many books such genres have together, those with several counted for each, so that they are collected."""
ALL = 10_000_000
"""More genres than there are."""
COST_OF_ALIKE = 16
"""How many look-ups it takes to find such a genre among those of a book, of which there may be a hundred."""


def genre_ids(connection: Connection, filters: BookFilters) -> Genres:
    """The requested genres, each as the ids of the genres with this name, ignoring case and accents.

    An unknown name gets an id that no genre has. Of each, no more than one beyond `MOST_ALIKE` are read.
    """
    if filters.genre is MISSING:
        return {}
    keys = sorted({filter_key(name) for name in filters.genre})
    rows = union_all(*(select(_alike(key).subquery()) for key in keys)).order_by("id")
    found: dict[str, list[int]] = {key: [] for key in keys}
    for key, genre_id in connection.execute(rows):
        found[key].append(genre_id)
    return {key: ids or [NO_GENRE] for key, ids in found.items()}


def _alike(key: str) -> Select[str, int]:
    """The first genres of a key, by an index; with `=`, PostgreSQL would also consider to read all genres by id."""
    same = Genre.filter_key >= key, Genre.filter_key <= key
    first = select(Genre.filter_key, Genre.id).where(*same).order_by(Genre.filter_key, Genre.id)
    return first.limit(MOST_ALIKE + 1)


def in_genre(connection: Connection, key: str, ids: Sequence[int]) -> Filter:
    """Matches books in a genre, which may have several ids, or too many to look up each."""
    if len(ids) > MOST_ALIKE:
        return _in_any(connection, key)
    ranges = [
        IndexRange((BookGenre.book_id,), ((BookGenre.genre_id, one),), only=_not_in(ids[:place]) if place else None)
        for place, one in enumerate(ids)
    ]

    def holds(book_id: ColumnElement[int]) -> ColumnElement[bool]:
        in_genres = BookGenre.genre_id.in_(ids)
        return select(in_genres).where(BookGenre.book_id == book_id, in_genres).limit(1).scalar_subquery()

    return Filter(ranges, holds, {(Book.id,): ranges})


def _in_any(connection: Connection, key: str) -> Filter:
    """Matches books in one of many genres with the same key: collected if they are few, and else walked."""

    def holds(book_id: ColumnElement[int]) -> ColumnElement[bool]:
        is_alike = select(Genre.filter_key).where(Genre.id == BookGenre.genre_id).scalar_subquery() == key
        return select(is_alike).where(BookGenre.book_id == book_id, is_alike).limit(1).scalar_subquery()

    # PostgreSQL expects few rows from a limit that it does not know, and so looks each genre up in the index.
    alike = select(Genre.id).where(Genre.filter_key == key).limit(select(literal(ALL)).scalar_subquery())
    links = select(BookGenre.book_id).where(BookGenre.genre_id.in_(alike))
    number = connection.scalar(select(func.count()).select_from(links.limit(MOST_LINKS + 1).subquery())) or 0
    return Filter((), holds, found=links.distinct(), frequent=number > MOST_LINKS, cost=COST_OF_ALIKE)


def _not_in(ids: Sequence[int]) -> ColumnElement[bool]:
    """Whether the book of a link is in none of these genres, so that it is not found twice."""
    other = aliased(BookGenre)
    return ~exists().where(other.book_id == BookGenre.book_id, other.genre_id.in_(ids))
