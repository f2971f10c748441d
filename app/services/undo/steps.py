"""The steps of an undo: a change, the record as it is, and what undoes the change."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError
from sqlalchemy import select

from app.domain.reversal import Reversal, reversal
from app.errors import Fault, UndoConflict
from app.events.deletions import first_versions
from app.models import User

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection
    from sqlalchemy.orm import Session

    from app.events.changes import Kind
    from app.models import Author
    from app.models.drafts import BookDraft

DataT = TypeVar("DataT", bound=BaseModel)
REFUSED = "the former value is not valid any more"
DELETED_AGAIN = "the record was restored and deleted again since"


class Undoable(NamedTuple):
    """A change, or several of a record as one: what it was before the first and after the last."""

    kind: Kind
    record_id: int
    version: int
    created_by: int | None
    before: str | None
    after: str | None


class Effect(NamedTuple):
    """What an undo does to a record."""

    kind: Kind
    record_id: int
    action: str
    fields: list[str]


@dataclass(frozen=True)
class Step:
    """A change, the record as it is, and what undoes the change."""

    of: Undoable
    now: Any
    """The record as it is; None if there is none."""
    plan: Reversal

    @property
    def created_by(self) -> int | None:
        """The owner of the record."""
        owner_id: int | None = self.of.created_by if self.now is None else self.now.created_by
        return owner_id

    @property
    def effect(self) -> Effect:
        """What it does."""
        return Effect(self.of.kind, self.of.record_id, self.plan.action, list(self.plan.fields))

    def conflict(self, name: str, detail: str) -> UndoConflict:
        """The error that a field cannot get its former value; without a name: that the record cannot be undone."""
        return UndoConflict(faults=(Fault(pointer(self.of, name), detail),))

    def former(self, schema: type[DataT]) -> DataT:
        """The former values as a client would send them, without the names of contributors, which follow from theirs.

        Raises:
            UndoConflict: a value is not valid any more.
        """
        fields = dict(self.plan.fields)
        if "contributors" in fields:
            fields["contributors"] = [
                {"author_id": part["author_id"], "role": part["role"]} for part in fields["contributors"]
            ]
        try:
            return schema.model_validate(fields)
        except ValidationError as error:
            raise self.conflict(str(error.errors()[0]["loc"][0]), REFUSED) from None


def steps_of(changes: Iterable[Undoable], current: dict[int, BookDraft] | dict[int, Author]) -> list[Step]:
    """The steps that undo changes; what is as it was before needs none."""
    steps = []
    for change in changes:
        now = current.get(change.record_id)
        plan = reversal(parsed(change.before), parsed(change.after), parsed(now.document if now else None))
        if plan is not None:
            steps.append(Step(change, now, plan))
    return steps


def of_action(steps: Iterable[Step], action: str) -> list[Step]:
    """The steps that delete, update or restore."""
    return [step for step in steps if step.plan.action == action]


def parsed(document: str | None) -> dict[str, Any] | None:
    """A stored document."""
    return None if document is None else json.loads(document)


def pointer(of: Undoable, name: str) -> str:
    """The location of a field of a record, such as `/books/12/title`."""
    return f"/{of.kind}s/{of.record_id}" + (f"/{name}" if name else "")


def restored_since(db: Connection | Session, deletions: Sequence[Undoable]) -> list[Undoable]:
    """The deletions of one kind of record after which the record was restored, and deleted again."""
    if not deletions:
        return []
    next_versions = first_versions(db, deletions[0].kind, [of.record_id for of in deletions])
    return [of for of in deletions if next_versions[of.record_id] > of.version + 1]


def require_last(db: Session, steps: Sequence[Step]) -> None:
    """Check that the deletions that are undone are the last ones of their records.

    Raises:
        UndoConflict: a record was restored and deleted again since.
    """
    for of in restored_since(db, [step.of for step in steps]):
        raise UndoConflict(faults=(Fault(pointer(of, ""), DELETED_AGAIN),))


def existing_user(db: Session, user_id: int | None) -> int | None:
    """The owner of a record that is restored, unless that user was deleted."""
    return db.scalar(select(User.id).where(User.id == user_id)) if user_id else None
