"""The table of attacks, against `run.py` with two workers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.api.responses import refusal
from tests.attacks.endings import ENDINGS
from tests.attacks.refreshing import REFRESHING
from tests.attacks.table import ATTACKS, ODD_HEADERS, VALID, require_refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.attacks.attack_fixtures import AttackContext
    from tests.attacks.credentials import Credential
    from tests.attacks.endings import Ending

AGAIN = 4
"""Requests on connections of their own, so that most likely both workers answer."""
REFUSED = (401, "refresh_token_invalid")


def who_am_i(context: AttackContext, bearer: str) -> list[httpx.Response]:
    headers = {"Authorization": f"Bearer {bearer}", "Connection": "close"}
    return [context.anonymous.get("/auth/me", headers=headers) for _ in range(AGAIN)]


class TestBearer:
    @pytest.mark.parametrize("valid", VALID.values(), ids=VALID)
    def test_a_good_one_is_let_in(self, context: AttackContext, valid: Credential) -> None:
        bearer = valid(context)
        for reply in who_am_i(context, bearer):
            assert reply.json()["id"] == context.victim.user_id

    @pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
    def test_a_bad_one_is_refused(self, context: AttackContext, attack: Credential) -> None:
        bearer = attack(context)
        for reply in who_am_i(context, bearer):
            require_refusal(reply)

    @pytest.mark.parametrize("odd", ODD_HEADERS.values(), ids=ODD_HEADERS)
    def test_an_odd_header_is_refused(self, context: AttackContext, odd: Callable[[str], list[str]]) -> None:
        headers = [("Authorization", value) for value in odd(context.victim.access_token)]
        assert context.anonymous.get("/auth/me", headers=headers).status_code == 401


class TestRefreshToken:
    @pytest.mark.parametrize("attack", REFRESHING.values(), ids=REFRESHING)
    def test_a_bad_one_is_refused(self, context: AttackContext, attack: Credential) -> None:
        bad = attack(context)
        for _ in range(AGAIN):
            assert refusal(context.anonymous.post("/auth/refresh", json={"refresh_token": bad})) == REFUSED

    @pytest.mark.parametrize("end", ENDINGS.values(), ids=ENDINGS)
    def test_none_of_a_session_that_ended_is_good(self, context: AttackContext, end: Ending) -> None:
        valid = context.victim.refresh_token
        end(context)
        assert refusal(context.anonymous.post("/auth/refresh", json={"refresh_token": valid})) == REFUSED
