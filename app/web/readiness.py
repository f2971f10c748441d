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
    from app.database import Database

WITHIN = 0.8
"""Seconds after which a check has failed: probes usually wait for one second."""
AT_LEAST = 0.02
"""Seconds that a probe waits for a check which has already taken longer."""


class Readiness:
    """Checks the database in a thread of its own, one check at a time, which all probes share.

    A check of a database that is silent takes as long as its time limits allow; no probe waits for that.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "readiness")
        self._lock = Lock()
        self._check: Future[None] | None = None
        self._began = 0.0

    def require(self, database: Database) -> None:
        """Check that requests can be served.

        Raises:
            DatabaseUnavailable, DatabaseOutdated: they cannot; its `cause` says why.
        """
        with self._lock:
            if self._check is None or self._check.done():
                self._check, self._began = self._thread.submit(_require_ready, database), monotonic()
            check, left = self._check, self._began + WITHIN - monotonic()
        try:
            check.result(max(left, AT_LEAST))
        except TimeoutError:
            raise DatabaseSilent from None


def _require_ready(database: Database) -> None:
    with database.reading(Kind.HEALTH) as connection:
        require_migrated(connection)
        require_tables(connection, Base.metadata)
    database.require_writable()
    database.require_sound()
