"""Several deliverers at once, on real commits: each message is sent by one of them."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from app.events.webhooks.delivery import Deliverer
from app.models import WebhookDelivery
from app.security.sealing import Sealer
from devtools.databases import SECRET
from devtools.polling import wait_until
from tests.support.factories import Factory
from tests.support.users import new_admin
from tests.support.webhooks import Receiver, create_webhook

if TYPE_CHECKING:
    from app.database import Database
    from tests.support.client import Client

MESSAGES = 30


def pending(database: Database) -> int:
    query = select(func.count()).select_from(WebhookDelivery).where(WebhookDelivery.next_attempt_at.is_not(None))
    with database.reading() as connection:
        return connection.scalar(query) or 0


def test_each_message_is_sent_once(own_client: Client, own_database: Database) -> None:
    admin = new_admin(own_client, own_database).client
    webhook = create_webhook(admin)
    for _ in range(MESSAGES):
        Factory(own_client).author(admin)
    receiver = Receiver()
    deliverers = [Deliverer(own_database, Sealer([SECRET]), receiver, now=receiver.time) for _ in range(3)]  # type: ignore[arg-type]  # a stand-in
    threads = [Thread(target=deliverer.run) for deliverer in deliverers]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(receiver.messages) >= MESSAGES and not pending(own_database), within=60)
    for deliverer in deliverers:
        deliverer.stop()
    for thread in threads:
        thread.join(30)
    assert len(receiver.messages) == len({message.id for message in receiver.messages}) == MESSAGES
    for message in receiver.messages:
        assert message.verified(webhook["secret"])["type"] == "author.created"


def test_outcome_of_a_lost_lease_is_not_noted(own_client: Client, own_database: Database) -> None:
    """A deliverer that was suspended for longer than its lease does not disturb the one that has it now."""
    admin = new_admin(own_client, own_database).client
    webhook = create_webhook(admin)
    admin.post(f"/webhooks/{webhook['id']}/test").raise_for_status()
    receiver = Receiver()

    def another_takes_it(_message: object) -> str:
        with own_database.transaction() as db:
            db.execute(update(WebhookDelivery).values(leased_until=receiver.now))
        return "no response in time"

    receiver.answer = another_takes_it
    deliverer = Deliverer(own_database, Sealer([SECRET]), receiver, now=receiver.time)  # type: ignore[arg-type]  # a stand-in
    deliverer.work()
    deliverer.complete()
    deliverer.stop()
    deliverer.run()
    [delivery] = admin.get(f"/webhooks/{webhook['id']}/deliveries").json()
    assert (delivery["attempts"], delivery["status"]) == (0, "pending")
