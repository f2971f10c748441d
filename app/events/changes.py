"""The change log: what a transaction changes is noted, and written at its end.

Every way to write a record passes here: SQLAlchemy's events for what its session writes, `app.services.book_rows` and
the import for what is written in one statement for many records.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from sqlalchemy import bindparam, delete, event, func, inspect, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import Session, object_session

from app.db.bulk import insert_rows, is_postgres
from app.db.ids import next_id
from app.models import Batch, Change, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection, Table
    from sqlalchemy.dialects.sqlite import Insert
    from sqlalchemy.orm import Mapper

    from app.models.drafts import AuthorDraft, BookDraft

Action = Literal["created", "updated", "deleted", "restored"]
Kind = Literal["book", "author"]
Via = Literal["session", "key", "import", "script", "rename", "undo"]

CHANGES: Table = Change.__table__  # type: ignore[assignment]  # SQLAlchemy's type is wider
BATCHES: Table = Batch.__table__  # type: ignore[assignment]  # likewise
KINDS: dict[str, Kind] = {"books": "book", "authors": "author"}
"""The kinds of records by the names of their tables."""
PENDING, ORIGIN, SIZE, LIMIT = "changes", "origin", "size_of_changes", "limit_of_consequences"
"""The keys in `Session.info`."""


@dataclass(frozen=True)
class Origin:
    """Who changes records in a transaction, by what means, and as part of which batch."""

    actor_id: int | None = None
    via: Via = "script"
    request_id: str | None = None
    batch_id: int | None = None


UNKNOWN = Origin()
"""A command of the operator's."""


class Document(NamedTuple):
    """The state of a record before or after a change."""

    id: int
    version: int
    created_by: int | None
    document: str


def set_origin(db: Session, origin: Origin) -> None:
    """Set who makes the changes of this transaction."""
    db.info[ORIGIN] = origin


def origin_of(db: Session) -> Origin:
    """Who makes the changes of this transaction."""
    origin: Origin = db.info.get(ORIGIN, UNKNOWN)
    return origin


def limit_consequences(db: Session, limit: Callable[[int], None]) -> None:
    """Set what counts the records that a write to another record changes, or refuses the write."""
    db.info[LIMIT] = limit


def announce_consequences(db: Session, records: int) -> None:
    """Let so many records be counted, before the work begins that changes them.

    Raises:
        BooksError: of the function that counts them.
    """
    limit: Callable[[int], None] | None = db.info.get(LIMIT)
    if limit is not None and records:
        limit(records)


@contextmanager
def changing_via(db: Session, via: Via) -> Iterator[None]:
    """Changes in the block are consequences, such as the books of an author who is renamed."""
    origin = origin_of(db)
    set_origin(db, replace(origin, via=via))
    yield
    set_origin(db, origin)


def begin_batch(db: Session, summary: str) -> int:
    """Make the changes of this transaction a batch, also those that are noted already.

    Args:
        db: in a transaction.
        summary: what is done, for people to read.

    Returns: the id of the batch.
    """
    origin = origin_of(db)
    batch_id = next_id(db.connection(), BATCHES.name)
    row = {"id": batch_id, "at": datetime.now(UTC), "actor_id": origin.actor_id, "via": origin.via, "summary": summary}
    db.execute(BATCHES.insert(), row)
    join_batch(db, batch_id)
    return batch_id


def discard_batch(db: Session, batch_id: int) -> None:
    """Delete a batch that has just begun, and got no changes."""
    db.execute(delete(BATCHES).where(BATCHES.c.id == batch_id))
    join_batch(db, None)


def join_batch(db: Session, batch_id: int | None) -> None:
    """Make the changes of this transaction part of a batch, also those that are noted but not yet written."""
    set_origin(db, replace(origin_of(db), batch_id=batch_id))
    for row in _pending(db):
        row["batch_id"] = batch_id


def has_changes(db: Session) -> bool:
    """Whether the transaction has changed records."""
    return bool(_pending(db))


def size_of_changes(db: Session) -> int:
    """The characters of the documents of all changes of this transaction, also of what the session has yet to flush."""
    _flush(db)
    size: int = db.info.get(SIZE, 0)
    return size


def note_change(
    db: Session, kind: Kind, before: Document | None, after: Document | None, *, action: Action | None = None
) -> None:
    """Note a change of a record.

    Args:
        db: the transaction of the change.
        kind: of the record.
        before: what it was; None if it is new.
        after: what it is now; None if it was deleted.
        action: what was done, if the two do not say it: a record that is restored.
    """
    of = after or before
    if of is None or (before and after and before.document == after.document):
        return
    origin = origin_of(db)
    db.info[SIZE] = db.info.get(SIZE, 0) + sum(len(one.document) for one in (before, after) if one)
    _pending(db).append(
        {
            "at": datetime.now(UTC),
            "kind": kind,
            "record_id": of.id,
            "version": of.version if after else of.version + 1,
            "action": action or ("created" if before is None else "updated" if after else "deleted"),
            "actor_id": origin.actor_id,
            "via": origin.via,
            "request_id": origin.request_id,
            "batch_id": origin.batch_id,
            "created_by": of.created_by,
            "before": before and before.document,
            "after": after and after.document,
        }
    )


def document_of(record: Record | BookDraft | AuthorDraft) -> Document:
    """The state of a record in memory."""
    return Document(record.id, record.version, record.created_by, record.document)


def _pending(db: Session) -> list[dict[str, Any]]:
    pending: list[dict[str, Any]] = db.info.setdefault(PENDING, [])
    return pending


@event.listens_for(Record, "after_insert", propagate=True)
def _on_insert(_mapper: Mapper[Record], _connection: Connection, record: Record) -> None:
    is_new = record.created_at == record.updated_at
    _note(record, None, document_of(record), action="created" if is_new else "restored")


@event.listens_for(Record, "after_update", propagate=True)
def _on_update(_mapper: Mapper[Record], _connection: Connection, record: Record) -> None:
    replaced = inspect(record).attrs.document.history.deleted
    if replaced:
        after = document_of(record)
        _note(record, after._replace(document=replaced[0]), after)


@event.listens_for(Record, "after_delete", propagate=True)
def _on_delete(_mapper: Mapper[Record], _connection: Connection, record: Record) -> None:
    _note(record, document_of(record), None)


def _note(record: Record, before: Document | None, after: Document | None, action: Action | None = None) -> None:
    db = object_session(record)
    if db is not None:
        note_change(db, KINDS[record.__tablename__], before, after, action=action)


@event.listens_for(Session, "before_commit")
def write_changes(db: Session) -> None:
    """Write what was noted, also what the session has yet to flush; on PostgreSQL with the next statement."""
    _flush(db)
    pending = db.info.pop(PENDING, None)
    if not pending:
        return
    connection = db.connection()
    if is_postgres(connection):
        insert_rows(connection, CHANGES, pending)
    else:
        connection.execute(_insert_in_place(), pending)


def _flush(db: Session) -> None:
    if db.new or db.dirty or db.deleted:
        db.flush()


@event.listens_for(Session, "after_commit")
@event.listens_for(Session, "after_rollback")
def _forget(db: Session) -> None:
    for name in (PENDING, SIZE):
        db.info.pop(name, None)


@cache
def _insert_in_place() -> Insert:
    """On SQLite, which has one writer at a time, the position in the feed is known when the row is written."""
    last = select(func.coalesce(func.max(CHANGES.c.position), 0)).scalar_subquery()
    names = set(CHANGES.c.keys()) - {"id", "position"}
    given: dict[str, Any] = {name: bindparam(name) for name in names}
    return sqlite.insert(CHANGES).values(position=last + 1, **given)
