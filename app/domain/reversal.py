"""What undoes a change of a record, field by field, in view of what the record is now."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Record = dict[str, Any]
BOOKKEEPING = frozenset({"id", "created_at", "updated_at", "created_by", "updated_by", "version"})
"""The fields that the service sets, which are not undone."""
DELETED = "the record has been deleted since"
CHANGED = "has been changed since"


@dataclass(frozen=True)
class Reversal:
    """What undoes a change.

    `fields` has the former values of an update, or all of a record that is restored. `conflicts` has the fields that
    have been changed since; an empty name stands for the record as a whole. With any, nothing is to be done.
    """

    action: Literal["deleted", "updated", "restored"]
    fields: Record = field(default_factory=dict)
    conflicts: dict[str, str] = field(default_factory=dict)


def reversal(before: Record | None, after: Record | None, now: Record | None) -> Reversal | None:
    """What undoes a change; None if there is nothing to undo.

    Args:
        before: the record before the change; None if the change created it.
        after: the record after the change; None if the change deleted it.
        now: the record as it is; None if there is none with its id.
    """
    if after is None:
        return None if before is None or now is not None else Reversal("restored", _content(before))
    if before is None:
        return None if now is None else Reversal("deleted", conflicts=dict.fromkeys(_differing(after, now), CHANGED))
    changed = _differing(before, after)
    if changed and now is None:
        return Reversal("updated", conflicts={"": DELETED})
    to_undo = [name for name in changed if now and not _same(name, before, now)]
    if now is None or not to_undo:
        return None
    conflicts = {name: CHANGED for name in to_undo if not _same(name, after, now)}
    return Reversal("updated", {name: before[name] for name in to_undo}, conflicts)


def _content(record: Record) -> Record:
    return {name: value for name, value in record.items() if name not in BOOKKEEPING}


def _differing(one: Record, other: Record) -> list[str]:
    names = [name for name in one if name in other and name not in BOOKKEEPING]
    return [name for name in names if not _same(name, one, other)]


def _same(name: str, one: Record, other: Record) -> bool:
    return bool(_value(name, one) == _value(name, other))


def _value(name: str, record: Record) -> Any:  # noqa: ANN401  (of any type)
    """Contributors are the same whatever their names, which follow from their records."""
    value = record[name]
    return [(part["author_id"], part["role"]) for part in value] if name == "contributors" else value
