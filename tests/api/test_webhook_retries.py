"""Failed deliveries of webhooks: when they are tried again, and when their endpoint is paused or disabled."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app.events.webhooks import fan_out
from app.events.webhooks.outcomes import RETRIES
from app.outbound.posting import EndpointResponse
from tests.api.responses import refusal
from tests.support.webhooks import FAILED, OK, URL, Delivering, create_webhook, deliveries_of, state_of

if TYPE_CHECKING:
    from tests.support.client import Client
    from tests.support.factories import Factory


class TestRetries:
    def test_follow_the_schedule_under_the_same_id(self, admin: Client, make: Factory, delivering: Delivering) -> None:
        webhook = create_webhook(admin)
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
        [failed] = deliveries_of(admin, webhook, status="failed")
        assert (failed["attempts"], failed["next_attempt_at"], failed["response_status"]) == (10, None, 500)

    def test_show_what_came_back(self, admin: Client, make: Factory, delivering: Delivering) -> None:
        webhook = create_webhook(admin)
        delivering.receiver.answer = lambda _message: FAILED
        make.author(admin)
        delivering.round()
        [pending] = deliveries_of(admin, webhook, status="pending")
        assert (pending["attempts"], pending["response_status"], pending["response_body"]) == (1, 500, "out of order")
        assert pending["next_attempt_at"] > pending["last_attempt_at"]
        assert state_of(admin, webhook)["failing_since"] is not None
        delivering.receiver.answer = lambda _message: "the connection was refused"
        delivering.round(after=timedelta(seconds=6))
        [pending] = deliveries_of(admin, webhook)
        assert (pending["response_status"], pending["error"]) == (None, "the connection was refused")
        assert deliveries_of(admin, webhook, status="delivered") == []

    @pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 404, 500])
    def test_other_statuses_than_2xx_fail(self, admin: Client, delivering: Delivering, status: int) -> None:
        webhook = create_webhook(admin)
        admin.post(f"/webhooks/{webhook['id']}/test").raise_for_status()
        delivering.receiver.answer = lambda _message: EndpointResponse(status, "", "")
        delivering.round()
        assert [each["status"] for each in deliveries_of(admin, webhook)] == ["pending"]

    @pytest.mark.parametrize("retry_after", ["3600", "date"])
    def test_retry_after_pauses_the_endpoint(
        self, admin: Client, make: Factory, delivering: Delivering, retry_after: str
    ) -> None:
        create_webhook(admin)
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
        create_webhook(admin)
        delivering.receiver.answer = lambda _message: EndpointResponse(status, "", "soon")
        make.author(admin)
        delivering.round()
        make.author(admin)
        assert delivering.round() == []
        assert len(delivering.round(after=timedelta(seconds=6))) == 1

    def test_410_disables(self, admin: Client, make: Factory, delivering: Delivering) -> None:
        webhook = create_webhook(admin)
        make.author(admin)
        delivering.receiver.answer = lambda _message: EndpointResponse(410, "", "")
        delivering.round()
        state = state_of(admin, webhook)
        assert (state["enabled"], state["disabled_reason"]) == (False, "gone")
        make.author(admin)
        assert delivering.round(after=timedelta(days=1)) == []
        for path in ("test", "replay", f"deliveries/{deliveries_of(admin, webhook)[0]['id']}/redeliver"):
            body = {"since": "2026-01-01T00:00:00Z"} if path == "replay" else None
            assert refusal(admin.post(f"/webhooks/{webhook['id']}/{path}", json=body)) == (409, "webhook_disabled")
        delivering.receiver.answer = lambda _message: OK
        admin.patch(f"/webhooks/{webhook['id']}", json={"enabled": True}).raise_for_status()
        assert len(delivering.rounds()) == 2

    def test_five_days_of_failure_disable(self, admin: Client, make: Factory, delivering: Delivering) -> None:
        webhook = create_webhook(admin)
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
        webhook = create_webhook(admin)
        delivering.receiver.answer = lambda _message: "the connection was refused"
        for _ in range(12):
            for _ in range(3):
                make.author(admin)
            delivering.round(after=timedelta(hours=6))
        assert len(deliveries_of(admin, webhook)) == 20
        delivering.receiver.answer = lambda _message: OK
        delivering.round(after=timedelta(hours=24))
        messages = delivering.rounds()
        received = {message.verified(webhook["secret"])["data"]["change"] for message in messages}
        received |= {each["message_id"] for each in deliveries_of(admin, webhook, status="pending")}
        assert [each["status"] for each in deliveries_of(admin, webhook)] == ["delivered"] * 36
        assert state_of(admin, webhook)["failing_since"] is None


class TestOthers:
    def test_endpoint_that_fails_does_not_delay_others(
        self, admin: Client, make: Factory, delivering: Delivering
    ) -> None:
        create_webhook(admin, url="https://dead.example/")
        create_webhook(admin)
        delivering.receiver.answer = lambda message: OK if message.url == URL else "no response in time"
        for _ in range(10):
            make.author(admin)
        arrived = [message for message in delivering.rounds() if message.url == URL]
        assert len(arrived) == 10
