"""When a record was deleted that is not there any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from app.errors import AuthorDeleted, AuthorNotFound, BookDeleted, BookNotFound
from app.models import Change

if TYPE_CHECKING:
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
