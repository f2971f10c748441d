"""Whether the service can serve: the check behind `/readyz`."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING

from app.db.bulkheads import Kind
from app.db.migrations import require_migrated, require_tables
from app.errors import DatabaseSilent
from app.models import Base

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.database import Database

ARRIVED = "books.arrived"
"""The key of `environ` under which the server in front passes when a probe arrived (`monotonic`)."""
WITHIN = 0.8
"""Seconds after the arrival of a probe after which its check has failed: probes usually wait for one second."""
AT_LEAST = 0.02
"""Seconds that a probe waits for a check which has already taken longer."""


class Readiness:
    """Checks the database in a thread of its own, one check at a time, which all probes share.

    A check of a database that is silent takes as long as its time limits allow; no probe waits for that.

    Args:
        check: raises what keeps the service from serving.
    """

    def __init__(self, check: Callable[[Database], None] | None = None) -> None:
        self._require = check or _require_ready
        self._thread = ThreadPoolExecutor(1, "readiness")
        self._lock = Lock()
        self._check: Future[None] | None = None
        self._began = self._ended = 0.0

    def require(self, database: Database, arrived: float | None = None) -> None:
        """Check that requests can be served.

        A check that ended after the probe arrived is new enough: a second one could take as long again.

        Args:
            database: what to check.
            arrived: when the probe did (`monotonic`); by default now.

        Raises:
            DatabaseUnavailable, DatabaseOutdated: they cannot; its `cause` says why.
        """
        arrived = monotonic() if arrived is None else arrived
        with self._lock:
            if self._check is None or (self._check.done() and self._ended < arrived):
                self._check, self._began = self._thread.submit(self._run, database), monotonic()
            check, until = self._check, min(self._began, arrived) + WITHIN
        try:
            check.result(max(until - monotonic(), AT_LEAST))
        except TimeoutError:
            raise DatabaseSilent from None

    def _run(self, database: Database) -> None:
        try:
            self._require(database)
        finally:
            self._ended = monotonic()


def _require_ready(database: Database) -> None:
    with database.reading(Kind.HEALTH) as connection:
        require_migrated(connection)
        require_tables(connection, Base.metadata)
    database.require_writable()
    database.require_sound()
