"""The audit log: logins and changes of accounts, as rows of a table and as lines of the log. Never a secret.

An event of a transaction is stored in it, and is written to the log after the commit that made it true; neither
happens if it is rolled back. `request_id` and the client's address are in every row and line.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import event as events
from sqlalchemy.orm import Session

from app.events.audit_rows import INSERT, Failures, row_of
from app.metrics.instruments import EVENTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy.orm import SessionTransaction

    from app.database import Database
    from app.domain.audit_events import EventName

log = structlog.get_logger("audit")

KEY = "audit"
"""The entry of `Session.info` for the events of its transaction."""
FAILURES = Failures()
"""Of this process."""


@dataclass(frozen=True)
class Noted:
    """An event of a transaction that is not committed yet."""

    event: EventName
    facts: Mapping[str, object]
    is_warning: bool
    savepoint: SessionTransaction | None
    """The innermost savepoint that it belongs to."""

    def is_within(self, transaction: SessionTransaction) -> bool:
        """Whether it is undone by a rollback of this transaction or savepoint."""
        inner = self.savepoint
        while inner is not None and inner is not transaction:
            inner = inner.parent
        return inner is transaction or transaction.parent is None


def note(db: Session, event: EventName, **facts: object) -> None:
    """Record a success, such as `signed_in` or `key_created`, when the transaction commits."""
    _note(db, event, facts, is_warning=False)


def note_warning(db: Session, event: EventName, **facts: object) -> None:
    """Record what an operator may want to check, such as `refresh_token_reused`, when the transaction commits."""
    _note(db, event, facts, is_warning=True)


def record(database: Database, event: EventName, **facts: object) -> None:
    """Record at once what has no transaction, such as `second_factor_asked`. Not within one: it would be waited for."""
    _log(event, facts, is_warning=False)
    FAILURES.store(database, event, facts)


def warn(database: Database, event: EventName, **facts: object) -> None:
    """Record a failure at once, such as `sign_in_failed`. Not within a transaction, as with `record`."""
    _log(event, facts, is_warning=True)
    FAILURES.store(database, event, facts)


@contextmanager
def warning_of(database: Database, event: EventName, failure: type[Exception], **facts: object) -> Iterator[None]:
    """Record a warning if the block, which contains the whole transaction, raises this exception."""
    try:
        yield
    except failure:
        warn(database, event, **facts)
        raise


def _note(db: Session, event: EventName, facts: Mapping[str, object], *, is_warning: bool) -> None:
    noted = Noted(event, facts, is_warning, db.get_nested_transaction())
    db.info.setdefault(KEY, []).append(noted)


def _log(event: EventName, facts: Mapping[str, object], *, is_warning: bool) -> None:
    EVENTS(event).inc()
    if is_warning:
        log.warning(event, **facts)
    else:
        log.info(event, **facts)


@events.listens_for(Session, "before_commit")
def _store(db: Session) -> None:
    """Insert the events of a transaction, in one statement. SQLAlchemy also calls this where a savepoint ends."""
    if KEY in db.info and not db.in_nested_transaction():
        db.connection().execute(INSERT, [row_of(noted.event, noted.facts) for noted in db.info[KEY]])


@events.listens_for(Session, "after_commit")
def _report(db: Session) -> None:
    """Log the events of a transaction that is committed."""
    if KEY in db.info and not db.in_nested_transaction():
        for noted in db.info.pop(KEY):
            _log(noted.event, noted.facts, is_warning=noted.is_warning)


@events.listens_for(Session, "after_soft_rollback")
def _forget(db: Session, transaction: SessionTransaction) -> None:
    """Forget the events of a transaction or savepoint that is rolled back."""
    if KEY in db.info:
        db.info[KEY] = [noted for noted in db.info[KEY] if not noted.is_within(transaction)]
        if not db.info[KEY]:
            del db.info[KEY]
