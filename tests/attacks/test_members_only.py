"""The table of attacks on reads of a catalogue that is for members, with two workers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.attacks.table import ATTACKS, ODD_HEADERS, VALID, require_refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.attacks.attack_fixtures import AttackContext
    from tests.attacks.credentials import Credential
    from tests.support.serving import Served

AGAIN = 2
"""Requests on connections of their own, so that most likely both workers answer."""


class TestRead:
    @pytest.mark.parametrize("valid", VALID.values(), ids=VALID)
    def test_with_a_good_bearer(self, context: AttackContext, restricted: Served, valid: Credential) -> None:
        headers = {"Authorization": f"Bearer {valid(context)}", "Connection": "close"}
        for _ in range(AGAIN):
            assert restricted.client().get("/books", headers=headers).status_code == 200

    @pytest.mark.slow
    @pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
    def test_with_a_bad_bearer_is_refused(self, context: AttackContext, restricted: Served, attack: Credential) -> None:
        headers = {"Authorization": f"Bearer {attack(context)}", "Connection": "close", "If-None-Match": "*"}
        for _ in range(AGAIN):
            require_refusal(restricted.client().get("/books", headers=headers))

    @pytest.mark.slow
    @pytest.mark.parametrize("odd", ODD_HEADERS.values(), ids=ODD_HEADERS)
    def test_with_an_odd_header_is_refused(
        self, context: AttackContext, restricted: Served, odd: Callable[[str], list[str]]
    ) -> None:
        headers = [("Authorization", value) for value in odd(context.victim.access_token)]
        assert restricted.client().get("/books", headers=headers).status_code == 401
