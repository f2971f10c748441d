"""Invitations: admins issue, list and revoke them, and a person registers with one, once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from app.models import Invitation
from app.services.accounts import invitations
from devtools.databases import counted_queries
from tests.api.responses import faults, ids, pages, refusal, user_id
from tests.contract.principals import token_of
from tests.support.invitations import BOB, INVALID, invite, register

if TYPE_CHECKING:
    from collections.abc import Callable

    from devtools.databases import DatabaseInside
    from tests.support.client import Client

NOT_FOUND = (404, "invitation_not_found")


class TestIssue:
    def test_gives_a_link_and_its_token_once(self, admin: Client) -> None:
        reply = admin.post("/invitations", json={"note": " for Bob "})
        issued = reply.json()
        assert reply.status_code == 201
        assert reply.headers["Cache-Control"] == "no-store"
        assert issued["token"].startswith("bi_")
        assert len(issued["token"]) == 46
        assert issued["link"] == f"/join#{issued['token']}"
        assert (issued["note"], issued["prefix"]) == ("for Bob", issued["token"][:8])
        assert issued["created_by"] == user_id(admin)
        lasts = datetime.fromisoformat(issued["expires_at"]) - datetime.fromisoformat(issued["created_at"])
        assert lasts == timedelta(days=7)
        kept = admin.get(reply.headers["Location"])
        of_writes = {"link", "token", "status", "message"}
        assert kept.json() == {name: value for name, value in issued.items() if name not in of_writes}
        assert kept.headers["ETag"] == reply.headers["ETag"]

    @pytest.mark.parametrize("body", [{}, {"note": None}])
    def test_needs_no_note(self, admin: Client, body: dict[str, None]) -> None:
        assert invite(admin, **body)["note"] is None
        assert admin.post("/invitations").json()["note"] is None

    def test_lifetime_is_a_setting(self, admin: Client, service_with: Callable[..., Client]) -> None:
        other = service_with(invitation_lifetime=timedelta(minutes=5)).as_bearer(token_of(admin))
        lasts = datetime.fromisoformat(invite(other)["expires_at"]) - datetime.now(UTC)
        assert timedelta(minutes=4) < lasts <= timedelta(minutes=5)

    def test_has_a_limit_of_open_ones(
        self, admin: Client, issuer: Client, database: DatabaseInside, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(invitations, "MOST_INVITATIONS", 2)
        first, _ = invite(admin), invite(admin)
        invite(issuer)
        assert refusal(admin.post("/invitations")) == (409, "too_many_invitations")
        database.mark(Invitation, first["id"], expires_at=datetime.now(UTC))
        invite(admin)

    def test_stores_no_token(self, admin: Client, by_invitation: Client, database: DatabaseInside) -> None:
        issued = invite(admin)
        with database.transaction() as db:
            stored = db.get_one(Invitation, issued["id"]).hash
        assert issued["token"] not in stored
        assert refusal(register(by_invitation, stored)) == INVALID


class TestList:
    def test_has_those_of_all_admins_in_pages(self, admin: Client, issuer: Client) -> None:
        issued = [invite(who)["id"] for who in (admin, issuer, admin, issuer, admin)]
        walk = list(pages(admin, "/invitations?limit=2&count=exact"))
        assert [ids(page.json()) for page in walk] == [issued[:2], issued[2:4], issued[4:]]
        assert {page.headers["X-Total-Count"] for page in walk} == {"5"}
        assert all("token" not in each and "link" not in each for page in walk for each in page.json())

    def test_has_only_those_that_can_be_used(self, admin: Client, client: Client, database: DatabaseInside) -> None:
        used, expired, revoked, left = (invite(admin) for _ in range(4))
        register(client, used["token"]).raise_for_status()
        database.mark(Invitation, expired["id"], expires_at=datetime.now(UTC))
        admin.delete(f"/invitations/{revoked['id']}").raise_for_status()
        assert ids(admin.get("/invitations").json()) == [left["id"]]
        for gone in (used, expired, revoked):
            for method in ("GET", "DELETE"):
                assert refusal(admin.request(method, f"/invitations/{gone['id']}")) == NOT_FOUND

    def test_takes_no_more_queries_for_more(self, admin: Client, database: DatabaseInside) -> None:
        for _ in range(3):
            invite(admin)
        with counted_queries(database.engine) as statements:
            assert len(admin.get("/invitations").json()) == 3
        assert len(statements) == 2  # who it is, and the page


class TestUse:
    def test_registers_once(self, admin: Client, by_invitation: Client) -> None:
        issued = invite(admin)
        registered = register(by_invitation, issued["token"])
        assert registered.status_code == 201
        login = by_invitation.post("/auth/login", json=BOB).raise_for_status().json()
        assert by_invitation.as_bearer(login["access_token"]).get("/auth/me").json()["role"] == "member"
        assert refusal(register(by_invitation, issued["token"], username="bert")) == INVALID

    @pytest.mark.parametrize(
        ("fields", "expected"),
        [
            ({"username": "ISSUER"}, (409, "username_taken")),
            ({"password": "short"}, (400, "invalid_request")),
            ({"password": "bob"}, (400, "invalid_request")),
            ({"username": ""}, (400, "invalid_request")),
            ({"role": "admin"}, (400, "invalid_request")),
        ],
        ids=str,
    )
    def test_is_possible_after_a_registration_that_failed(
        self, issuer: Client, by_invitation: Client, fields: dict[str, str], expected: tuple[int, str]
    ) -> None:
        token = invite(issuer)["token"]
        assert refusal(register(by_invitation, token, **fields)) == expected
        assert register(by_invitation, token).status_code == 201

    def test_ends_when_it_expires(self, admin: Client, by_invitation: Client, database: DatabaseInside) -> None:
        issued = invite(admin)
        database.mark(Invitation, issued["id"], expires_at=datetime.now(UTC))
        assert refusal(register(by_invitation, issued["token"])) == INVALID

    def test_ends_when_it_is_revoked(self, issuer: Client, admin: Client, by_invitation: Client) -> None:
        issued, kept = invite(issuer), invite(issuer)
        reply = admin.delete(f"/invitations/{issued['id']}")
        assert reply.json() == {"status": "success", "message": f"invitation {issued['id']} revoked"}
        assert refusal(register(by_invitation, issued["token"])) == INVALID
        assert register(by_invitation, kept["token"]).status_code == 201

    def test_a_stale_precondition_revokes_nothing(self, admin: Client, by_invitation: Client) -> None:
        issued = invite(admin)
        stale = admin.delete(f"/invitations/{issued['id']}", headers={"If-Match": '"another"'})
        assert refusal(stale) == (412, "version_mismatch")
        assert register(by_invitation, issued["token"]).status_code == 201

    @pytest.mark.parametrize(
        "change",
        [
            lambda token: token[:-1],
            lambda token: token + "A",
            lambda token: f" {token}",
            lambda token: token.swapcase(),
            lambda token: token.replace("bi_", "bp_"),
            lambda _token: "bi_",
            lambda _token: "bi_%",
        ],
    )
    def test_needs_the_token_as_it_is(self, admin: Client, by_invitation: Client, change: Callable[[str], str]) -> None:
        token = invite(admin)["token"]
        assert refusal(register(by_invitation, change(token))) == INVALID

    @pytest.mark.parametrize(
        ("token", "fault"),
        [
            ("", "must not be empty"),
            ("bi_\0", "must not contain a NUL"),
            ("x" * 501, "must have at most 500 characters"),
            (5, "must be a string"),
        ],
        ids=["empty", "nul", "long", "number"],
    )
    def test_needs_a_token_that_could_be_one(self, by_invitation: Client, token: object, fault: str) -> None:
        assert faults(register(by_invitation, token)) == [("/invitation", fault)]
