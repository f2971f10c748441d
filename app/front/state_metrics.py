"""Threads of each worker that publish its state for the metrics. What is counted is published at once, elsewhere."""

from __future__ import annotations

from contextlib import suppress
from threading import Thread
from time import monotonic, sleep
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from app.db.bulkheads import Kind
from app.db.database_size import bytes_on_disk, count_rows
from app.errors import BooksError
from app.metrics.instruments import (
    DB_BYTES,
    DB_REFUSED,
    DB_SLOTS,
    DB_UP,
    DB_WAITING,
    DB_WORKING,
    EVENTS,
    EXPORTS_UNDER_WAY,
    HASHING_PLACES,
    HASHING_REFUSED,
    HASHING_WAITING,
    LOG_DROPPED,
    PROBLEMS,
    RATE_LIMITED,
    REQUESTS_UNDER_WAY,
    ROWS,
    UNCOUNTED,
    WEBHOOK_ATTEMPTS,
    WEBHOOK_BACKLOG,
    WEBHOOKS,
)
from app.observability.logs import STREAM
from app.queries.webhooks import count_pending, count_webhooks
from app.rate_limiting.limits import TOO_MANY
from app.web.http_errors import every_error, status_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.database import Database
    from app.security.hashing_queue import HashingQueue

PUBLISHED_EVERY = 1.0
"""Seconds."""
CHECKED_EVERY = 15.0
"""Seconds between two checks of the database."""
COUNTED_EVERY = 60.0
"""Seconds between two counts of its rows, at least."""
PAUSE = 1000
"""The next count begins after at least so many times the duration of the last. SQLite takes a second for millions."""
ALARMING = ("refresh_token_reused", "sign_in_failed")
"""Events of which deploy/prometheus-rules.yml warns."""


def begin_at_zero() -> None:
    """Export what has not happened yet as 0: Prometheus sees no increase in a series that begins with 1."""
    for error in every_error():
        PROBLEMS(error.code, str(status_of(error)))
    for limit in TOO_MANY:
        RATE_LIMITED(limit)
        UNCOUNTED(limit)
    for kind in Kind:
        DB_REFUSED(kind)
    for never in (HASHING_REFUSED, LOG_DROPPED):
        never()
    for outcome in ("delivered", "failed"):
        WEBHOOK_ATTEMPTS(outcome)
    for event in ALARMING:
        EVENTS(event)
    EXPORTS_UNDER_WAY().set(0)  # a worker that was killed, which this one continues, may have been sending some


class StatePublisher:
    """Publishes the state of a worker.

    Args:
        database: its database.
        hashing: its queue of password hashes.
        under_way: returns how many requests are under way.
    """

    def __init__(self, database: Database, hashing: HashingQueue, under_way: Callable[[], int]) -> None:
        self._database, self._hashing, self._under_way = database, hashing, under_way
        self._dropped = STREAM.dropped

    def start(self) -> None:
        """Publish every second from now on, in a thread."""
        _repeat(self.publish, PUBLISHED_EVERY, "published state")

    def publish(self) -> None:
        """Publish the state as it is now."""
        for kind, bulkhead in self._database.bulkheads.items():
            DB_SLOTS(kind).set(bulkhead.slots)
            DB_WORKING(kind).set(bulkhead.working)
            DB_WAITING(kind).set(bulkhead.waiting)
        HASHING_PLACES().set(self._hashing.places)
        HASHING_WAITING().set(self._hashing.waiting)
        REQUESTS_UNDER_WAY().set(self._under_way())
        dropped = STREAM.dropped
        LOG_DROPPED().inc(dropped - self._dropped)
        self._dropped = dropped


class DatabaseWatch:
    """Checks the database, and counts its rows now and then. One worker does it for all.

    Args:
        database: the database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._count_again_at = 0.0

    def start(self) -> None:
        """Check from now on, in a thread of its own: a silent database makes it wait."""
        _repeat(self.check, CHECKED_EVERY, "database watch")

    def check(self) -> None:
        """Check the database, and count if it is time to."""
        try:
            with self._database.reading(Kind.HEALTH) as connection:
                connection.exec_driver_sql("SELECT 1")
            self._database.require_writable()
        except Exception:  # noqa: BLE001  (whatever it is, the database is unavailable; requests log why)
            DB_UP().set(0)
            return
        DB_UP().set(1)
        began = monotonic()
        if began >= self._count_again_at:
            with suppress(BooksError, SQLAlchemyError):
                self._count()
            self._count_again_at = began + max(COUNTED_EVERY, (monotonic() - began) * PAUSE)

    def _count(self) -> None:
        with self._database.reading(Kind.BOOK_LISTS) as connection:
            for part, size in bytes_on_disk(connection).items():
                DB_BYTES(part).set(size)
            for table, rows in count_rows(connection):
                ROWS(table).set(rows)
            for state, number in count_webhooks(connection).items():
                WEBHOOKS(state).set(number)
            WEBHOOK_BACKLOG().set(count_pending(connection))


def _repeat(work: Callable[[], None], seconds: float, name: str) -> None:
    def run() -> None:
        while True:
            work()
            sleep(seconds)

    Thread(target=run, name=name, daemon=True).start()
