"""What is counted and measured, by name. docs/operations.md describes each metric to operators."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

if TYPE_CHECKING:
    from collections.abc import Iterator

M = TypeVar("M", Counter, Gauge, Histogram)

REGISTRY = CollectorRegistry()
"""The metrics of this process, if they are not shared with others."""
REQUEST_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
"""Seconds. No request takes longer than the last by more than what its client takes to read the response."""
WAIT_BUCKETS = (0.001, 0.005, 0.025, 0.1, 0.5, 1, 2.5, 5, 10, 20)
"""Seconds. The last is that of `DB_LOCK_TIMEOUT`."""


class Instrument(Generic[M]):
    """A metric, which is created when it is first used: only then is it known whether it is shared between processes.

    Calling it with the values of its labels returns what counts for them: `REQUESTS("/books", "GET", "200").inc()`.
    """

    def __init__(self, kind: type[M], name: str, description: str, *labels: str, **options: Any) -> None:  # noqa: ANN401  (the library's)
        self.kind: type[M] = kind
        self.name, self.description, self.labels = name, description, labels
        self._options = options
        self._metric: M | None = None
        self._children: dict[tuple[str, ...], M] = {}
        self._lock = Lock()

    def __call__(self, *values: str) -> M:
        """The part for these values, kept: the library itself takes a lock and longer to find it."""
        return self._children.get(values) or self._create(values)

    @property
    def exported(self) -> str:
        """The name under which it is exported; of a histogram the common part."""
        return f"{self.name}_total" if self.kind is Counter else self.name

    def _create(self, values: tuple[str, ...]) -> M:
        with self._lock:
            if self._metric is None:
                self._metric = self.kind(self.name, self.description, self.labels, registry=REGISTRY, **self._options)
            self._children[values] = self._metric.labels(*values) if values else self._metric
            return self._children[values]


def _gauge(name: str, description: str, *labels: str) -> Instrument[Gauge]:
    """The sum over the living workers."""
    return Instrument(Gauge, name, description, *labels, multiprocess_mode="livesum")


REQUESTS = Instrument(
    Counter, "books_http_requests", "Responses, by route template, method and status.", "route", "method", "status"
)
REQUEST_SECONDS = Instrument(
    Histogram,
    "books_http_request_duration_seconds",
    "Seconds from a complete request to the beginning of its response.",
    "route",
    "method",
    buckets=REQUEST_BUCKETS,
)
REQUESTS_UNDER_WAY = _gauge("books_http_requests_under_way", "Requests that are being received or worked on.")
EXPORTS_UNDER_WAY = _gauge("books_exports_under_way", "Exports that are being sent.")
PROBLEMS = Instrument(
    Counter, "books_problems", "Error responses, by the code of the problem and the status.", "code", "status"
)
RATE_LIMITED = Instrument(Counter, "books_rate_limited", "Requests that a limit refused.", "limit")
UNCOUNTED = Instrument(
    Counter, "books_rate_limits_uncounted", "Requests whose limit could not be counted, without Redis.", "limit"
)
EVENTS = Instrument(Counter, "books_audit_events", "Events of the audit log.", "event")

DB_SLOTS = _gauge("books_db_connections_limit", "Connections that requests of this kind may use.", "kind")
DB_WORKING = _gauge("books_db_connections_in_use", "Connections in use by requests of this kind.", "kind")
DB_WAITING = _gauge("books_db_requests_waiting", "Requests of this kind that wait for a connection.", "kind")
DB_WAITS = Instrument(
    Histogram,
    "books_db_wait_seconds",
    "Seconds that requests waited for a connection, of those that had to.",
    "kind",
    buckets=WAIT_BUCKETS,
)
DB_REFUSED = Instrument(
    Counter, "books_db_refused", "Requests that got no connection: the queue was full, or it took too long.", "kind"
)
DB_ERRORS = Instrument(
    Counter, "books_db_errors", "Errors of the database, by SQLSTATE or SQLite's name of the result code.", "error"
)
DB_UP = _gauge("books_database_up", "Whether the last check of the database succeeded: it can be read and written.")
ROWS = _gauge("books_rows", "Rows of a table; on PostgreSQL its estimate if there are many.", "table")
DB_BYTES = _gauge("books_database_bytes", "Bytes of the database on disk.", "part")

HASHING_WAITING = _gauge("books_hashing_requests_waiting", "Requests that wait for a password hash, or compute one.")
HASHING_PLACES = _gauge("books_hashing_requests_limit", "Requests that may wait for a hash or compute one at once.")
HASHING_WAITS = Instrument(
    Histogram,
    "books_hashing_wait_seconds",
    "Seconds that requests waited before their password was hashed.",
    buckets=WAIT_BUCKETS,
)
HASHING_REFUSED = Instrument(Counter, "books_hashing_refused", "Requests refused because the queue of hashes was full.")
WEBHOOK_ATTEMPTS = Instrument(
    Counter, "books_webhook_attempts", "Attempts of this service to deliver webhooks, by their outcome.", "outcome"
)
WEBHOOKS = _gauge("books_webhooks", "Webhooks by state: enabled, failing, or why they are disabled.", "state")
WEBHOOK_BACKLOG = _gauge("books_webhook_deliveries_pending", "Deliveries of enabled webhooks that are pending.")
LOG_DROPPED = Instrument(Counter, "books_log_lines_dropped", "Lines of the log that could not be written.")


def instruments() -> Iterator[Instrument[Any]]:
    """All of them."""
    return (value for value in globals().values() if isinstance(value, Instrument))
