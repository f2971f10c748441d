"""Messages of webhooks: their types, their content, their size and their signatures."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from standardwebhooks import WebhookVerificationError

from app.models import Webhook
from tests.support.webhooks import URL, Delivering, create_webhook, deliveries_of

if TYPE_CHECKING:
    from devtools.databases import DatabaseInside
    from tests.support.client import Client
    from tests.support.factories import Factory


class TestMessages:
    def test_official_verifier_accepts_every_message(
        self, admin: Client, make: Factory, delivering: Delivering
    ) -> None:
        webhook = create_webhook(admin)
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
        webhook = create_webhook(admin, events=["author.created"])
        make.book(admin)
        assert [message.verified(webhook["secret"])["type"] for message in delivering.rounds()] == ["author.created"]

    def test_of_what_happens_from_now_on(self, admin: Client, make: Factory, delivering: Delivering) -> None:
        make.book(admin)
        create_webhook(admin)
        assert delivering.rounds() == []

    def test_each_is_smaller_than_20_kb(self, admin: Client, make: Factory, delivering: Delivering) -> None:
        create_webhook(admin, events=["book.deleted"])
        long = make.book(admin, description="人" * 10_000, title="Long")
        longer = make.book(admin, genres=[f"{number:03}{'人' * 97}" for number in range(100)])
        for book in (long, longer):
            admin.delete(f"/books/{book['id']}").raise_for_status()
        first, second = delivering.rounds()
        assert max(len(first.content), len(second.content)) < 20_000
        assert '"title":"Long"' in first.content.decode()
        assert '"before":null' in second.content.decode()

    def test_both_secrets_sign_for_a_day(self, admin: Client, make: Factory, delivering: Delivering) -> None:
        webhook = create_webhook(admin)
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
        webhook = create_webhook(admin, events=["book.deleted"])
        reply = admin.post(f"/webhooks/{webhook['id']}/test").json()
        [message] = delivering.rounds()
        assert message.verified(webhook["secret"])["type"] == "webhook.test"
        assert message.id == reply["delivery"]["message_id"]
        assert [each["status"] for each in deliveries_of(admin, webhook)] == ["delivered"]

    def test_secret_that_cannot_be_decrypted(
        self, admin: Client, database: DatabaseInside, delivering: Delivering
    ) -> None:
        webhook = create_webhook(admin)
        database.mark(Webhook, webhook["id"], secret="sealed with another key")  # noqa: S106  (none)
        admin.post(f"/webhooks/{webhook['id']}/test").raise_for_status()
        assert delivering.round() == []
        [delivery] = deliveries_of(admin, webhook)
        assert "SECRET_KEYS_OLD" in delivery["error"]
