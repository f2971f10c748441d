"""The most frequent reads, for several requests at once: on PostgreSQL, one statement answers all of them."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import BigInteger, Integer, any_, bindparam, cast, func, literal, select, true
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by

from app.db.bulk import is_postgres
from app.models import Author, Book, Contributor
from app.queries.book_filters import BY_ID
from app.queries.keyset import page_of
from app.queries.page_size import LEFT_OUT, small, with_large

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Select

    from app.queries.keyset import SortValues


class PageWanted(NamedTuple):
    """A page of books, by id."""

    author_id: int | None
    """Only the books to which this person contributed."""
    after: int
    """The id after which the page begins; 0 for the first page."""
    limit: int


class JoinedPage(NamedTuple):
    """A page whose documents the database has joined."""

    documents: str
    """Separated by commas."""
    after: SortValues | None
    """The key after which the next page begins; None if there is none."""


def documents(connection: Connection, record: type[Book | Author], ids: Sequence[int]) -> dict[int, str]:
    """The documents of the records that exist, by id."""
    if is_postgres(connection):
        rows = connection.execute(_by_ids_in_array(record), {"ids": ids})
    else:
        rows = connection.execute(_by_ids_in_json(record), {"ids": json.dumps(ids)})
    return {record_id: document for record_id, document in rows.all()}  # noqa: C416  (rows are no pairs to `dict`)


def pages(connection: Connection, wanted: Sequence[PageWanted]) -> list[JoinedPage | None]:
    """The pages, with the contents that `ListReader` would find; either all are of persons, or none is.

    Returns: None for a page with large documents, which only `ListReader` reads.
    """
    if not is_postgres(connection):
        return [_page(connection, one) for one in wanted]
    given: dict[str, list[Any]] = {"afters": [one.after for one in wanted], "limits": [one.limit for one in wanted]}
    if wanted[0].author_id is not None:
        given["people"] = [one.author_id for one in wanted]
    found: list[JoinedPage | None] = [JoinedPage("", None)] * len(wanted)
    for place, joined, last, are_small, is_last in connection.execute(_pages(of_people="people" in given), given).all():
        if are_small is False:  # null: there are none
            found[place - 1] = None
        else:
            found[place - 1] = JoinedPage(joined or "", None if is_last else [last])
    return found


def _page(connection: Connection, wanted: PageWanted) -> JoinedPage:
    of_person = wanted.author_id is not None
    given = {"after": wanted.after, "at_most": wanted.limit + 1, "person": wanted.author_id}
    rows = connection.execute(_one_page(of_person=of_person), given).all()
    found = page_of(with_large(connection, Book, rows), wanted.limit, BY_ID)
    return JoinedPage(",".join(found.documents), found.after)


@cache
def _by_ids_in_array(record: type[Book | Author]) -> Select[int, str]:
    return select(record.id, record.document).where(record.id == any_(_array("ids", BigInteger)))


@cache
def _by_ids_in_json(record: type[Book | Author]) -> Select[int, str]:
    ids = func.json_each(bindparam("ids")).table_valued("value")
    return select(record.id, record.document).where(record.id.in_(select(ids.c.value)))


@cache
def _pages(*, of_people: bool) -> Select[int, str, int, bool, bool]:
    """For each page: its place among those wanted, its documents, its last id, whether they are small, and it the last.

    Each page is a look-up of its own (LATERAL), which its limit ends. A person may have several roles in one book.
    """
    names = ("after", "limit", "person") if of_people else ("after", "limit")
    arrays = [_array("afters", BigInteger), _array("limits", Integer), *([_array("people", BigInteger)] * of_people)]
    each = func.unnest(*arrays).table_valued(*names, with_ordinality="place").render_derived()
    key: Any = Contributor.book_id if of_people else Book.id
    ids = select(key.label("id"))
    if of_people:
        ids = ids.distinct().where(Contributor.author_id == each.c.person)
    document = small(Book.document).label("document")
    rows: Select[Any] = ids if of_people else ids.add_columns(document)
    some = rows.where(key > each.c.after).order_by(key).limit(each.c.limit).correlate(each).lateral()
    if of_people:
        looked_up = select(document).where(Book.id == some.c.id).scalar_subquery()
        some = select(some.c.id, looked_up.label("document")).lateral()
    page = (
        select(
            func.string_agg(some.c.document, aggregate_order_by(literal(","), some.c.id)).label("joined"),
            func.max(some.c.id).label("last"),
            func.bool_and(some.c.document != LEFT_OUT).label("are_small"),
        )
        .select_from(some)
        .lateral()
    )
    following = ids.where(key > page.c.last).limit(1)
    shown = each.c.place, page.c.joined, page.c.last, page.c.are_small, ~following.exists()
    return select(*shown).select_from(each).join(page, true())


@cache
def _one_page(*, of_person: bool) -> Select[int, str]:
    """The ids and documents of a page, and one more if there is a next page."""
    if not of_person:
        rows = select(Book.id, small(Book.document)).where(Book.id > bindparam("after"))
        return rows.order_by(Book.id).limit(bindparam("at_most"))
    key = Contributor.book_id
    ids = select(key).distinct().where(Contributor.author_id == bindparam("person"), key > bindparam("after"))
    some = ids.order_by(key).limit(bindparam("at_most")).subquery()
    return select(Book.id, small(Book.document)).join(some, Book.id == some.c.book_id).order_by(Book.id)


def _array(name: str, of_type: type[BigInteger | Integer]) -> Any:  # noqa: ANN401  (an expression)
    return cast(bindparam(name), ARRAY(of_type))
