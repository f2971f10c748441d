"""Webhooks over HTTP: admins create, change and delete them, and give them new secrets."""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING, Any

import pytest

from app.models import UserSession, Webhook
from tests.api.responses import faults, ids, refusal, user_id
from tests.support.webhooks import URL, create_webhook

if TYPE_CHECKING:
    from devtools.databases import DatabaseInside
    from tests.support.client import Client

NOT_FOUND = (404, "webhook_not_found")


def without_write(reply: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in reply.items() if name not in {"secret", "status", "message"}}


class TestCreate:
    def test_shows_the_secret_once(self, admin: Client) -> None:
        reply = admin.post("/webhooks", json={"url": URL, "events": ["book.deleted", "book.created"]})
        created = reply.json()
        assert reply.status_code == 201
        assert reply.headers["Cache-Control"] == "no-store"
        assert created["secret"].startswith("whsec_")
        assert 24 <= len(b64decode(created["secret"].removeprefix("whsec_"), validate=True)) <= 64
        assert created["events"] == ["book.created", "book.deleted"]
        assert created["created_by"] == user_id(admin)
        kept = admin.get(reply.headers["Location"])
        assert kept.json() == without_write(created)
        assert kept.headers["ETag"] == reply.headers["ETag"]
        assert ids(admin.get("/webhooks").json()) == [created["id"]]

    def test_stores_the_secret_sealed(self, admin: Client, database: DatabaseInside) -> None:
        secret = create_webhook(admin)["secret"].removeprefix("whsec_")
        with database.reading() as connection:
            [row] = connection.execute(Webhook.__table__.select()).all()
        assert secret not in str(row)

    @pytest.mark.parametrize(
        "url",
        [
            "ftp://receiver.example/",
            "file:///etc/passwd",
            "gopher://receiver.example/",
            "https://user:password@receiver.example/",
            "https://token@receiver.example/",
            "https://receiver.example/#part",
            "http://receiver.example:25/",
            "http://receiver.example:22/",
            "https://",
            "https://receiver.example:99999/",
            "//receiver.example/",
            "",
            "https://receiver.example/" + "x" * 2000,
            7,
        ],
    )
    def test_refuses_other_urls(self, admin: Client, url: object) -> None:
        reply = admin.post("/webhooks", json={"url": url})
        assert refusal(reply) == (400, "invalid_request")
        assert [where for where, _ in faults(reply)] == ["/url"]

    @pytest.mark.parametrize("events", [[], ["book.burnt"], "book.created", ["book.created"] * 9])
    def test_refuses_other_events(self, admin: Client, events: object) -> None:
        assert refusal(admin.post("/webhooks", json={"url": URL, "events": events})) == (400, "invalid_request")

    def test_has_a_limit(self, admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("app.services.webhooks.MOST_WEBHOOKS", 1)
        create_webhook(admin)
        assert refusal(admin.post("/webhooks", json={"url": URL})) == (409, "too_many_webhooks")

    def test_needs_a_recent_confirmation(self, admin: Client, database: DatabaseInside) -> None:
        """Which a stolen session lacks: it can neither learn a secret, nor have messages sent elsewhere."""
        webhook = create_webhook(admin)
        session = admin.get("/auth/sessions").json()[0]["id"]
        database.mark(UserSession, session, confirmed_at=None)
        address = f"/webhooks/{webhook['id']}"
        for method, path in (("POST", "/webhooks"), ("PATCH", address), ("POST", f"{address}/secret")):
            body = None if path.endswith("secret") else {"url": URL}
            assert refusal(admin.request(method, path, json=body)) == (401, "confirmation_required")
        assert "secret" not in admin.get(address).json()


class TestChange:
    def test_changes_what_is_given(self, admin: Client) -> None:
        webhook = create_webhook(admin, description="old")
        reply = admin.patch(f"/webhooks/{webhook['id']}", json={"events": ["author.updated"], "enabled": False})
        changed = reply.json()
        assert "secret" not in changed
        assert (changed["events"], changed["enabled"], changed["disabled_reason"]) == (
            ["author.updated"],
            False,
            "admin",
        )
        assert (changed["url"], changed["description"]) == (URL, "old")
        again = admin.patch(f"/webhooks/{webhook['id']}", json={"enabled": True, "events": None, "description": None})
        assert without_write(again.json()) | {"updated_at": None} == without_write(webhook) | {
            "updated_at": None,
            "description": None,
        }

    def test_only_with_its_etag(self, admin: Client) -> None:
        address = f"/webhooks/{create_webhook(admin)['id']}"
        stale = {"If-Match": admin.get(address).headers["ETag"]}
        admin.patch(address, json={"description": "newer"}).raise_for_status()
        assert refusal(admin.patch(address, json={"enabled": False}, headers=stale)) == (412, "version_mismatch")
        assert refusal(admin.delete(address, headers=stale)) == (412, "version_mismatch")
        assert admin.get(address).json()["enabled"]

    def test_needs_something_to_change(self, admin: Client) -> None:
        assert refusal(admin.patch(f"/webhooks/{create_webhook(admin)['id']}", json={})) == (400, "invalid_request")


class TestRotate:
    def test_shows_the_new_secret_once(self, admin: Client) -> None:
        webhook = create_webhook(admin)
        rotated = admin.post(f"/webhooks/{webhook['id']}/secret").json()
        assert rotated["secret"].startswith("whsec_")
        assert rotated["secret"] != webhook["secret"]
        assert rotated["former_secret_until"] > rotated["updated_at"]


class TestDelete:
    def test_removes_it(self, admin: Client) -> None:
        address = f"/webhooks/{create_webhook(admin)['id']}"
        assert admin.post(f"{address}/test").status_code == 200
        assert admin.delete(address).status_code == 200
        for reply in (
            admin.get(address),
            admin.get(f"{address}/deliveries"),
            admin.patch(address, json={"enabled": True}),
            admin.delete(address),
            admin.post(f"{address}/secret"),
            admin.post(f"{address}/test"),
            admin.post(f"{address}/deliveries/1/redeliver"),
            admin.post(f"{address}/replay", json={"since": "2026-01-01T00:00:00Z"}),
        ):
            assert refusal(reply) == NOT_FOUND
