"""What the change log says of deleted records: when that was, and which version is next under their ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, case, func, select

from app.db.bulk import among
from app.errors import AuthorDeleted, AuthorNotFound, BookDeleted, BookNotFound
from app.models import Change

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection
    from sqlalchemy.orm import Session

    from app.errors import NotFound
    from app.events.changes import Kind

_LAST = (
    select(Change.action, Change.at)
    .where(Change.kind == bindparam("kind"), Change.record_id == bindparam("record_id"))
    .order_by(Change.id.desc())
    .limit(1)
)
ERRORS = {"book": (BookNotFound, BookDeleted), "author": (AuthorNotFound, AuthorDeleted)}


def missing(db: Connection | Session, kind: Kind, record_id: int) -> NotFound:
    """The error of a record that is not there: it was deleted, as far as the change log knows, or never existed."""
    never, deleted = ERRORS[kind]
    last = db.execute(_LAST, {"kind": kind, "record_id": record_id}).first()
    return deleted(last.at) if last is not None and last.action == "deleted" else never()


def first_versions(db: Connection | Session, kind: Kind, supplied: Collection[int]) -> dict[int, int]:
    """The first versions of new records whose ids clients supply, by those ids.

    It is 1, unless there was such a record before: then its versions go on, so that a tag of the deleted record never
    matches the new one, and the versions of an id only rise.
    """
    deleted = func.max(case((Change.action == "deleted", Change.version), else_=0))
    of_ids = (Change.kind == kind, among(db, Change.record_id, supplied))
    rows = db.execute(
        select(Change.record_id, func.max(Change.version), deleted).where(*of_ids).group_by(Change.record_id)
    )
    # A record that is not deleted yet, as far as this transaction sees, may be by the time of the insert.
    return dict.fromkeys(supplied, 1) | {record_id: last + (1 if last == gone else 2) for record_id, last, gone in rows}
