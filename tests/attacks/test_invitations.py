"""Invitations that are used again, used by several at once, or used after they were revoked; with two workers."""

from __future__ import annotations

import json
from time import sleep
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from app.models import Invitation, User
from tests.api.responses import refusal
from tests.attacks.endings import ANOTHER
from tests.attacks.late_bodies import FIRST, response_of
from tests.attacks.test_late_bodies import BEGINS_WITHIN
from tests.attacks.test_over_http import AGAIN
from tests.races.concurrency import SIZE, ConcurrentClients, tally
from tests.server.raw import raw_connection
from tests.support.factories import PASSWORD
from tests.support.time_shift import delete_user
from tests.support.users import make_admin

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.attacks.attack_fixtures import AttackContext
    from tests.support.client import Client
    from tests.support.serving import Served

INVALID = (403, "invitation_invalid")


@pytest.fixture
def invitation(context: AttackContext) -> dict[str, Any]:
    """An invitation of the victim, who is an admin."""
    make_admin(context.database, context.victim.user_id)
    assert context.admin.is_signed_in
    issued: dict[str, Any] = context.victim.client.post("/invitations").raise_for_status().json()
    return issued


def account(token: object) -> dict[str, object]:
    """A registration under a new name."""
    return {"username": f"guest {uuid4().hex}", "password": PASSWORD, "invitation": token}


def register(client: Client, token: object) -> httpx.Response:
    """On a connection of its own, so that most likely both workers answer."""
    return client.post("/register", json=account(token), headers={"Connection": "close"})


ENDINGS: dict[str, Callable[[AttackContext, int], object]] = {
    "revoked": lambda context, number: context.admin.client.delete(f"/invitations/{number}").raise_for_status(),
    "role lost": lambda context, _number: context.patch_victim(role="member"),
    "disabled": lambda context, _number: context.patch_victim(disabled=True),
    "deleted": lambda context, _number: delete_user(context.database, context.victim.user_id),
    "password changed": lambda context, _number: context.victim.client.put(
        "/auth/password", json={"current_password": PASSWORD, "new_password": ANOTHER}
    ).raise_for_status(),
    "logged out everywhere": lambda context, _number: context.victim.client.post("/auth/logout-all").raise_for_status(),
    "logged out by an admin": lambda context, _number: context.admin.client.post(
        f"/users/{context.victim.user_id}/logout-all"
    ).raise_for_status(),
}
every_ending = pytest.mark.parametrize("end", ENDINGS.values(), ids=ENDINGS)


class TestInvitation:
    def test_admits_one_person(self, restricted: Served, invitation: dict[str, Any]) -> None:
        client = restricted.client()
        assert register(client, invitation["token"]).status_code == 201
        assert {refusal(register(client, invitation["token"])) for _ in range(AGAIN)} == {INVALID}

    def test_admits_one_of_those_who_come_at_once(
        self, context: AttackContext, restricted: Served, invitation: dict[str, Any]
    ) -> None:
        clients = ConcurrentClients(restricted.client().as_bearer("none"))
        answers = clients.at_once(lambda client, _number: register(client, invitation["token"]))
        assert tally(answers) == {201: 1, 403: SIZE - 1}
        assert {refusal(answer) for answer in answers if answer.status_code == 403} == {INVALID}
        with context.database.transaction() as db:
            assert db.get(Invitation, invitation["id"]) is None

    def test_is_left_where_the_name_is_taken(
        self, context: AttackContext, restricted: Served, invitation: dict[str, Any]
    ) -> None:
        taken = account(invitation["token"]) | {"username": context.victim.username}
        clients = ConcurrentClients(restricted.client().as_bearer("none"))
        answers = clients.at_once(lambda client, _number: client.post("/register", json=taken))
        assert tally(answers) == {409: SIZE}
        assert register(restricted.client(), invitation["token"]).status_code == 201

    @every_ending
    def test_that_is_void_admits_no_one(
        self,
        context: AttackContext,
        restricted: Served,
        invitation: dict[str, Any],
        end: Callable[[AttackContext, int], object],
    ) -> None:
        end(context, invitation["id"])
        client = restricted.client()
        assert {refusal(register(client, invitation["token"])) for _ in range(AGAIN)} == {INVALID}

    @every_ending
    def test_that_becomes_void_while_the_body_arrives_admits_no_one(
        self,
        context: AttackContext,
        restricted: Served,
        invitation: dict[str, Any],
        end: Callable[[AttackContext, int], object],
    ) -> None:
        guest = account(invitation["token"])
        body = json.dumps(guest).encode()
        head = (
            "POST /register HTTP/1.1\r\nHost: books.test\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        with raw_connection(restricted.base) as connection:
            connection.send(head.encode(), body[:FIRST])
            sleep(BEGINS_WITHIN)
            end(context, invitation["id"])
            connection.send(body[FIRST:])
            assert refusal(response_of(connection.read_rest())) == INVALID
        with context.database.transaction() as db:
            assert db.query(User).filter_by(username=guest["username"]).count() == 0


class TestNoInvitation:
    @pytest.mark.parametrize(
        "token",
        [
            "bi_made-up",
            "bi_%",
            "bi_' OR '1'='1",
            lambda context: context.invitation["token"][:-1],
            lambda context: context.invitation["prefix"],
            lambda context: context.reset,
            lambda context: context.victim.access_token,
            lambda context: context.victim.new_key(),
        ],
    )
    def test_admits_no_one(
        self, context: AttackContext, restricted: Served, token: str | Callable[[AttackContext], str]
    ) -> None:
        sent = token if isinstance(token, str) else token(context)
        assert refusal(register(restricted.client(), sent)) == INVALID

    def test_that_an_admin_sends_along_is_needed_as_well(self, context: AttackContext, restricted: Served) -> None:
        admin = restricted.client().as_bearer(context.admin.access_token)
        assert refusal(register(admin, None)) == (403, "invitation_required")
