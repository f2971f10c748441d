"""Passwords, names, links and ids that are to deceive the service or its users, against `run.py` with two workers."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import pytest

from tests.api.responses import refusal
from tests.attacks.usernames import INVALID, INVISIBLE, LOOKALIKES
from tests.support.factories import PASSWORD

if TYPE_CHECKING:
    import httpx

    from tests.attacks.attack_fixtures import AttackContext
    from tests.attacks.usernames import Disguise

AGAIN = 4
"""Requests on connections of their own, so that most likely both workers answer."""
CLOSE = {"Connection": "close"}
WRONG = (401, "bad_credentials")
CYRILLIC = "съешьжеещёэтихмягкихфранцузскихбулокдавыпейчаюивозьмипирожоксмаком"[:64]
OTHER_HOSTS = [
    "evil.example",
    "evil.example:80",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "localhost:80.evil.example",
    "evil.example#localhost",
    "localhost@evil.example",
    "[::1].evil.example",
]


def register(context: AttackContext, username: str, password: str = PASSWORD) -> httpx.Response:
    return context.anonymous.post("/register", json={"username": username, "password": password}, headers=CLOSE)


def log_in(context: AttackContext, username: str, password: str) -> httpx.Response:
    return context.anonymous.post("/auth/login", json={"username": username, "password": password}, headers=CLOSE)


def new_name() -> str:
    return f"reader-{secrets.token_hex(6)}"


class TestPassword:
    @pytest.mark.parametrize(
        ("password", "guess"),
        [
            (CYRILLIC, f"{CYRILLIC[:-1]}\N{CYRILLIC SMALL LETTER A}"),
            (CYRILLIC, CYRILLIC[:36]),  # the 72 bytes that bcrypt alone would read
            (f"{'long enough ' * 10}and then one", f"{'long enough ' * 10}and then two"),
            (f"{PASSWORD} Ω", f"{PASSWORD} \N{OHM SIGN}"),
            ("correct horse battery ", "correct horse battery"),
        ],
        ids=["another last letter", "the first 72 bytes", "another end", "another code point", "without its space"],
    )
    def test_that_differs_at_the_end_is_wrong(self, context: AttackContext, password: str, guess: str) -> None:
        name = new_name()
        assert register(context, name, password).status_code == 201
        for _ in range(AGAIN):
            assert refusal(log_in(context, name, guess)) == WRONG
            assert log_in(context, name, password).status_code == 200

    @pytest.mark.parametrize(
        "password",
        [f"{PASSWORD}\0x", "\N{CYRILLIC SMALL LETTER HA}" * 257, "пароль"],
        ids=["NUL", "too long", "too short"],
    )
    def test_that_cannot_be_kept_whole_is_refused(self, context: AttackContext, password: str) -> None:
        name = new_name()
        assert refusal(register(context, name, password)) == INVALID
        assert refusal(log_in(context, name, password)) == WRONG


class TestUsername:
    @pytest.fixture
    def victim(self, context: AttackContext) -> str:
        """A name with letters that have look-alikes; its end makes it unique."""
        name = f"paolo-lib-{''.join(secrets.choice('acdeopsx') for _ in range(12))}"
        assert register(context, name).status_code == 201
        return name

    @pytest.mark.parametrize(("disguise", "refused"), LOOKALIKES.values(), ids=LOOKALIKES)
    def test_that_looks_like_another_is_refused(
        self, context: AttackContext, victim: str, disguise: Disguise, refused: tuple[int, str]
    ) -> None:
        assert disguise(victim) != victim
        for _ in range(2):
            assert refusal(register(context, disguise(victim))) == refused

    @pytest.mark.parametrize("disguise", INVISIBLE.values(), ids=INVISIBLE)
    def test_with_what_cannot_be_seen_is_refused(self, context: AttackContext, victim: str, disguise: Disguise) -> None:
        assert refusal(register(context, disguise(victim))) == INVALID
        assert refusal(log_in(context, disguise(victim), PASSWORD)) == WRONG


class TestLink:
    @pytest.mark.parametrize("host", OTHER_HOSTS)
    def test_never_leads_to_a_host_that_a_client_names(self, context: AttackContext, host: str) -> None:
        for headers in ({"Host": host}, {"X-Forwarded-Host": host}, {"Forwarded": f"host={host}"}):
            for path in (f"/users/{context.victim.user_id}/password-reset", "/invitations"):
                reply = context.admin.client.post(path, headers=headers)
                if reply.is_success:
                    assert reply.json()["link"].startswith(("/", str(context.anonymous.base_url)))
                    assert "evil" not in reply.json()["link"]
                else:
                    assert reply.status_code == 400


class TestId:
    @pytest.mark.parametrize("brought", [10**9 + 1, 10**15, 2**53, 2**63 - 1, 2**63, 10**30])
    def test_of_a_member_leaves_room_for_others(self, context: AttackContext, brought: int) -> None:
        member = context.attacker.client
        author = member.post("/authors", json={"name": "Octavia Butler"}).json()["id"]
        book: dict[str, Any] = {"title": "Kindred", "author_id": author, "id": brought}
        assert refusal(member.post("/authors", json={"name": "Jane Austen", "id": brought})) == INVALID
        assert refusal(member.post("/books", json=book)) == INVALID
        [result] = member.post("/books/batch", json={"books": [book]}).json()["results"]
        assert result["status"] == 400
        assert member.post("/authors", json={"name": "Octavia Butler"}).json()["id"] < 10**9
