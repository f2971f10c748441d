"""The second factor, against `run.py` with two workers: attacks from the table, at once, and by guessing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.database import Database
from devtools.databases import fresh_url, settings_for
from devtools.serving import migrated
from tests.api.responses import refusal
from tests.attacks.attack_fixtures import AttackContext
from tests.attacks.second_factor import ATTACKS, log_in
from tests.races.concurrency import SIZE, ConcurrentClients, tally
from tests.support.serving import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.attacks.second_factor import Attack

GUESSES_PER_WORKER = 3


@pytest.fixture
def limited(kind: str, server_url: str, tmp_path: Path) -> Iterator[AttackContext]:
    """A server with limits. Each of its two workers counts for itself."""
    limits = {"rate_limit_enabled": True, "rate_limit_code_failures": f"{GUESSES_PER_WORKER}/day"}
    with (
        fresh_url(kind, server_url, tmp_path) as url,
        serving(migrated(url), tmp_path, workers=2, **limits, rate_limit_login_failures="100/hour") as served,
    ):
        database = Database.of(settings_for(served.url))
        yield AttackContext(served.client(), database)
        database.engine.dispose()


class TestTable:
    @pytest.mark.parametrize(("attack", "refused"), ATTACKS.values(), ids=ATTACKS)
    def test_is_refused(self, context: AttackContext, attack: Attack, refused: tuple[int, str]) -> None:
        assert refusal(attack(context)) == refused

    def test_the_codes_would_have_been_good(self, context: AttackContext) -> None:
        codes = [context.authenticator.code(1), *context.authenticator.recovery_codes]
        assert {log_in(context, code=code).status_code for code in codes} == {200}


class TestAtOnce:
    @pytest.mark.parametrize("kind_of_code", ["totp", "recovery"])
    def test_one_of_many_with_one_code_gets_in(self, context: AttackContext, kind_of_code: str) -> None:
        authenticator = context.authenticator
        code = authenticator.code(1) if kind_of_code == "totp" else authenticator.recovery_codes[0]
        body = {"username": context.victim.username, "password": "correct horse battery", "code": code}
        answers = ConcurrentClients(context.victim.client).at_once(
            lambda client, _number: client.post("/auth/login", json=body)
        )
        assert tally(answers) == {200: 1, 401: SIZE - 1}

    def test_one_of_many_confirmations_with_one_code_counts(self, context: AttackContext) -> None:
        body = {"code": context.authenticator.code(1)}
        answers = ConcurrentClients(context.victim.client).at_once(
            lambda client, _number: client.post("/auth/step-up", json=body)
        )
        assert tally(answers) == {200: 1, 401: SIZE - 1}

    def test_one_of_many_first_codes_turns_it_on(self, context: AttackContext) -> None:
        body = {"code": context.started.code()}
        answers = ConcurrentClients(context.victim.client).at_once(
            lambda client, _number: client.post("/auth/totp/confirm", json=body)
        )
        assert tally(answers) == {200: 1, 409: SIZE - 1}
        assert context.victim.client.get("/auth/totp").json()["recovery_codes_left"] == 10


class TestGuessing:
    @pytest.mark.slow
    def test_ends_after_a_few_codes(self, limited: AttackContext) -> None:
        wrong = limited.authenticator.wrong_code()
        headers = {"Connection": "close"}
        body = {"username": limited.victim.username, "password": "correct horse battery", "code": wrong}
        statuses = [limited.anonymous.post("/auth/login", json=body, headers=headers).status_code for _ in range(40)]
        assert statuses.count(401) <= 2 * GUESSES_PER_WORKER
        assert statuses[-10:] == [429] * 10
        assert refusal(log_in(limited, code=limited.authenticator.code(1))) == (429, "too_many_requests")
        assert log_in(limited, code=limited.authenticator.recovery_codes[0]).status_code == 200
