"""Reads of genres, languages, series and publishers, with the number of books of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import MISSING
from sqlalchemy import func, literal, select

from app.db.text_size import fitting
from app.domain.sort_keys import RULE, filter_key
from app.models import Book, BookGenre, Genre
from app.queries import keyset
from app.queries.keyset import Order, Page, capped_count, page_of, slice_with
from app.queries.page_size import LEFT_OUT
from app.schemas.facets import FacetReply, NamesQuery

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import ColumnElement, Connection, Label, Row, Select
    from sqlalchemy.orm import InstrumentedAttribute

    from app.queries.keyset import SortValues
    from app.schemas.pages import PageQuery

    Column = InstrumentedAttribute[str | None]


MOST_OF_PAGE = 300_000
"""Books that are counted for a page, unless it has only one name: 20 ms. A book may have a hundred genres."""
COUNTED_AT_ONCE = 5
"""Names with many books that are counted with one statement."""
LAST = "\U0010ffff"
"""Sorts after every character."""
BY_NAME = Order((Genre.filter_key, Genre.id), rule=RULE)


class FacetReader:
    """Reads pages of names and their numbers of books. One that has just lost its last book may be included."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def genres(self, wanted: NamesQuery, after: SortValues | None) -> Page:
        """A page of genres by name, ignoring case and accents."""
        of_genre = select(BookGenre.book_id).where(BookGenre.genre_id == Genre.id).correlate(Genre)
        query = select(Genre.filter_key, Genre.id, Genre.name, _number(of_genre, _few(wanted)))
        query = query.where(*_between(Genre.filter_key, *_beginning(wanted)))

        def documents(rows: Sequence[Row[Any]]) -> list[str]:
            return self._documents(rows, _few(wanted), lambda row: BookGenre.genre_id == row.id)

        return slice_with(self.connection, query, BY_NAME, wanted, after, documents)

    def languages(self, wanted: PageQuery, after: SortValues | None) -> Page:
        """A page of the languages of books, by tag."""
        return self._values(Book.language, Book.language, wanted, Order((Book.language,)), after)

    def series(self, wanted: NamesQuery, after: SortValues | None) -> Page:
        """A page of the series of books by name, ignoring case and accents."""
        return self._values(Book.series_key, Book.series, wanted, Order((Book.series_key,), rule=RULE), after)

    def publishers(self, wanted: NamesQuery, after: SortValues | None) -> Page:
        """A page of the publishers of books, likewise."""
        return self._values(Book.publisher_key, Book.publisher, wanted, Order((Book.publisher_key,), rule=RULE), after)

    def _values(self, key: Column, name: Column, wanted: PageQuery, order: Order, after: SortValues | None) -> Page:
        """A page of the values of a column of books, each in the spelling of the first book that has it.

        One index step for each, regardless of its number of books and of the values before the page.
        """
        least, below = _beginning(wanted)
        total = None
        if wanted.count == "exact":
            every = _distinct(key, _between(key, least, below), below, keyset.MOST_COUNTED + 1)
            total = capped_count(self.connection, every)
        begins = _between(key, least, below)
        if after is not None:
            begins.append(key > order.opened(after)[0])
        values = _distinct(key, begins, below, wanted.limit + 1).subquery()
        same = key >= values.c.value, key <= values.c.value  # see `IndexRange.rows`
        spelled = select(name).where(*same).order_by(key, Book.id).limit(1).correlate(values).scalar_subquery()
        books = _number(select(Book.id).where(key == values.c.value).correlate(values), _few(wanted))
        found = select(values.c.value, spelled.label("name"), books).order_by(values.c.value)
        rows = self.connection.execute(found).all()
        documents = self._documents(rows, _few(wanted), lambda row: key == row.value)
        page = page_of([(row[0], one) for row, one in zip(rows, documents, strict=True)], wanted.limit, order)
        return Page(page.documents, page.after, total)

    def _documents(
        self, rows: Sequence[Row[Any]], few: int, of_name: Callable[[Row[Any]], ColumnElement[bool]]
    ) -> list[str]:
        """The names with their numbers of books, as far as the page has room for counting.

        Args:
            rows: the names, in order, and their numbers of books up to `few`.
            few: stands for as many or more.
            of_name: the condition that a book, or a genre of a book, is counted for a name.
        """
        numbers = [row.books for row in rows]
        many = [place for place, number in enumerate(numbers) if number == few < keyset.MOST_COUNTED]
        while many:
            some, many = many[:COUNTED_AT_ONCE], many[COUNTED_AT_ONCE:]
            for place, number in zip(some, self._numbers([of_name(rows[place]) for place in some]), strict=True):
                numbers[place] = number
            known = many[0] if many else len(numbers)
            fit = fitting(numbers[:known], MOST_OF_PAGE)
            if fit < known:
                del numbers[fit:]
                break
        shown = [
            FacetReply(name=row.name, books=number).model_dump_json()
            for row, number in zip(rows, numbers, strict=False)
        ]
        return shown + [LEFT_OUT] * (len(rows) - len(shown))

    def _numbers(self, conditions: Sequence[ColumnElement[bool]]) -> Sequence[int]:
        """How many rows meet each of these conditions, capped as in lists."""
        numbers = [_number(select(literal(1)).where(one), keyset.MOST_COUNTED) for one in conditions]
        return self.connection.execute(select(*numbers)).one()


def _beginning(wanted: PageQuery) -> tuple[str | None, str | None]:
    """The least key of the names that begin as requested, and one that is greater than all of them."""
    if not isinstance(wanted, NamesQuery) or wanted.q is MISSING:
        return None, None
    key = filter_key(wanted.q)
    return key, key + LAST


def _between(key: Column, least: str | None, below: str | None) -> list[ColumnElement[bool]]:
    return [] if least is None or below is None else [key >= least, key < below]


def _distinct(key: Column, begins: Sequence[ColumnElement[bool]], below: str | None, at_most: int) -> Select[Any]:
    """The distinct values of an indexed column, in order.

    Args:
        key: the column.
        begins: the conditions of the first value.
        below: a value that is greater than all.
        at_most: how many.
    """
    first = select(func.min(key).label("value"), literal(1).label("number")).where(*begins)
    values = first.cte("distinct_values", recursive=True)
    following = select(func.min(key)).where(key > values.c.value, *([] if below is None else [key < below]))
    step = select(following.scalar_subquery(), values.c.number + 1)
    values = values.union_all(step.where(values.c.value.is_not(None), values.c.number < at_most))
    return select(values.c.value).where(values.c.value.is_not(None))


def _few(wanted: PageQuery) -> int:
    """Up to how many books are counted with the names of a page."""
    return min(MOST_OF_PAGE // (wanted.limit + 1), keyset.MOST_COUNTED)


def _number(rows: Select[Any], at_most: int) -> Label[int]:
    return select(func.count()).select_from(rows.limit(at_most).subquery()).scalar_subquery().label("books")
