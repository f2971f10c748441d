"""Responses that are kept for retries with the same `Idempotency-Key`; decision 32 says how, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from zlib import compress, decompress

from sqlalchemy import Integer, String, and_, bindparam, delete, insert, literal, select, true, tuple_

from app.db.bulk import ONE, is_postgres
from app.db.deferred_writes import defer
from app.db.locks import trying_to_lock
from app.errors import IdempotencyKeyInUse
from app.models import KeptResponse

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, CursorResult, Insert
    from sqlalchemy.orm import Session

    from app.database import Database

KEPT_FOR = timedelta(hours=24)
SWEPT_EVERY = 60.0
"""Seconds between two sweeps of a process."""
SWEPT_AT_ONCE = 1_000
"""Rows in one transaction: some milliseconds, for which writers on SQLite wait."""
MOST_ROUNDS = 20
"""Transactions of one sweep, so that the request that does it is not delayed for long."""
LEVEL = 1
"""The zlib level: 20 µs for the response to a write of one book."""

KEPT: Any = KeptResponse.__table__
OF_KEY = and_(KEPT.c.user_id == bindparam("user_id"), KEPT.c.key == bindparam("key"))
_ONE_ROW = select(literal(1).label("one")).subquery()
LOCK = literal("idempotency key ") + bindparam("user_id", type_=String) + " " + bindparam("key", type_=String)


def _claim(locked: Any) -> Any:  # noqa: ANN401  (SQLAlchemy's types do not combine)
    """Lock a key and read its row in one statement."""
    return select(locked.label("locked"), KEPT).select_from(_ONE_ROW.outerjoin(KEPT, OF_KEY))


CLAIM = {"postgresql": _claim(trying_to_lock(LOCK)), "sqlite": _claim(true())}
_OLDEST = select(KEPT.c.user_id, KEPT.c.key).where(KEPT.c.created_at <= bindparam("until"))
_SOME = _OLDEST.order_by(KEPT.c.created_at).limit(bindparam("at_once", type_=Integer))
EXPIRED = delete(KEPT).where(tuple_(KEPT.c.user_id, KEPT.c.key).in_(_SOME))


class StoredResponse(NamedTuple):
    """A response: its status, headers and body."""

    status: int
    headers: str
    body: bytes


class Kept(NamedTuple):
    """A response that was kept, and the digest of the request that got it."""

    fingerprint: str
    response: StoredResponse


@dataclass(frozen=True)
class IdempotencyKey:
    """A key of one user; another user may have the same."""

    user_id: int
    key: str

    def claim(self, db: Session) -> Kept | None:
        """Claim the key for this transaction, before any other lock, unless a response is kept under it.

        On SQLite there is one writer at a time, so a concurrent request with the key waits, and then finds a response.

        Returns: what is kept; None if the transaction may write.

        Raises:
            IdempotencyKeyInUse: a transaction that is not complete has claimed the key.
        """
        connection = db.connection()
        given = {"user_id": self.user_id, "key": self.key}
        row = connection.execute(CLAIM[connection.dialect.name], given).one()
        if row.created_at is not None and row.created_at > datetime.now(UTC) - KEPT_FOR:
            return Kept(row.fingerprint, StoredResponse(row.status, row.headers, decompress(row.body)))
        if not row.locked:
            raise IdempotencyKeyInUse
        if row.created_at is not None:
            connection.execute(delete(KEPT).where(OF_KEY), given)
        return None

    def keep(self, db: Session, fingerprint: str, response: StoredResponse) -> int:
        """Keep the response, on PostgreSQL with the next statement. Returns: its size in the database, in bytes.

        Raises:
            IdempotencyKeyInUse, also that statement: another request with the key was committed just before this one
                claimed it: the statement that takes the lock may not see yet what its last holder has written.
        """
        body = compress(response.body, LEVEL)
        row = {"user_id": self.user_id, "key": self.key, "fingerprint": fingerprint}
        row |= {"status": response.status, "headers": response.headers, "body": body, "created_at": datetime.now(UTC)}
        connection = db.connection()
        if is_postgres(connection):
            defer(connection, _keeping, {f"kept_{name}": value for name, value in row.items()})
        else:
            connection.execute(insert(KEPT), row)
        return len(body) + len(response.headers)


def _keeping(when: ColumnElement[bool]) -> Insert:
    given = [bindparam(f"kept_{column.name}", type_=column.type) for column in KEPT.c]
    return insert(KEPT).from_select(KEPT.c, select(*given).where(when), include_defaults=False).returning(ONE)


def remove_expired(connection: Connection) -> int:
    """Remove the oldest responses that have expired. Returns: how many; `SWEPT_AT_ONCE` if there may be more."""
    gone = connection.execute(EXPIRED, {"until": datetime.now(UTC) - KEPT_FOR, "at_once": SWEPT_AT_ONCE})
    return cast("CursorResult[Any]", gone).rowcount


class Expiry:
    """Removes expired responses while the service runs: from time to time, after a write that kept one."""

    def __init__(self) -> None:
        self._next = 0.0
        self._lock = Lock()

    def sweep_if_due(self, database: Database) -> None:
        """Remove expired responses, unless this process did so a moment ago. It waits for no lock, and never raises."""
        with self._lock:
            if monotonic() < self._next:
                return
            self._next = monotonic() + SWEPT_EVERY
        removed: list[int] = []
        for _ in range(MOST_ROUNDS):
            database.write_without_waiting(lambda connection: removed.append(remove_expired(connection)))
            if not removed or removed.pop() < SWEPT_AT_ONCE:
                return
