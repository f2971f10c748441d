"""The deliverer of webhooks: it makes deliveries of changes, and attempts those that are due.

It runs in the workers of the service, or as `python -m scripts.deliver_webhooks`; any number of them share the work.
"""

from __future__ import annotations

from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Event, Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import exc, select

from app.database import Database
from app.db.bulk import is_postgres
from app.db.connection_count import DELIVERER
from app.db.engines import make_engine
from app.errors import BooksError
from app.events.feed_publisher import has_unpublished, publish
from app.events.webhooks.endpoint_limit import EndpointLimit
from app.events.webhooks.fan_out import create_deliveries
from app.events.webhooks.feed_positions import last_position
from app.events.webhooks.leases import return_leases, take_leases, webhooks_with_due
from app.events.webhooks.outcomes import note_outcome
from app.events.webhooks.retention import delete_old
from app.events.webhooks.sending import is_success, send
from app.metrics.instruments import WEBHOOK_ATTEMPTS
from app.models import Webhook
from app.outbound.addresses import AddressGuard
from app.outbound.posting import Sender
from app.security.sealing import Sealer
from app.security.signing_keys import signing_secrets

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from app.events.webhooks.leases import Lease
    from app.settings import Settings

log = structlog.get_logger(__name__)

THREADS = 64
"""Attempts at once in a process: one for each webhook that there may be, and some for those that work."""
BUSY, IDLE = 0.5, 2.0
"""Seconds between two looks for work: with webhooks, and without."""
RETRY_AFTER = 5.0
"""Seconds to wait while the database is unavailable."""
STEPS = 10
"""Transactions that one webhook gets in one look, if it has a backlog."""
CLEANS_EVERY = 3600.0
"""Seconds between two deletions of old deliveries."""


def _now() -> datetime:
    return datetime.now(UTC)


class Deliverer:
    """Delivers webhooks.

    Args:
        database: where webhooks and changes are.
        sealer: opens the secrets.
        sender: sends the messages.
        root: the URL of the service, without a slash at its end; empty if it is not known.
        now: the clock.
        threads: where attempts run.
    """

    def __init__(  # noqa: PLR0913  (its parts)
        self,
        database: Database,
        sealer: Sealer,
        sender: Sender,
        *,
        root: str = "",
        now: Callable[[], datetime] = _now,
        threads: Executor | None = None,
    ) -> None:
        self._database, self._sealer, self._sender, self._root, self._now = database, sealer, sender, root, now
        self._threads = threads or ThreadPoolExecutor(THREADS, "webhook")
        self._pace = EndpointLimit()
        self._stopping, self._wake = Event(), Event()
        self._writing = Lock()
        self._cleans_at = monotonic()

    @classmethod
    def of(cls, settings: Settings, database: Database) -> Deliverer:
        """The deliverer of the settings.

        Args:
            settings: the settings.
            database: the database of the process. On PostgreSQL the deliverer has connections of its own, so that no
                request waits for one; on SQLite it takes its turn among the writers.
        """
        if is_postgres(database.engine):
            database = Database(make_engine(settings, DELIVERER))
        sender = Sender(AddressGuard(settings.webhooks_allow_private))
        return cls(database, Sealer(signing_secrets(settings)), sender, root=settings.public_url or "")

    def start(self) -> None:
        """Deliver from now on, in a thread. When the process ends, attempts that are under way are completed."""
        Thread(target=self.run, name="webhooks", daemon=True).start()

    def stop(self) -> None:
        """Begin no further attempt."""
        self._stopping.set()
        self._wake.set()

    def run(self) -> None:
        """Deliver until `stop` is called, then complete the attempts that are under way."""
        while not self._stopping.is_set():
            try:
                seconds = BUSY if self.work() else IDLE
            except (exc.SQLAlchemyError, BooksError) as error:
                log.debug("webhooks_not_delivered", cause=str(error))
                seconds = RETRY_AFTER
            self._wake.wait(seconds)
            self._wake.clear()
        self._threads.shutdown()

    def complete(self) -> None:
        """Wait for the attempts that are under way."""
        self._pace.wait_until_idle()

    def work(self) -> bool:
        """Make deliveries of all changes that have none yet, and begin the attempts that are due.

        Returns: whether there are webhooks.
        """
        with self._database.reading() as connection:
            webhooks = connection.execute(_ENABLED).all()
            if not webhooks:
                return False
            unpublished = has_unpublished(connection)
        if unpublished:
            with self._database.transaction() as db:
                publish(db.connection())
        with self._database.reading() as connection:
            end = last_position(connection)
        for webhook in webhooks:
            if webhook.position < end or webhook.replay_position is not None:
                self._create_deliveries(webhook.id)
        with self._database.reading() as connection:
            due = self._with_places(connection)
        for webhook_id, places in due:
            self._begin(webhook_id, places)
        self._clean()
        return True

    def _with_places(self, connection: Connection) -> list[tuple[int, int]]:
        due = webhooks_with_due(connection, self._now())
        return [(webhook_id, places) for webhook_id in due if (places := self._pace.places(webhook_id)) > 0]

    def _create_deliveries(self, webhook_id: int) -> None:
        for _ in range(STEPS):
            with self._writing, self._database.transaction() as db:
                looked_at = create_deliveries(db, webhook_id, self._root, self._now())
            if not looked_at:
                return
        self._wake.set()  # there may be more, but others have their turn first

    def _begin(self, webhook_id: int, places: int) -> None:
        with self._writing, self._database.transaction() as db:
            leases = take_leases(db, webhook_id, places, self._now())
        for number, lease in enumerate(leases):
            self._pace.begin(webhook_id)
            try:
                self._threads.submit(self._attempt, lease)
            except RuntimeError:  # the interpreter ends
                self._pace.end(webhook_id, fast=False)
                self.stop()
                with self._writing, self._database.transaction() as db:
                    return_leases(db, leases[number:])
                return

    def _attempt(self, lease: Lease) -> None:
        began, fast = monotonic(), False
        try:
            answer = send(lease, self._sealer, self._sender, self._now())
            with self._writing, self._database.transaction() as db:
                disabled = note_outcome(db, lease, answer, self._now())
            succeeded = is_success(answer)
            WEBHOOK_ATTEMPTS("delivered" if succeeded else "failed").inc()
            fast = succeeded and monotonic() - began < 1
            if disabled is not None:
                log.warning("webhook_disabled", webhook_id=lease.webhook_id, reason=disabled)
        except Exception as error:  # noqa: BLE001  (whatever it is, the lease ends, and it is attempted again)
            log.warning("webhook_outcome_not_noted", webhook_id=lease.webhook_id, cause=repr(error))
        finally:
            self._pace.end(lease.webhook_id, fast=fast)
            if fast:  # there may be more for it
                self._wake.set()

    def _clean(self) -> None:
        if monotonic() >= self._cleans_at:
            delete_old(self._database, self._now())
            self._cleans_at = monotonic() + CLEANS_EVERY


_ENABLED = select(Webhook.id, Webhook.position, Webhook.replay_position).where(Webhook.enabled).order_by(Webhook.id)
