"""`REGISTRATION`: who may register, and what the service says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scripts.quickstart import greeting
from tests.api.responses import refusal
from tests.support.invitations import BOB, INVALID, invite, register

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.settings import Settings
    from tests.support.client import Client

BROWSER = {"Accept": "text/html"}
MODES = ["open", "invite", "closed"]


class TestOpen:
    def test_needs_no_invitation(self, client: Client) -> None:
        assert client.post("/register", json=BOB | {"invitation": None}).status_code == 201

    def test_uses_up_an_invitation(self, client: Client, admin: Client, service_with: Callable[..., Client]) -> None:
        """Otherwise its link would admit another person once the operator requires invitations."""
        token = invite(admin)["token"]
        assert register(client, token).status_code == 201
        assert refusal(register(service_with(registration="invite"), token, username="bert")) == INVALID

    def test_does_without_an_invitation_that_is_void(self, client: Client) -> None:
        assert register(client, "bi_made-up").status_code == 201


class TestInvite:
    @pytest.mark.parametrize("more", [{}, {"invitation": None}])
    def test_needs_an_invitation(self, service_with: Callable[..., Client], more: dict[str, None]) -> None:
        service = service_with(registration="invite")
        assert refusal(service.post("/register", json=BOB | more)) == (403, "invitation_required")

    def test_does_not_reveal_usernames(self, admin: Client, service_with: Callable[..., Client]) -> None:
        taken = BOB | {"username": admin.get("/auth/me").json()["username"]}
        service = service_with(registration="invite")
        for more in ({}, {"invitation": "bi_made-up"}):
            answers = [service.post("/register", json=account | more) for account in (BOB, taken)]
            assert len({refusal(answer) for answer in answers}) == 1


class TestClosed:
    def test_admits_no_one(self, admin: Client, service_with: Callable[..., Client]) -> None:
        service, token = service_with(registration="closed"), invite(admin)["token"]
        assert refusal(service.post("/register", json=BOB)) == (403, "registration_closed")
        assert refusal(register(service, token)) == (403, "registration_closed")
        assert register(service_with(registration="invite"), token).status_code == 201


class TestAnnouncement:
    @pytest.mark.parametrize("mode", MODES)
    def test_is_on_the_welcome_document(self, service_with: Callable[..., Client], mode: str) -> None:
        assert service_with(registration=mode).get("/").json()["registration"] == mode

    @pytest.mark.parametrize(("mode", "times"), [("open", 1), ("invite", 0), ("closed", 0)])
    def test_is_what_a_first_user_is_told(self, settings: Settings, mode: str, times: int) -> None:
        text = greeting(settings.model_copy(update={"registration": mode}))
        assert (text.count("/register"), text.count("/auth/login")) == (times, 1)

    @pytest.mark.parametrize(("mode", "forms"), [("open", 1), ("invite", 1), ("closed", 0)])
    def test_is_on_the_page_to_register(self, service_with: Callable[..., Client], mode: str, forms: int) -> None:
        reply = service_with(registration=mode).get("/join", headers=BROWSER)
        assert reply.text.count('<form id="join"') == forms
        assert reply.text.count("Registration is closed.") == 1 - forms
        assert reply.headers["Content-Security-Policy"].startswith("default-src 'none'; ")
        assert reply.headers["Referrer-Policy"] == "no-referrer"
