"""Pages of documents of any size, of which no more are read than a page may have.

The statement for a page leaves out the documents that are large; most pages have none. Those that fit are then read by
id, and the page ends before the first that does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import case, select

from app.db.bulk import among
from app.db.text_size import fitting, text_size
from app.schemas.pages import LARGEST_LIMIT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import ColumnElement, Connection

    from app.models import Record

LARGEST_PAGE = 1_000_000
"""Characters of the documents of a page, unless it has only one. Two hundred books of the usual size have 150,000; a
single one that uses all limits of its fields has 150,000 too, of up to three bytes each."""
LARGEST_AT_ONCE = LARGEST_PAGE // LARGEST_LIMIT
"""Bytes of a document that is read with its page."""
LEFT_OUT = ""
"""Stands for a larger document."""
FIRST_READ = 4
"""Large documents that are read first; then twice as many, and so on, until the page is full."""


def small(document: Any) -> ColumnElement[str]:  # noqa: ANN401  (a column)
    """A column of documents, in which the large ones are left out."""
    return case((text_size(document) <= LARGEST_AT_ONCE, document), else_=LEFT_OUT)


def with_large(connection: Connection, record: type[Record], rows: Sequence[Any]) -> Sequence[Any]:
    """The rows of a page, with those documents that were left out and fit.

    Args:
        connection: that of the page.
        record: the class of the records.
        rows: in order; each ends with an id and a document.

    Returns: the document of a record that has been deleted meanwhile is None.
    """
    documents = [row[-1] for row in rows]
    if LEFT_OUT not in documents:
        return rows

    def read(places: list[int]) -> list[str | None]:
        ids = [rows[place][-2] for place in places]
        query = select(record.id, record.document).where(among(connection, record.id, ids))
        found = {record_id: document for record_id, document in connection.execute(query)}  # noqa: C416  (rows are no pairs to `dict`)
        return [found.get(one) for one in ids]

    return [(*row[:-1], document) for row, document in zip(rows, filled(documents, read), strict=True)]


def filled(documents: Sequence[str], read: Callable[[list[int]], list[str | None]]) -> list[str | None]:
    """The documents of a page, completed as far as they fit.

    Args:
        documents: some of them left out.
        read: returns those at these places; None for one that does not exist any more.
    """
    result: list[str | None] = list(documents)
    left_out = [place for place, document in enumerate(documents) if document == LEFT_OUT]
    at_once = FIRST_READ
    while left_out:
        some, left_out = left_out[:at_once], left_out[at_once:]
        for place, document in zip(some, read(some), strict=True):
            result[place] = document
        known = left_out[0] if left_out else len(result)
        fit = fitting((len(document or "") for document in result[:known]), LARGEST_PAGE)
        if fit < known:
            return result[:fit] + [LEFT_OUT] * (len(result) - fit)
        at_once *= 2
    return result
