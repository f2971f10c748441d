"""Undoing a batch: all changes of an import, of a batch of books, of a renaming, or of another undo.

The records are done some hundred in a transaction, so that other writers need not wait for an import of thousands. All
of them are looked at before the first is written, and what is as it was before is left out: an undo that was
interrupted is continued by the same request.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import func, select

from app.db.bulk import among
from app.db.text_size import fitting, text_size
from app.domain.reversal import reversal
from app.errors import BatchNotFound, Fault, UndoConflict
from app.events.changes import begin_batch, discard_batch, origin_of, set_origin
from app.models import Author, Batch, Book, Change, Contributor
from app.schemas.validation_errors import MOST_FAULTS
from app.services.undo.authors import IN_USE
from app.services.undo.books import TAKEN
from app.services.undo.changes import undo_changes
from app.services.undo.steps import DELETED_AGAIN, Effect, Undoable, parsed, pointer, restored_since

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection
    from sqlalchemy.orm import Session

    from app.domain.reversal import Reversal
    from app.events.changes import Kind

AT_ONCE, LARGEST_AT_ONCE = 500, 4_000_000
"""Records in one transaction, and the bytes of their documents before and after."""
MOST_SHOWN = 100
"""Records of which a plan or a result says what becomes of them."""
RECORDS = {"book": Book, "author": Author}
ORDER = ("author restored", "book", "author", "author deleted")
"""Books refer to authors: those that come back come first, and those that go come last."""


class Net(NamedTuple):
    """The changes of one record in a batch: the ids of the first and of the last."""

    kind: Kind
    record_id: int
    first: int
    last: int
    stage: str
    size: int
    """The bytes of the documents before and after."""


def find_batch(connection: Connection, batch_id: int) -> Batch:
    """The batch.

    Raises:
        BatchNotFound: there is none with that id, or its changes are not kept any more.
    """
    row = connection.execute(select(Batch.__table__).where(Batch.id == batch_id)).first()
    kept = select(Change.id).where(Change.batch_id == batch_id).limit(1)
    if row is None or connection.scalar(kept) is None:
        raise BatchNotFound
    return Batch(**row._mapping)  # noqa: SLF001  (SQLAlchemy's own name)


def slices_of(connection: Connection, batch_id: int) -> list[list[Net]]:
    """The records of a batch, in the order in which they are undone, as many at once as one transaction takes."""
    of_batch = select(
        Change.kind, Change.record_id, func.min(Change.id).label("first"), func.max(Change.id).label("last")
    ).where(Change.batch_id == batch_id, Change.batch_id.is_not(None))
    ends = of_batch.group_by(Change.kind, Change.record_id).subquery()
    first, last = Change.__table__.alias("f"), Change.__table__.alias("l")
    before, after = text_size(first.c.before).label("before"), text_size(last.c.after).label("after")
    rows = connection.execute(
        select(ends, before, after)
        .join_from(ends, first, first.c.id == ends.c.first)
        .join(last, last.c.id == ends.c.last)
        .order_by(ends.c.kind, ends.c.record_id)
    ).all()
    nets = [
        Net(row.kind, row.record_id, row.first, row.last, _stage(row), (row.before or 0) + (row.after or 0))
        for row in rows
        if not (row.before is row.after is None)
    ]
    nets.sort(key=lambda net: ORDER.index(net.stage))
    return [some for _, group in groupby(nets, key=lambda net: net.stage) for some in _sliced(list(group))]


def _sliced(nets: list[Net]) -> Iterator[list[Net]]:
    """As many at once as one transaction takes, fewer of large ones."""
    start = 0
    while some := nets[start : start + AT_ONCE]:
        fit = fitting((net.size for net in some), LARGEST_AT_ONCE)
        yield some[:fit]
        start += fit


def undoables(connection: Connection, nets: Sequence[Net]) -> list[Undoable]:
    """The changes of records as one change each, with their documents."""
    ids = {net.first for net in nets} | {net.last for net in nets}
    columns = (Change.id, Change.version, Change.created_by, Change.before, Change.after)
    rows = {row.id: row for row in connection.execute(select(*columns).where(among(connection, Change.id, ids)))}
    return [
        Undoable(
            net.kind,
            net.record_id,
            rows[net.last].version,
            rows[net.last].created_by,
            rows[net.first].before,
            rows[net.last].after,
        )
        for net in nets
    ]


class Planned(NamedTuple):
    """What an undo would do: to how many records, what to the first of them, and to which in one transaction."""

    number: int
    effects: list[Effect]
    slices: list[list[Net]]
    """Without what is as it was already, so that an undo that is continued does not begin with it."""


def plan_of(connection: Connection, slices: Sequence[Sequence[Net]]) -> Planned:
    """Look, without any lock, what is to be undone.

    Raises:
        UndoConflict: some of it was changed again since, or stands in the way.
    """
    faults: list[Fault] = []
    effects: list[Effect] = []
    number = 0
    deleted: set[int] = set()
    remaining: list[list[Net]] = []
    for nets in slices:
        plans = _plans(connection, nets)
        number += len(plans)
        to_undo = {of.record_id for of, _ in plans}
        remaining.append([net for net in nets if net.record_id in to_undo])
        faults += [Fault(pointer(of, name), text) for of, plan in plans for name, text in plan.conflicts.items()]
        deleted |= {of.record_id for of, plan in plans if of.kind == "book" and plan.action == "deleted"}
        faults += _obstacles(connection, plans, deleted)
        if len(faults) >= MOST_FAULTS:
            break
        room = MOST_SHOWN - len(effects)
        effects += [Effect(of.kind, of.record_id, plan.action, list(plan.fields)) for of, plan in plans[:room]]
    if faults:
        raise UndoConflict(faults=tuple(faults[:MOST_FAULTS]))
    return Planned(number, effects, [nets for nets in remaining if nets])


def _plans(connection: Connection, nets: Sequence[Net]) -> list[tuple[Undoable, Reversal]]:
    record = RECORDS[nets[0].kind]
    some = among(connection, record.id, [net.record_id for net in nets])
    rows = connection.execute(select(record.id, record.document).where(some))
    now: dict[int, str] = {record_id: document for record_id, document in rows}  # noqa: C416  (typed)
    plans = [
        (change, reversal(parsed(change.before), parsed(change.after), parsed(now.get(change.record_id))))
        for change in undoables(connection, nets)
    ]
    return [(change, plan) for change, plan in plans if plan is not None]


def _obstacles(
    connection: Connection, plans: Sequence[tuple[Undoable, Reversal]], deleted: Collection[int]
) -> list[Fault]:
    """Authors who contribute to books that remain, and ISBNs that other books have now."""
    authors = {of.record_id: of for of, plan in plans if of.kind == "author" and plan.action == "deleted"}
    isbns = {isbn: of for of, plan in plans if (isbn := plan.fields.get("isbn"))}
    used = select(Contributor.author_id, Contributor.book_id).where(among(connection, Contributor.author_id, authors))
    taken = select(Book.isbn, Book.id).where(among(connection, Book.isbn, isbns))
    in_use = {author_id for author_id, book_id in connection.execute(used) if book_id not in deleted} if authors else ()
    lost = {str(isbn) for isbn, book_id in connection.execute(taken) if book_id not in deleted} if isbns else ()
    again = restored_since(connection, [of for of, plan in plans if plan.action == "restored"])
    return [
        *(Fault(pointer(authors[author_id], ""), IN_USE) for author_id in sorted(in_use)),
        *(Fault(pointer(isbns[isbn], "isbn"), TAKEN) for isbn in sorted(lost)),
        *(Fault(pointer(of, ""), DELETED_AGAIN) for of in again),
    ]


def undo_slices(
    slices: Sequence[Sequence[Net]],
    transaction: Callable[[], AbstractContextManager[Session]],
    editor_id: int | None,
    summary: str,
) -> Iterator[tuple[int | None, list[Effect]]]:
    """Undo one slice after another, each in a transaction of its own.

    Args:
        slices: what to undo.
        transaction: begins a transaction.
        editor_id: who undoes it; None: a command of the operator's.
        summary: what the list of batches says of the undo.

    Returns: for each slice: the batch of the undo, and what was done.

    Raises:
        UndoConflict: a record was changed meanwhile; the slices before it are undone.
    """
    batch_id: int | None = None
    for nets in slices:
        with transaction() as db:
            set_origin(db, replace(origin_of(db), via="undo", batch_id=batch_id))
            changes = undoables(db.connection(), nets)
            begun = batch_id or begin_batch(db, summary)  # before changes are written, such as those of a renaming
            effects = undo_changes(db, changes, editor_id)
            if effects:
                batch_id = begun
            elif batch_id is None:
                discard_batch(db, begun)
        yield batch_id, effects


def _stage(row: Any) -> str:  # noqa: ANN401  (a row with the sizes of the documents before and after)
    if row.kind == "book" or (row.before is not None and row.after is not None):
        return str(row.kind)
    return "author deleted" if row.before is None else "author restored"
