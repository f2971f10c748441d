"""Undoing changes: each record gets a new version that is as it was before, unless it has been changed again since."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app.db.locks import BATCHES, lock_exclusive
from app.errors import ChangeNotFound, Fault, UndoConflict
from app.models import Change
from app.schemas.validation_errors import MOST_FAULTS
from app.services.undo.authors import AuthorUndo
from app.services.undo.books import BookUndo
from app.services.undo.steps import Effect, Step, Undoable, pointer, steps_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.orm import Session


def find_undoable(db: Session, change_id: int) -> Undoable:
    """A change that is to be undone.

    Raises:
        ChangeNotFound: there is none with that id.
    """
    columns = (Change.kind, Change.record_id, Change.version, Change.created_by, Change.before, Change.after)
    row = db.execute(select(*columns).where(Change.id == change_id)).first()
    if row is None:
        raise ChangeNotFound
    return Undoable(*row)  # type: ignore[arg-type]  # `kind` is text


def undo_changes(
    db: Session,
    changes: Sequence[Undoable],
    editor_id: int | None,
    permit: Callable[[Step], None] = lambda _step: None,
) -> list[Effect]:
    """Undo changes of different records of one kind, all of them or none.

    Args:
        db: the transaction.
        changes: the changes.
        editor_id: who undoes them; None: a command of the operator's.
        permit: called with each step before anything is written; it raises if the user may not take it.

    Returns: what was done; what is as it was before is left out.

    Raises:
        UndoConflict: a record has been changed again since, or cannot be as it was.
        IsbnTaken: another book gets the ISBN at the same time.
    """
    if not changes:
        return []
    lock_exclusive(db, BATCHES)
    undo = BookUndo(db, editor_id) if changes[0].kind == "book" else AuthorUndo(db, editor_id)
    steps = steps_of(changes, undo.current([change.record_id for change in changes]))
    for step in steps:
        permit(step)
    _require_no_conflict(steps)
    undo.take(steps)
    return [step.effect for step in steps]


def _require_no_conflict(steps: Sequence[Step]) -> None:
    faults = [Fault(pointer(step.of, name), detail) for step in steps for name, detail in step.plan.conflicts.items()]
    if faults:
        raise UndoConflict(faults=tuple(faults[:MOST_FAULTS]))
