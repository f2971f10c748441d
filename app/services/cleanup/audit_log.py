"""How long the audit log keeps what: events for `AUDIT_KEEP` days, addresses as long as the account exists."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from threading import Thread
from time import sleep
from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, exists, func, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from app.errors import BooksError
from app.models import AuditEvent, User

if TYPE_CHECKING:
    from sqlalchemy import Connection, Delete, Select, Update
    from sqlalchemy.orm import Session

    from app.database import Database

EVENTS_AT_ONCE = 1_000
"""How many one transaction removes: some milliseconds, for which writers wait on SQLite."""
MOST_STEPS = 1_000
"""Transactions of one call: a million events, if `AUDIT_KEEP` was lowered."""
EVERY = 3600.0
"""Seconds between two calls of a worker, which cost one look at an index each if there is nothing to do."""
FIRST_WITHIN = 60.0
"""Seconds after the start until the first call, drawn at random: workers that start together do not meet."""
LATE = timedelta(days=1)
"""How far back addresses are looked for that were stored after their account was deleted."""
ACTOR = func.coalesce(AuditEvent.by_user, AuditEvent.user_id)
"""The user whose address an event has, as far as that is known."""


def forget_addresses_of(db: Session, user_id: int) -> None:
    """Remove the addresses of a user who is being deleted. The events remain, with the id.

    Those of failed logins to the account are removed as well, since most are the user's own. Of what an admin did to
    the account, the address is the admin's, and remains.
    """
    of_account = and_(AuditEvent.user_id == user_id, AuditEvent.by_user.is_(None))
    events = update(AuditEvent).where(or_(of_account, AuditEvent.by_user == user_id))
    db.execute(events.where(AuditEvent.address.is_not(None)).values(address=None))


def forget_old(database: Database, days: int) -> int:
    """Remove events that are older, and addresses of users who were deleted while the event was being stored.

    It never waits for a lock: what is skipped is left for the next call.

    Returns: how many events were removed.

    Raises:
        DatabaseUnavailable: the database cannot be reached.
    """
    now = datetime.now(UTC)
    old = select(AuditEvent.id).where(AuditEvent.at < now - timedelta(days=days)).order_by(AuditEvent.at)
    lives = exists().where(User.id == ACTOR, User.username.is_not(None))
    recent = select(AuditEvent.id).where(AuditEvent.at > now - LATE, AuditEvent.address.is_not(None))
    _in_steps(database, recent.where(ACTOR.is_not(None), ~lives), update(AuditEvent).values(address=None))
    return _in_steps(database, old, delete(AuditEvent))


def start_forgetting(database: Database, days: int) -> None:
    """For servers: remove old events every hour, in the background."""

    def run() -> None:
        sleep(random.uniform(0, FIRST_WITHIN))  # noqa: S311  (no secret)
        while True:
            with suppress(BooksError, SQLAlchemyError):  # the database is unavailable, and requests log why
                forget_old(database, days)
            sleep(EVERY)

    Thread(target=run, name="audit log", daemon=True).start()


def _in_steps(database: Database, which: Select[int], change: Delete | Update) -> int:
    """Change the events that a query finds, some in a transaction. Returns: how many."""
    total = 0
    for _ in range(MOST_STEPS):
        with database.reading() as connection:
            ids = connection.scalars(which.limit(EVENTS_AT_ONCE)).all()
        changed = _write(database, change.where(AuditEvent.id.in_(ids))) if ids else 0
        total += changed
        if not changed:
            break
    return total


def _write(database: Database, change: Delete | Update) -> int:
    """How many rows were changed; 0 if the database was busy."""
    changed = 0

    def work(connection: Connection) -> None:
        nonlocal changed
        changed = connection.execute(change).rowcount

    database.write_without_waiting(work)
    return changed
