"""Reads of the change log: the feed, the history of a record, and its earlier versions."""

from __future__ import annotations

import json
from functools import partial
from itertools import takewhile
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import case, func, select

from app.db.bulk import among
from app.db.text_size import text_size
from app.domain.timestamps import rfc3339_utc
from app.errors import ChangeNotFound, CursorExpired, InvalidCursor, VersionNotFound
from app.events.deletions import missing
from app.events.former_documents import completed
from app.models import Author, Batch, Book, Change
from app.queries.keyset import Order, Page, slice_of_rows, slice_with
from app.queries.page_size import LARGEST_AT_ONCE, LEFT_OUT, filled

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from app.events.changes import Kind
    from app.queries.keyset import SortValues
    from app.schemas.pages import PageQuery

NEWEST_FIRST = Order((Change.id,), descending=True)
LAST_BATCH_FIRST = Order((Batch.id,), descending=True)
RECORDS = {"book": Book, "author": Author}
MOST_VERSIONS = 2**31 - 1
"""The column has 32 bits."""
SCANNED = 20_000
"""Changes that a page of one kind looks through at most."""
ABOUT: tuple[Any, ...] = (
    Change.id,
    Change.kind,
    Change.record_id,
    Change.version,
    Change.action,
    Change.at,
    Change.actor_id,
    Change.via,
    Change.batch_id,
)
SHOWN = (*ABOUT, Change.before, Change.after)
IS_SMALL = func.coalesce(text_size(Change.before), 0) + func.coalesce(text_size(Change.after), 0) <= LARGEST_AT_ONCE
LISTED = (*ABOUT, case((IS_SMALL, Change.before)).label("before"), case((IS_SMALL, Change.after)).label("after"))
"""As `SHOWN`, without the documents of large changes: each change has at least one of the two."""


class Place(NamedTuple):
    """A place in the feed: after the change with this position, which was made at this time.

    The time shows whether it is still the same change: after a restore from a backup, another may have its position.
    """

    position: int
    at: str


BEGINNING = Place(0, "")


class FeedReader:
    """Reads the feed: the changes in the order of their positions."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def end(self) -> Place:
        """The place after the last change."""
        last = select(Change.position, Change.at).where(Change.position.is_not(None)).order_by(Change.position.desc())
        row = self.connection.execute(last.limit(1)).first()
        return BEGINNING if row is None else _place(row.position, row.at)

    def beginning(self) -> Place:
        """The place before the first change that is kept."""
        first = self.connection.scalar(select(func.min(Change.position)))
        return BEGINNING if first is None else Place(first - 1, "")

    def page(self, since: Place, kind: Kind | None, limit: int) -> tuple[list[str], Place]:
        """The next changes after a place.

        Returns: their documents, and the place after them.

        Raises:
            CursorExpired: changes that followed the place are not kept any more, or the place is none of this feed.
        """
        self._require_kept(since)
        query, end = select(*LISTED, Change.position).where(Change.position > since.position), since
        if kind is not None:
            end = self._scanned(since)  # before the changes are read: what is published in between is on the next page
            query = query.where(Change.kind == kind, Change.position <= end.position)
        rows = self.connection.execute(query.order_by(Change.position).limit(limit)).all()
        shown = [one for one in takewhile(bool, _documents(self.connection, rows)) if one]
        if rows and not shown:  # the first is large, and has just been pruned
            raise CursorExpired
        if rows and (kind is None or len(rows) == limit or len(shown) < len(rows)):
            last = rows[len(shown) - 1]
            end = _place(last.position, last.at)
        return shown, end

    def _scanned(self, since: Place) -> Place:
        """The place after the changes that were looked through."""
        positions = Change.position.between(since.position + 1, since.position + SCANNED)
        last = select(Change.position, Change.at).where(positions).order_by(Change.position.desc()).limit(1)
        row = self.connection.execute(last).first()
        return since if row is None else _place(row.position, row.at)

    def _require_kept(self, since: Place) -> None:
        if not since.at:
            if self.beginning().position > since.position:
                raise CursorExpired
            return
        at = self.connection.scalar(select(Change.at).where(Change.position == since.position))
        if at is None or at.isoformat() != since.at:
            raise CursorExpired


class HistoryReader:
    """Reads the changes of one record."""

    def __init__(self, connection: Connection, kind: Kind, record_id: int) -> None:
        self.connection = connection
        self.kind: Kind = kind
        self.record_id = record_id
        self._of_record = (Change.kind == kind, Change.record_id == record_id)

    def page(self, wanted: PageQuery, after: SortValues | None) -> Page:
        """A page of the changes, newest first. The record may have been deleted.

        Raises:
            BookNotFound, AuthorNotFound: there is no such record, and the log knows of none.
        """
        query = select(*LISTED).where(*self._of_record)
        page = slice_with(self.connection, query, NEWEST_FIRST, wanted, after, partial(_documents, self.connection))
        if not page.documents and after is None and self._current() is None:
            raise missing(self.connection, self.kind, self.record_id)
        return page

    def version(self, number: int) -> str:
        """The document of a version.

        Raises:
            VersionNotFound: there was none, or it is not kept any more.
        """
        if number >= MOST_VERSIONS:
            raise VersionNotFound
        after = select(Change.after).where(*self._of_record, Change.version == number, Change.after.is_not(None))
        next_one = select(Change.before).where(*self._of_record, Change.version == number + 1)
        documents = [self._current(number), self.connection.scalar(after), self.connection.scalar(next_one)]
        found = next((document for document in documents if _version_of(document) == number), None)
        if found is None:
            raise VersionNotFound
        return completed(self.kind, found)

    def _current(self, version: int | None = None) -> str | None:
        record = RECORDS[self.kind]
        query = select(record.document).where(record.id == self.record_id)
        return self.connection.scalar(query if version is None else query.where(record.version == version))


def find_change(connection: Connection, change_id: int) -> str:
    """The document of a change.

    Raises:
        ChangeNotFound: there is none with that id.
    """
    row = connection.execute(select(*SHOWN).where(Change.id == change_id)).first()
    if row is None:
        raise ChangeNotFound
    return change_document(row)


def batches_page(connection: Connection, wanted: PageQuery, after: SortValues | None) -> Page:
    """A page of the batches, newest first."""
    columns = (Batch.id, Batch.at, Batch.actor_id, Batch.via, Batch.summary)
    return slice_of_rows(connection, select(*columns), LAST_BATCH_FIRST, wanted, after, _batch_document)


def _batch_document(row: Any) -> str:  # noqa: ANN401  (a row of a batch)
    return json.dumps(row._asdict() | {"at": rfc3339_utc(row.at)}, ensure_ascii=False)


def _documents(connection: Connection, rows: Sequence[Any]) -> list[str | None]:
    """The changes in rows of `LISTED` as clients get them, as far as they fit in the page; None: one just pruned."""
    documents = [LEFT_OUT if row.before is None is row.after else change_document(row) for row in rows]

    def read(places: list[int]) -> list[str | None]:
        ids = [rows[place].id for place in places]
        query = select(*SHOWN).where(among(connection, Change.id, ids))
        found = {row.id: change_document(row) for row in connection.execute(query)}
        return [found.get(one) for one in ids]

    return filled(documents, read)


def change_document(row: Any) -> str:  # noqa: ANN401  (a row of SHOWN)
    """A change as clients get it: the documents before and after are spliced in as they are stored."""
    shown = {
        "id": row.id,
        "kind": row.kind,
        "record_id": row.record_id,
        "version": row.version,
        "action": row.action,
        "at": rfc3339_utc(row.at),
        "actor_id": row.actor_id,
        "via": row.via,
        "batch_id": row.batch_id,
    }
    before, after = ("null" if one is None else completed(row.kind, one) for one in (row.before, row.after))
    return f'{json.dumps(shown, separators=(",", ":"))[:-1]},"before":{before},"after":{after}}}'


def place_of(values: SortValues) -> Place:
    """The place in a cursor.

    Raises:
        InvalidCursor: it is the cursor of something else.
    """
    match values:
        case [int(position), str(at)]:
            return Place(position, at)
    raise InvalidCursor


def _place(position: int, at: datetime) -> Place:
    return Place(position, at.isoformat())


def _version_of(document: str | None) -> int | None:
    return None if document is None else int(json.loads(document)["version"])
