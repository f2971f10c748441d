"""What each worker publishes of its state."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Event
from typing import TYPE_CHECKING, cast

import pytest

from app.database import Database
from app.db.bulkheads import Bulkhead, Kind
from app.errors import DatabaseBusy, DatabaseUnavailable, HashingBusy
from app.front import state_metrics
from app.front.state_metrics import DatabaseWatch, StatePublisher, begin_at_zero
from app.metrics.instruments import EXPORTS_UNDER_WAY, REGISTRY
from app.observability.logs import STREAM
from app.rate_limiting.limits import RateLimits
from app.security.hashing_queue import HashingQueue
from devtools.databases import settings_for
from devtools.postgres import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection


def value(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(name, labels)


class StandIn:
    """A database that can be unavailable or read-only, and has bulkheads.

    Args:
        real: what it is otherwise.
    """

    def __init__(self, real: Database) -> None:
        self._real = real
        self.bulkheads = {Kind.BOOKS: Bulkhead(3, 10, 60, kind=Kind.BOOKS)}
        self.is_available = self.is_writable = True
        self.reads: list[Kind] = []

    @contextmanager
    def reading(self, kind: Kind) -> Iterator[Connection]:
        self.reads.append(kind)
        if not self.is_available:
            raise DatabaseUnavailable
        with self._real.reading(kind) as connection:
            yield connection

    def require_writable(self) -> None:
        if not self.is_writable:
            raise DatabaseUnavailable

    @property
    def database(self) -> Database:
        return cast("Database", self)


@pytest.fixture
def stand_in(schema: Database) -> StandIn:
    return StandIn(schema)


class TestState:
    def test_is_that_of_the_queues_and_of_the_log(self, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
        publisher = StatePublisher(stand_in.database, HashingQueue(1, 9), lambda: 7)
        with stand_in.bulkheads[Kind.BOOKS].slot():
            publisher.publish()
        assert value("books_db_connections_limit", kind="books") == 3
        assert value("books_db_connections_in_use", kind="books") == 1
        assert value("books_db_requests_waiting", kind="books") == 0
        assert value("books_hashing_requests_limit") == 9
        assert value("books_hashing_requests_waiting") == 0
        assert value("books_http_requests_under_way") == 7
        lines = value("books_log_lines_dropped_total") or 0
        monkeypatch.setattr(STREAM, "dropped", STREAM.dropped + 5)
        publisher.publish()
        publisher.publish()
        assert value("books_log_lines_dropped_total") == lines + 5


class TestBegin:
    def test_is_at_zero_after_a_worker_that_was_killed_amid_exports(self) -> None:
        EXPORTS_UNDER_WAY().set(3)
        begin_at_zero()
        assert value("books_exports_under_way") == 0


class TestDatabase:
    def test_is_up_while_it_can_be_read_and_written(self, stand_in: StandIn) -> None:
        watch, seen = DatabaseWatch(stand_in.database), []
        for stand_in.is_available, stand_in.is_writable in [(True, True), (False, True), (True, False), (True, True)]:
            watch.check()
            seen.append(value("books_database_up"))
        assert seen == [1, 0, 0, 1]

    def test_is_counted_once_a_minute(self, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
        watch, now = DatabaseWatch(stand_in.database), [0.0]
        monkeypatch.setattr(state_metrics, "monotonic", lambda: now[0])
        counted = []
        for now[0] in (0.0, 15.0, 59.0, 60.0, 75.0, 120.0):
            stand_in.reads.clear()
            watch.check()
            counted.append(Kind.BOOK_LISTS in stand_in.reads)
        assert counted == [True, False, False, True, False, True]
        assert value("books_rows", table="books") == 0
        assert (value("books_database_bytes", part="data") or 0) > 0

    def test_is_counted_more_seldom_if_it_takes_long(self, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
        watch = DatabaseWatch(stand_in.database)
        times = iter([0.0, 2.0, 1999.0, 2000.0, 2002.0])  # a count takes two seconds
        monkeypatch.setattr(state_metrics, "monotonic", lambda: next(times))
        for expected in (True, False, True):
            stand_in.reads.clear()
            watch.check()
            assert (Kind.BOOK_LISTS in stand_in.reads) == expected


class TestBeginning:
    def test_exports_what_has_not_happened(self) -> None:
        begin_at_zero()
        assert value("books_problems_total", code="database_unavailable", status="503") is not None
        assert value("books_rate_limited_total", limit="writes") is not None
        assert value("books_audit_events_total", event="refresh_token_reused") is not None


class TestQueues:
    def test_of_hashes_count_requests_that_waited_and_were_refused(self) -> None:
        begin_at_zero()
        refused, waits = value("books_hashing_refused_total") or 0, value("books_hashing_wait_seconds_count") or 0
        queue, goes_on = HashingQueue(1, 0), Event()
        goes_on.set()
        with pytest.raises(HashingBusy):
            queue.run(goes_on.wait)
        HashingQueue(1, 1).run(goes_on.wait)
        assert value("books_hashing_refused_total") == refused + 1
        assert value("books_hashing_wait_seconds_count") == waits + 1

    def test_of_connections_too(self) -> None:
        bulkhead = Bulkhead(1, 1, 0.05, kind="trial")
        with bulkhead.slot():
            with pytest.raises(DatabaseBusy), bulkhead.slot():  # waits in vain
                pass
            with pytest.raises(DatabaseBusy), bulkhead.slot(wait=False):  # skips its work: no client is refused
                pass
        assert value("books_db_wait_seconds_count", kind="trial") == 1
        assert value("books_db_refused_total", kind="trial") == 1

    def test_of_limits_that_cannot_be_counted(self) -> None:
        before = value("books_rate_limits_uncounted_total", limit="writes") or 0
        settings = settings_for(
            "sqlite://", rate_limit_storage=f"redis://127.0.0.1:{free_port()}/0", rate_limit_enabled=True
        )
        assert RateLimits(settings).hit("writes", "1") is None
        assert value("books_rate_limits_uncounted_total", limit="writes") == before + 1
