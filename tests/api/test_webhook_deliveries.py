"""Deliveries of webhooks: what is sent, when it is sent again, and what admins see of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from standardwebhooks import WebhookVerificationError

from app.events import fan_out
from app.events.outcomes import RETRIES
from app.events.retention import delete_old
from app.models import Change, Webhook, WebhookDelivery
from app.outbound.posting import EndpointResponse
from app.queries.webhooks import count_pending, count_webhooks
from tests.api.responses import refusal
from tests.api.test_webhooks import create
from tests.support.webhooks import OK, URL, Delivering, Message

if TYPE_CHECKING:
    from devtools.databases import DatabaseInside
    from tests.support.client import Client
    from tests.support.factories import Factory

FAILED = EndpointResponse(500, "out of order", "")


@pytest.fixture
def delivering(database: DatabaseInside) -> Delivering:
    return Delivering.on(database, "https://books.example")


def deliveries(admin: Client, webhook: dict[str, Any], **parameters: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = admin.get(f"/webhooks/{webhook['id']}/deliveries", params=parameters).json()
    return found


def state_of(admin: Client, webhook: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = admin.get(f"/webhooks/{webhook['id']}").json()
    return found


class TestMessages:
    def test_official_verifier_accepts_every_message(
        self, admin: Client, make: Factory, delivering: Delivering
    ) -> None:
        webhook = create(admin)
        book = make.book(admin, title="Émile, 人")
        admin.patch(f"/books/{book['id']}", json={"title": "Emma"}).raise_for_status()
        admin.delete(f"/books/{book['id']}").raise_for_status()
        messages = delivering.rounds()
        bodies = [message.verified(webhook["secret"]) for message in messages]
        assert [body["type"] for body in bodies] == ["author.created", "book.created", "book.updated", "book.deleted"]
        changes = [admin.get(f"/changes/{body['data']['change']}").json() for body in bodies]
        assert [f"{change['kind']}.{change['action']}" for change in changes] == [body["type"] for body in bodies]
        assert [body["timestamp"] for body in bodies] == [change["at"] for change in changes]
        assert bodies[2]["data"] == {
            "kind": "book",
            "id": book["id"],
            "version": 2,
            "change": changes[2]["id"],
            "url": f"https://books.example/books/{book['id']}",
        }
        assert bodies[3]["data"]["before"] == changes[3]["before"]
        assert {message.url for message in messages} == {URL}
        assert messages[0].headers["Content-Type"] == "application/json"
        assert len({message.id for message in messages}) == 4

    def test_of_the_types_that_are_wanted(self, admin: Client, make: Factory, delivering: Delivering) -> None:
        webhook = create(admin, events=["author.created"])
        make.book(admin)
        assert [message.verified(webhook["secret"])["type"] for message in delivering.rounds()] == ["author.created"]

    def test_of_what_happens_from_now_on(self, admin: Client, make: Factory, delivering: Delivering) -> None:
        make.book(admin)
        create(admin)
        assert delivering.rounds() == []

    def test_each_is_smaller_than_20_kb(self, admin: Client, make: Factory, delivering: Delivering) -> None:
        create(admin, events=["book.deleted"])
        long = make.book(admin, description="人" * 10_000, title="Long")
        longer = make.book(admin, genres=[f"{number:03}{'人' * 97}" for number in range(100)])
        for book in (long, longer):
            admin.delete(f"/books/{book['id']}").raise_for_status()
        first, second = delivering.rounds()
        assert max(len(first.content), len(second.content)) < 20_000
        assert '"title":"Long"' in first.content.decode()
        assert '"before":null' in second.content.decode()

    def test_both_secrets_sign_for_a_day(self, admin: Client, make: Factory, delivering: Delivering) -> None:
        webhook = create(admin)
        rotated = admin.post(f"/webhooks/{webhook['id']}/secret").json()
        make.author(admin)
        [message] = delivering.rounds()
        assert message.verified(webhook["secret"]) == message.verified(rotated["secret"])
        make.author(admin)
        [later] = delivering.round(after=timedelta(hours=25))
        later.verified(rotated["secret"])
        with pytest.raises(WebhookVerificationError):
            later.verified(webhook["secret"])

    def test_a_test(self, admin: Client, delivering: Delivering) -> None:
        webhook = create(admin, events=["book.deleted"])
        reply = admin.post(f"/webhooks/{webhook['id']}/test").json()
        [message] = delivering.rounds()
        assert message.verified(webhook["secret"])["type"] == "webhook.test"
        assert message.id == reply["delivery"]["message_id"]
        assert [each["status"] for each in deliveries(admin, webhook)] == ["delivered"]

    def test_secret_that_cannot_be_decrypted(
        self, admin: Client, database: DatabaseInside, delivering: Delivering
    ) -> None:
        webhook = create(admin)
        database.mark(Webhook, webhook["id"], secret="sealed with another key")  # noqa: S106  (none)
        admin.post(f"/webhooks/{webhook['id']}/test").raise_for_status()
        assert delivering.round() == []
        [delivery] = deliveries(admin, webhook)
        assert "SECRET_KEYS_OLD" in delivery["error"]


class TestRetries:
    def test_follow_the_schedule_under_the_same_id(self, admin: Client, make: Factory, delivering: Delivering) -> None:
        webhook = create(admin)
        delivering.receiver.answer = lambda _message: FAILED
        make.author(admin)
        [first] = delivering.round()
        began = first.at
        times = []
        for wait in RETRIES:
            assert delivering.round(after=wait * 0.89) == []
            [again] = delivering.round(after=wait * 0.22)
            assert (again.id, again.content) == (first.id, first.content)
            assert again.verified(webhook["secret"])
            times.append(again.at)
        assert timedelta(hours=72) < times[-1] - began < timedelta(hours=90)
        assert delivering.round(after=timedelta(days=1)) == []
        [failed] = deliveries(admin, webhook, status="failed")
        assert (failed["attempts"], failed["next_attempt_at"], failed["response_status"]) == (10, None, 500)

    def test_show_what_came_back(self, admin: Client, make: Factory, delivering: Delivering) -> None:
        webhook = create(admin)
        delivering.receiver.answer = lambda _message: FAILED
        make.author(admin)
        delivering.round()
        [pending] = deliveries(admin, webhook, status="pending")
        assert (pending["attempts"], pending["response_status"], pending["response_body"]) == (1, 500, "out of order")
        assert pending["next_attempt_at"] > pending["last_attempt_at"]
        assert state_of(admin, webhook)["failing_since"] is not None
        delivering.receiver.answer = lambda _message: "the connection was refused"
        delivering.round(after=timedelta(seconds=6))
        [pending] = deliveries(admin, webhook)
        assert (pending["response_status"], pending["error"]) == (None, "the connection was refused")
        assert deliveries(admin, webhook, status="delivered") == []

    @pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 404, 500])
    def test_other_statuses_than_2xx_fail(self, admin: Client, delivering: Delivering, status: int) -> None:
        webhook = create(admin)
        admin.post(f"/webhooks/{webhook['id']}/test").raise_for_status()
        delivering.receiver.answer = lambda _message: EndpointResponse(status, "", "")
        delivering.round()
        assert [each["status"] for each in deliveries(admin, webhook)] == ["pending"]

    @pytest.mark.parametrize("retry_after", ["3600", "date"])
    def test_retry_after_pauses_the_endpoint(
        self, admin: Client, make: Factory, delivering: Delivering, retry_after: str
    ) -> None:
        create(admin)
        until = delivering.receiver.now + timedelta(hours=1)
        header = f"{until:%a, %d %b %Y %H:%M:%S GMT}" if retry_after == "date" else retry_after
        delivering.receiver.answer = lambda _message: EndpointResponse(429, "", header)
        make.author(admin)
        assert len(delivering.round()) == 1
        delivering.receiver.answer = lambda _message: OK
        make.author(admin)
        assert delivering.round(after=timedelta(minutes=50)) == []
        assert {message.id for message in delivering.rounds()} == set()
        assert len(delivering.round(after=timedelta(minutes=20)) + delivering.rounds()) == 2

    @pytest.mark.parametrize("status", [429, 502, 504])
    def test_throttled_without_retry_after(
        self, admin: Client, make: Factory, delivering: Delivering, status: int
    ) -> None:
        create(admin)
        delivering.receiver.answer = lambda _message: EndpointResponse(status, "", "soon")
        make.author(admin)
        delivering.round()
        make.author(admin)
        assert delivering.round() == []
        assert len(delivering.round(after=timedelta(seconds=6))) == 1

    def test_410_disables(self, admin: Client, make: Factory, delivering: Delivering) -> None:
        webhook = create(admin)
        make.author(admin)
        delivering.receiver.answer = lambda _message: EndpointResponse(410, "", "")
        delivering.round()
        state = state_of(admin, webhook)
        assert (state["enabled"], state["disabled_reason"]) == (False, "gone")
        make.author(admin)
        assert delivering.round(after=timedelta(days=1)) == []
        for path in ("test", "replay", f"deliveries/{deliveries(admin, webhook)[0]['id']}/redeliver"):
            body = {"since": "2026-01-01T00:00:00Z"} if path == "replay" else None
            assert refusal(admin.post(f"/webhooks/{webhook['id']}/{path}", json=body)) == (409, "webhook_disabled")
        delivering.receiver.answer = lambda _message: OK
        admin.patch(f"/webhooks/{webhook['id']}", json={"enabled": True}).raise_for_status()
        assert len(delivering.rounds()) == 2

    def test_five_days_of_failure_disable(self, admin: Client, make: Factory, delivering: Delivering) -> None:
        webhook = create(admin)
        delivering.receiver.answer = lambda _message: FAILED
        make.author(admin)
        delivering.round()
        delivering.round(after=timedelta(days=4))
        assert state_of(admin, webhook)["enabled"]
        delivering.round(after=timedelta(days=1, hours=1))
        assert state_of(admin, webhook)["disabled_reason"] == "failing"

    def test_receiver_that_was_dead_for_72_hours_gets_all(
        self, admin: Client, make: Factory, delivering: Delivering, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(fan_out, "MOST_PENDING", 20)  # the rest of the backlog is the cursor
        webhook = create(admin)
        delivering.receiver.answer = lambda _message: "the connection was refused"
        for _ in range(12):
            for _ in range(3):
                make.author(admin)
            delivering.round(after=timedelta(hours=6))
        assert len(deliveries(admin, webhook)) == 20
        delivering.receiver.answer = lambda _message: OK
        delivering.round(after=timedelta(hours=24))
        messages = delivering.rounds()
        received = {message.verified(webhook["secret"])["data"]["change"] for message in messages}
        received |= {each["message_id"] for each in deliveries(admin, webhook, status="pending")}
        assert [each["status"] for each in deliveries(admin, webhook)] == ["delivered"] * 36
        assert state_of(admin, webhook)["failing_since"] is None


class TestOthers:
    def test_endpoint_that_fails_does_not_delay_others(
        self, admin: Client, make: Factory, delivering: Delivering
    ) -> None:
        create(admin, url="https://dead.example/")
        create(admin)
        delivering.receiver.answer = lambda message: OK if message.url == URL else "no response in time"
        for _ in range(10):
            make.author(admin)
        arrived = [message for message in delivering.rounds() if message.url == URL]
        assert len(arrived) == 10


class TestSendingAgain:
    def test_redelivery_has_the_same_id(self, admin: Client, make: Factory, delivering: Delivering) -> None:
        webhook = create(admin)
        make.author(admin)
        [first] = delivering.rounds()
        [delivery] = deliveries(admin, webhook)
        reply = admin.post(f"/webhooks/{webhook['id']}/deliveries/{delivery['id']}/redeliver").json()
        assert (reply["status"], reply["delivery"]["attempts"]) == ("success", 1)
        [again] = delivering.rounds()
        assert (again.id, again.content) == (first.id, first.content)
        assert [each["attempts"] for each in deliveries(admin, webhook)] == [2]

    def test_redelivery_of_another_webhook(self, admin: Client, delivering: Delivering) -> None:
        mine, other = create(admin), create(admin)
        admin.post(f"/webhooks/{other['id']}/test").raise_for_status()
        delivering.rounds()
        [delivery] = deliveries(admin, other)
        address = f"/webhooks/{mine['id']}/deliveries/{delivery['id']}/redeliver"
        assert refusal(admin.post(address)) == (404, "delivery_not_found")

    def test_replay_of_a_time(
        self, admin: Client, make: Factory, delivering: Delivering, database: DatabaseInside
    ) -> None:
        before = make.author(admin)
        webhook = create(admin)
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
        webhook = create(admin)
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
        webhook = create(admin)
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
            webhook = create(admin, url=f"https://{name}.example/")
            admin.post(f"/webhooks/{webhook['id']}/test").raise_for_status()
        database.mark(Webhook, create(admin)["id"], enabled=False, disabled_reason="failing")
        admin.patch(f"/webhooks/{create(admin)['id']}", json={"enabled": False}).raise_for_status()
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
        webhook = create(admin)
        address = f"/webhooks/{webhook['id']}/test"
        admin.post(address).raise_for_status()
        delivering.rounds()
        admin.post(address).raise_for_status()
        for delivery in deliveries(admin, webhook):
            database.mark(WebhookDelivery, delivery["id"], created_at=datetime.now(UTC) - timedelta(days=31))
        assert delete_old(database, datetime.now(UTC)) == 1
        assert [each["status"] for each in deliveries(admin, webhook)] == ["pending"]

    def test_deliveries_are_paged(self, admin: Client) -> None:
        webhook = create(admin)
        sent = [admin.post(f"/webhooks/{webhook['id']}/test").json()["delivery"]["id"] for _ in range(3)]
        first = admin.get(f"/webhooks/{webhook['id']}/deliveries", params={"limit": 2})
        second = admin.get(first.links["next"]["url"])
        assert [each["id"] for each in first.json() + second.json()] == sent[::-1]

    def test_lease_of_a_dead_deliverer_ends(self, admin: Client, delivering: Delivering) -> None:
        """A deliverer that dies after sending and before noting: the message is sent again, under the same id."""
        webhook = create(admin)
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
