"""The feed's order: changes get their positions after their commits, from one publisher at a time.

Ids are taken before the commit, so a follower that continued after the last id it saw would miss the rows of
transactions that commit later. A position is given to rows that are committed, in the order of their ids, and is
committed before the next is given. So positions have no gaps, none appears behind another, and the versions of a record
are in order: a later version can only be written once the earlier one is committed. Decision 30 compares the
alternatives.

SQLite has one writer at a time: there the position is written with the row.
"""

from __future__ import annotations

from threading import Event, Thread
from time import sleep
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import event, exc, text
from sqlalchemy.orm import Session

from app.db.bulk import is_postgres
from app.db.engines import make_engine
from app.db.locks import FEED, try_lock_exclusive
from app.errors import BooksError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from app.settings import Settings

log = structlog.get_logger(__name__)

AT_ONCE = 5_000
"""Changes that one transaction publishes: 0.2 seconds."""
INTERVAL = 0.25
"""Seconds after which a process looks for changes of others, such as an import; its own it publishes at once."""
PAUSE = 0.05
"""Seconds between two publications of a process: each costs a commit, so the changes of busy writers share one."""
RETRY_AFTER = 1.0
"""Seconds to wait while the database is unavailable."""

_UNPUBLISHED = text("SELECT EXISTS (SELECT 1 FROM changes WHERE position IS NULL)")
_PUBLISH = text(
    "UPDATE changes SET position = numbered.position FROM ("
    " SELECT id, (SELECT coalesce(max(position), 0) FROM changes) + row_number() OVER (ORDER BY id) AS position"
    " FROM (SELECT id FROM changes WHERE position IS NULL ORDER BY id LIMIT :most) AS unpublished"
    ") AS numbered WHERE changes.id = numbered.id"
)


def has_unpublished(connection: Connection) -> bool:
    """Whether committed changes have no position yet."""
    return is_postgres(connection) and bool(connection.scalar(_UNPUBLISHED))


def publish(connection: Connection) -> int:
    """Give positions to changes that are committed, unless another publisher is at work.

    Args:
        connection: in a transaction at READ COMMITTED: what follows the lock must see what was committed before it.

    Returns: how many changes it has published.
    """
    if not is_postgres(connection) or not try_lock_exclusive(connection, FEED):
        return 0
    return connection.execute(_PUBLISH, {"most": AT_ONCE}).rowcount


class Publisher(Thread):
    """Publishes the changes of this process after each commit, and those of others within `INTERVAL` seconds.

    It has a connection of its own, so that it does not wait for those of clients.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__(name="feed-publisher", daemon=True)
        self._engine = make_engine(settings, 1)
        self._news = Event()
        event.listen(Session, "after_commit", lambda _db: self._news.set())

    def run(self) -> None:
        """Publish for ever."""
        while True:
            self._news.wait(INTERVAL)
            self._news.clear()
            try:
                _publish_all(self._engine)
            except (exc.SQLAlchemyError, BooksError) as error:
                log.debug("feed_not_published", cause=str(error))
                self._news.wait(RETRY_AFTER)
            sleep(PAUSE)


def _publish_all(engine: Engine) -> None:
    with engine.connect() as connection:
        while True:
            with connection.begin():
                if not has_unpublished(connection) or publish(connection) < AT_ONCE:
                    return
