"""The filters and orders of a list of books, as database conditions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic import MISSING
from sqlalchemy import and_, exists, func, or_, select

from app.domain.sort_keys import RULE, filter_key
from app.models import Book, BookIdentifier, Contributor
from app.models.books import NO_YEAR, PLACE, PLACE_BACK, YEAR, YEAR_BACK
from app.queries.genre_filters import Genres, in_genre
from app.queries.index_ranges import Filter, IndexRange
from app.queries.keyset import Order
from app.schemas.lists import BookFilters

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

    from app.models import Record

SORTS: dict[str, Order] = {
    "id": Order((Book.id,)),
    "title": Order((Book.title_key, Book.id), rule=RULE),
    "published_year": Order((YEAR, Book.id)),
    "created_at": Order((Book.created_at, Book.id)),
    "updated_at": Order((Book.updated_at, Book.id)),
}
BACKWARDS: dict[str, Order] = {f"-{name}": replace(order, descending=True) for name, order in SORTS.items()}
BY_ID = SORTS["id"]
IN_SERIES = {"series_position": Order((PLACE, Book.id)), "-series_position": Order((PLACE_BACK, Book.id))}
ORDERS = SORTS | BACKWARDS | IN_SERIES | {"-published_year": Order((YEAR_BACK, Book.id))}
"""By name. Descending numbers are sorted by their negative, so that books without one come last there, too."""
INDEXED: dict[str, Any] = {
    "language": Book.language,
    "publisher": Book.publisher_key,
    "series": Book.series_key,
    "created_by": Book.created_by,
}
"""The columns of fields that may be missing with which an index by id begins."""
MOST_TAGS = 8
"""The most language tags with a common prefix whose index ranges are merged."""
BY_TITLE = ORDERS["title"]


def book_filters(connection: Connection, filters: BookFilters, genres: Genres) -> list[Filter]:
    """The filters of a list of books, except search words."""
    found = [in_genre(connection, key, ids) for key, ids in genres.items()]
    if filters.author_id is not MISSING or filters.role is not MISSING:
        found.append(by_person(filters.author_id, filters.role))
    exact: list[tuple[Any, Any]] = [
        (Book.created_by, filters.created_by),
        (Book.publisher_key, _key(filters.publisher)),
    ]
    if filters.series is not MISSING:
        found.append(_in_series(filter_key(filters.series)))
    found += [equal(Book, column, value) for column, value in exact if value is not MISSING]
    if filters.id is not MISSING:
        found.append(_among(Book.id, filters.id))
    if filters.isbn is not MISSING:
        found.append(_among(Book.isbn, filters.isbn))
    if filters.missing is not MISSING:
        found += map(_lacking, dict.fromkeys(filters.missing))
    if filters.identifier is not MISSING:
        found.append(_identified(*filters.identifier.split(":", 1)))
    if filters.language is not MISSING:
        found.append(_in_language(connection, filters.language))
    if filters.published_from is not MISSING or filters.published_to is not MISSING:
        found.append(_published(_none(filters.published_from), _none(filters.published_to)))
    if filters.updated_since is not MISSING:
        found.append(updated_since(Book, filters.updated_since))
    return found


def by_person(author_id: int | MISSING, role: str | MISSING = MISSING) -> Filter:
    """Matches books with this contributor, with any contributor in this role, or with this contributor in this role."""
    wanted = [(Contributor.author_id, author_id), (Contributor.role, role)]
    fixed = tuple((column, value) for column, value in wanted if value is not MISSING)
    index_range = IndexRange((Contributor.book_id,), fixed, repeats=len(fixed) == 1)

    def holds(book_id: ColumnElement[int]) -> ColumnElement[bool]:
        conditions = [column == value for column, value in fixed]
        return select(conditions[0]).where(Contributor.book_id == book_id, *conditions).limit(1).scalar_subquery()

    return Filter([index_range], holds, {BY_ID.columns: [index_range]})


def _among(column: Any, values: Sequence[Any]) -> Filter:  # noqa: ANN401  (a unique column)
    """Matches books with one of a few values in a unique column."""
    one_of = column.in_(values)
    ranges = [IndexRange(BY_ID.columns, only=one_of)]
    return Filter(ranges, one_of, {BY_ID.columns: ranges})


def _lacking(name: str) -> Filter:
    """Matches books without a value in a field.

    If no index begins with the field, it counts as a frequent condition: lists are walked, within their bounds.
    """
    holds = getattr(Book, name).is_(None)
    if name == "published_year":
        ranges = [IndexRange(BY_ID.columns, ((YEAR, NO_YEAR),))]
    elif (column := INDEXED.get(name)) is not None:
        ranges = [IndexRange(BY_ID.columns, ((column, None),))]
    else:
        return Filter((), holds, frequent=True)
    return Filter(ranges, holds, {BY_ID.columns: ranges})


def _identified(kind: str, value: str) -> Filter:
    """Matches books with this identifier; an ISBN may also be the main one."""
    same = BookIdentifier.type == kind, BookIdentifier.value == value
    ranges = [
        IndexRange((BookIdentifier.book_id,), ((BookIdentifier.type, kind), (BookIdentifier.value, value))),
    ]
    if kind == "isbn":
        listed = exists().where(BookIdentifier.book_id == Book.id, *same)
        ranges.append(IndexRange(BY_ID.columns, ((Book.isbn, value),), only=~listed))

    def holds(book_id: ColumnElement[int]) -> ColumnElement[bool]:
        listed = select(same[0]).where(BookIdentifier.book_id == book_id, *same).scalar_subquery()
        main = select(Book.isbn == value).where(Book.id == book_id).scalar_subquery()
        return listed if kind != "isbn" else or_(listed, main)

    return Filter(ranges, holds, {BY_ID.columns: ranges})


def updated_since(record: type[Record], moment: datetime) -> Filter:
    """Matches records that were changed at that time or later."""
    index_range = IndexRange((record.updated_at, record.id), least=moment)
    return Filter([index_range], record.updated_at >= moment, {index_range.columns: [index_range]})


def equal(record: type[Record], column: Any, value: Any) -> Filter:  # noqa: ANN401  (any column, and a value of it)
    """Matches records with this value in a column that begins an index with the id."""
    index_range = IndexRange((record.id,), ((column, value),))
    return Filter([index_range], column == value, {index_range.columns: [index_range]})


def _in_series(key: str) -> Filter:
    """Matches books of a series, by id and by their position."""
    orders = [BY_ID, *IN_SERIES.values()]
    walks = {order.columns: [IndexRange(order.columns, ((Book.series_key, key),))] for order in orders}
    return Filter(walks[BY_ID.columns], Book.series_key == key, walks)


def _in_language(connection: Connection, language: str) -> Filter:
    """Matches books in a language, or in one whose tag begins with it: `en` finds `en-US`."""
    low, high = f"{language}-", f"{language}."  # in ASCII "." follows "-"
    holds = or_(Book.language == language, and_(Book.language >= low, Book.language < high))
    tags = [language, *tags_between(connection, low, high, MOST_TAGS + 1)]
    if len(tags) > MOST_TAGS:
        by_tag = IndexRange((Book.language, Book.id), least=low, most=high)
        return Filter([IndexRange(BY_ID.columns, ((Book.language, language),)), by_tag], holds)
    walks = {
        order.columns: [IndexRange(order.columns, ((Book.language, tag),)) for tag in tags]
        for order in (BY_ID, BY_TITLE)
    }
    return Filter(walks[BY_ID.columns], holds, walks)


def tags_between(connection: Connection, low: str, high: str, at_most: int) -> list[str]:
    """The first language tags of books between two tags: one index step for each."""
    least = select(func.min(Book.language).label("tag"))
    tags = least.where(Book.language >= low, Book.language < high).cte("tags", recursive=True)
    following = least.where(Book.language > tags.c.tag, Book.language < high).scalar_subquery()
    tags = tags.union_all(select(following).where(tags.c.tag.is_not(None)))
    return list(connection.scalars(select(tags.c.tag).where(tags.c.tag.is_not(None)).limit(at_most)))


def _published(first: int | None, last: int | None) -> Filter:
    """Matches books of these years, through indexes in which books without a year come last."""
    forth = IndexRange((YEAR, Book.id), least=first, most=NO_YEAR - 1 if last is None else last)
    back = IndexRange(
        (YEAR_BACK, Book.id), least=None if last is None else -last, most=NO_YEAR - 1 if first is None else -first
    )
    bounds = [Book.published_year >= first] if first is not None else []
    bounds += [Book.published_year <= last] if last is not None else []
    return Filter([forth], and_(*bounds), {index_range.columns: [index_range] for index_range in (forth, back)})


def _none(value: Any) -> Any:  # noqa: ANN401  (a value, or MISSING)
    return None if value is MISSING else value


def _key(name: Any) -> Any:  # noqa: ANN401  (a name, or MISSING)
    return name if name is MISSING else filter_key(name)
