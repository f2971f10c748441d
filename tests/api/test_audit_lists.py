"""The audit log as admins and users read it, and what it keeps of an account that is deleted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from app.events import audit
from app.models import AuditEvent
from app.services.cleanup.audit_log import forget_old
from app.services.cleanup.full_sweep import sweep
from tests.api.responses import faults, ids, pages, refusal
from tests.support.factories import PASSWORD
from tests.support.users import SignedInUser, new_admin

if TYPE_CHECKING:
    from devtools.databases import DatabaseInside


@pytest.fixture
def chief(alice: SignedInUser, database: DatabaseInside) -> SignedInUser:
    """An admin."""
    audit.FAILURES.forget()
    return new_admin(alice.anonymous, database)


def events(user: SignedInUser, query: str = "", path: str = "/audit") -> list[dict[str, Any]]:
    """A page of events."""
    found: list[dict[str, Any]] = user.client.get(f"{path}?{query}").raise_for_status().json()
    return found


def names(listed: list[dict[str, Any]]) -> list[str]:
    return [event["event"] for event in listed]


def fail_to_sign_in(user: SignedInUser) -> None:
    body = {"username": user.username, "password": f"not {PASSWORD}"}
    assert user.anonymous.post("/auth/login", json=body).status_code == 401


def addresses(database: DatabaseInside, user_id: int) -> set[str | None]:
    """Those of the events about a user that the user caused."""
    mine = select(AuditEvent.address).where(AuditEvent.user_id == user_id, AuditEvent.by_user.is_(None))
    return set(database.connection.scalars(mine))


class TestList:
    def test_says_who_did_what_from_where(self, chief: SignedInUser, alice: SignedInUser) -> None:
        reply = chief.client.patch(f"/users/{alice.user_id}", json={"disabled": True}).raise_for_status()
        [event, *_] = events(chief)
        assert datetime.now(UTC) - datetime.fromisoformat(event.pop("at")) < timedelta(minutes=5)
        assert event.pop("id") > 0
        assert event == {
            "event": "user_disabled",
            "user_id": alice.user_id,
            "by": chief.user_id,
            "via": None,
            "session_id": None,
            "key_id": None,
            "address": "127.0.0.1",
            "request_id": reply.headers["X-Request-ID"],
            "facts": {"sessions_ended": 1},
        }

    def test_is_filtered(self, chief: SignedInUser, alice: SignedInUser, database: DatabaseInside) -> None:
        fail_to_sign_in(alice)
        chief.client.post(f"/users/{alice.user_id}/logout-all").raise_for_status()
        of_alice = ["signed_out_everywhere", "sign_in_failed", "signed_in", "registered"]
        assert names(events(chief, f"user_id={alice.user_id}")) == of_alice
        assert names(events(chief, f"user_id={alice.user_id}&event=sign_in_failed")) == ["sign_in_failed"]
        assert names(events(chief, f"by={chief.user_id}")) == ["signed_out_everywhere"]
        assert events(chief, "address=192.0.2.1") == []
        assert len(events(chief, "address=127.0.0.1")) == 6
        yesterday = datetime.now(UTC) - timedelta(days=1)
        database.mark(AuditEvent, events(chief)[-1]["id"], at=yesterday)
        hour_ago = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
        older = chief.client.get("/audit", params={"until": hour_ago}).json()
        newer = chief.client.get("/audit", params={"since": hour_ago}).json()
        assert names(older) == ["registered"]
        assert ids(newer) + ids(older) == ids(events(chief))

    def test_is_read_in_pages_whatever_is_added(self, chief: SignedInUser, alice: SignedInUser) -> None:
        whole, walked = ids(events(chief)), []
        for page in pages(chief.client, "/audit?limit=1&count=exact"):
            assert int(page.headers["X-Total-Count"]) >= len(whole)
            walked += ids(page.json())
            fail_to_sign_in(alice)
        assert walked == whole

    def test_names_an_event_that_does_not_exist(self, chief: SignedInUser) -> None:
        """An empty list would say that nothing happened."""
        reply = chief.client.get("/audit?event=sign_in_fail")
        assert refusal(reply) == (400, "invalid_request")
        assert [where for where, _ in faults(reply)] == ["event"]


class TestOwnEvents:
    def test_are_about_the_user_or_by_the_user(self, chief: SignedInUser, alice: SignedInUser) -> None:
        chief.client.patch(f"/users/{alice.user_id}", json={"role": "admin"}).raise_for_status()
        again = alice.sign_in()
        mine = events(again, path="/auth/me/events")
        assert names(mine) == ["signed_in", "role_changed", "signed_in", "registered"]
        assert [event["address"] for event in mine] == ["127.0.0.1", None, "127.0.0.1", "127.0.0.1"]
        assert names(events(chief, path="/auth/me/events")) == ["role_changed", "signed_in", "registered"]
        assert names(events(chief, "event=role_changed", path="/auth/me/events")) == ["role_changed"]

    def test_are_read_in_pages(self, alice: SignedInUser) -> None:
        for _ in range(3):
            alice.client.delete(f"/auth/sessions/{alice.sign_in().session_id}").raise_for_status()
        whole = ids(events(alice, path="/auth/me/events"))
        walked = [page.json() for page in pages(alice.client, "/auth/me/events?limit=3&count=exact")]
        assert ids([event for page in walked for event in page]) == whole
        assert len(whole) == 8

    def test_are_in_the_export(self, chief: SignedInUser, alice: SignedInUser) -> None:
        chief.client.patch(f"/users/{alice.user_id}", json={"role": "admin"}).raise_for_status()
        again = alice.sign_in()
        exported = again.client.get("/auth/me/export").raise_for_status().json()["events"]
        assert exported == events(again, path="/auth/me/events")
        assert chief.user_id in {event["by"] for event in exported}


class TestDeletedAccount:
    def test_leaves_events_without_addresses(
        self, chief: SignedInUser, alice: SignedInUser, database: DatabaseInside
    ) -> None:
        fail_to_sign_in(alice)
        assert addresses(database, alice.user_id) == {"127.0.0.1"}
        alice.client.post("/auth/me/deletion", json={"current_password": PASSWORD}).raise_for_status()
        assert addresses(database, alice.user_id) == {None}
        assert names(events(chief, f"user_id={alice.user_id}")) == [
            "account_deleted",
            "sign_in_failed",
            "signed_in",
            "registered",
        ]

    def test_of_an_admin_leaves_none_of_what_the_admin_did(
        self, chief: SignedInUser, alice: SignedInUser, bob: SignedInUser, database: DatabaseInside
    ) -> None:
        rogue = new_admin(alice.anonymous, database)
        for admin in (rogue, chief):
            admin.client.post(f"/users/{alice.user_id}/logout-all").raise_for_status()
        chief.client.delete(f"/users/{rogue.user_id}").raise_for_status()
        assert [event["address"] for event in events(chief, f"by={rogue.user_id}")] == [None]
        assert {event["address"] for event in events(chief, f"by={chief.user_id}")} == {"127.0.0.1"}
        assert addresses(database, bob.user_id) == {"127.0.0.1"}

    def test_loses_addresses_that_were_stored_too_late(
        self, chief: SignedInUser, alice: SignedInUser, bob: SignedInUser, database: DatabaseInside
    ) -> None:
        chief.client.delete(f"/users/{alice.user_id}").raise_for_status()
        late = update(AuditEvent).where(AuditEvent.user_id == alice.user_id).values(address="192.0.2.9")
        database.connection.execute(late)
        forget_old(database, days=365)
        assert addresses(database, alice.user_id) == {None}
        assert addresses(database, bob.user_id) == addresses(database, chief.user_id) == {"127.0.0.1"}


class TestKeeping:
    def test_ends_after_audit_keep(
        self, chief: SignedInUser, database: DatabaseInside, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("app.services.cleanup.audit_log.EVENTS_AT_ONCE", 2)
        whole, long_ago = ids(events(chief)), datetime.now(UTC) - timedelta(days=31)
        for event_id in whole[1:]:
            database.mark(AuditEvent, event_id, at=long_ago)
        assert sweep(database, audit_keep=32).events == 0
        assert sweep(database).events == 0
        assert ids(events(chief)) == whole
        assert sweep(database, audit_keep=30).events == len(whole) - 1
        assert ids(events(chief)) == whole[:1]
