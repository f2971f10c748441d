"""Deliveries of webhooks: admins list and repeat them, metrics count them, and old ones are deleted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.events.webhooks import fan_out
from app.events.webhooks.retention import delete_old
from app.models import Change, Webhook, WebhookDelivery
from app.outbound.posting import EndpointResponse
from app.queries.webhooks import count_pending, count_webhooks
from tests.api.responses import refusal
from tests.support.webhooks import FAILED, OK, Delivering, Message, create_webhook, deliveries_of, state_of

if TYPE_CHECKING:
    from devtools.databases import DatabaseInside
    from tests.support.client import Client
    from tests.support.factories import Factory


class TestSendingAgain:
    def test_redelivery_has_the_same_id(self, admin: Client, make: Factory, delivering: Delivering) -> None:
        webhook = create_webhook(admin)
        make.author(admin)
        [first] = delivering.rounds()
        [delivery] = deliveries_of(admin, webhook)
        reply = admin.post(f"/webhooks/{webhook['id']}/deliveries/{delivery['id']}/redeliver").json()
        assert (reply["status"], reply["delivery"]["attempts"]) == ("success", 1)
        [again] = delivering.rounds()
        assert (again.id, again.content) == (first.id, first.content)
        assert [each["attempts"] for each in deliveries_of(admin, webhook)] == [2]

    def test_redelivery_of_another_webhook(self, admin: Client, delivering: Delivering) -> None:
        mine, other = create_webhook(admin), create_webhook(admin)
        admin.post(f"/webhooks/{other['id']}/test").raise_for_status()
        delivering.rounds()
        [delivery] = deliveries_of(admin, other)
        address = f"/webhooks/{mine['id']}/deliveries/{delivery['id']}/redeliver"
        assert refusal(admin.post(address)) == (404, "delivery_not_found")

    def test_replay_of_a_time(
        self, admin: Client, make: Factory, delivering: Delivering, database: DatabaseInside
    ) -> None:
        before = make.author(admin)
        webhook = create_webhook(admin)
        inside, after = make.author(admin), make.author(admin)
        first = delivering.rounds()
        assert len(first) == 2
        with database.reading() as connection:
            times = dict(connection.execute(select(Change.record_id, Change.at)).all())
        body = {"since": times[before["id"]].isoformat(), "until": times[after["id"]].isoformat()}
        admin.post(f"/webhooks/{webhook['id']}/replay", json=body).raise_for_status()
        assert state_of(admin, webhook)["replaying"]
        again = delivering.rounds()
        bodies = [message.verified(webhook["secret"]) for message in again]
        assert {body["data"]["id"] for body in bodies} == {before["id"], inside["id"]}
        assert again[0].id in {message.id for message in first} or again[1].id in {message.id for message in first}
        assert not state_of(admin, webhook)["replaying"]

    @pytest.mark.parametrize("since", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
    def test_replay_of_any_time(self, admin: Client, make: Factory, delivering: Delivering, since: str) -> None:
        webhook = create_webhook(admin)
        make.author(admin)
        delivering.rounds()
        admin.post(f"/webhooks/{webhook['id']}/replay", json={"since": since, "until": None}).raise_for_status()
        assert len(delivering.rounds()) == (since < "2026")

    def test_replay_in_several_steps(
        self, admin: Client, make: Factory, delivering: Delivering, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(fan_out, "AT_ONCE", 2)
        for _ in range(5):
            make.author(admin)
        webhook = create_webhook(admin)
        body = {"since": "2026-01-01T00:00:00Z"}
        for _ in range(2):
            admin.post(f"/webhooks/{webhook['id']}/replay", json=body).raise_for_status()
        assert len({message.id for message in delivering.rounds()}) == 5


class TestMetrics:
    def test_webhooks_are_counted_by_state(
        self, admin: Client, database: DatabaseInside, delivering: Delivering
    ) -> None:
        answers = {"ok": OK, "down": FAILED, "gone": EndpointResponse(410, "", "")}
        for name in answers:
            webhook = create_webhook(admin, url=f"https://{name}.example/")
            admin.post(f"/webhooks/{webhook['id']}/test").raise_for_status()
        database.mark(Webhook, create_webhook(admin)["id"], enabled=False, disabled_reason="failing")
        admin.patch(f"/webhooks/{create_webhook(admin)['id']}", json={"enabled": False}).raise_for_status()
        delivering.receiver.answer = lambda message: answers[message.url.removeprefix("https://").split(".")[0]]
        delivering.round()
        assert count_webhooks(database.connection) == {
            "enabled": 1,
            "failing": 1,
            "admin": 1,
            "gone": 1,
            "failing for days": 1,
        }
        assert count_pending(database.connection) == 1


class TestKeeping:
    def test_old_deliveries_are_deleted(self, admin: Client, database: DatabaseInside, delivering: Delivering) -> None:
        webhook = create_webhook(admin)
        address = f"/webhooks/{webhook['id']}/test"
        admin.post(address).raise_for_status()
        delivering.rounds()
        admin.post(address).raise_for_status()
        for delivery in deliveries_of(admin, webhook):
            database.mark(WebhookDelivery, delivery["id"], created_at=datetime.now(UTC) - timedelta(days=31))
        assert delete_old(database, datetime.now(UTC)) == 1
        assert [each["status"] for each in deliveries_of(admin, webhook)] == ["pending"]

    def test_deliveries_are_paged(self, admin: Client) -> None:
        webhook = create_webhook(admin)
        sent = [admin.post(f"/webhooks/{webhook['id']}/test").json()["delivery"]["id"] for _ in range(3)]
        first = admin.get(f"/webhooks/{webhook['id']}/deliveries", params={"limit": 2})
        second = admin.get(first.links["next"]["url"])
        assert [each["id"] for each in first.json() + second.json()] == sent[::-1]

    def test_lease_of_a_dead_deliverer_ends(self, admin: Client, delivering: Delivering) -> None:
        """A deliverer that dies after sending and before noting: the message is sent again, under the same id."""
        webhook = create_webhook(admin)
        admin.post(f"/webhooks/{webhook['id']}/test").raise_for_status()

        def die(_message: Message) -> str:
            raise SystemExit

        delivering.receiver.answer = die
        with pytest.raises(SystemExit):
            delivering.round()
        [sent] = delivering.receiver.take()
        delivering.receiver.answer = lambda _message: OK
        assert delivering.rounds() == []
        [again] = delivering.round(after=timedelta(seconds=91))
        assert again.id == sent.id
