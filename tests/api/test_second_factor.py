"""The second factor: how it is added, what a login then needs, and how it is removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyotp
import pytest
from sqlalchemy import func, select

from app.models import RecoveryCode, User
from app.security.sealing import Sealer
from devtools.databases import SECRET
from tests.api.responses import faults, refusal
from tests.support.authenticators import STEP, Authenticator, add_second_factor, start_second_factor
from tests.support.factories import PASSWORD
from tests.support.time_shift import codes_may_be_used_again

if TYPE_CHECKING:
    import io
    from collections.abc import Callable

    import httpx

    from devtools.databases import DatabaseInside
    from tests.api.conftest import Clock
    from tests.support.client import Client
    from tests.support.users import SignedInUser

WRONG_CODE = (401, "second_factor_invalid")
NEW_SECRET = "a new secret, which also has more than 32 bytes"  # noqa: S105  (of a test)


def log_in(user: SignedInUser, client: Client | None = None, **more: Any) -> httpx.Response:
    body = {"username": user.username, "password": PASSWORD, **more}
    return (client or user.anonymous).post("/auth/login", json=body)


@pytest.fixture
def authenticator(alice: SignedInUser, clock: Clock) -> Authenticator:
    """Alice's. She has used the code of the current step."""
    added = add_second_factor(alice.client, clock.now)
    clock.now += STEP
    return added


class TestAdding:
    def test_gives_a_secret_then_recovery_codes(self, alice: SignedInUser, clock: Clock) -> None:
        started = alice.client.post("/auth/totp")
        uri = pyotp.parse_uri(started.json()["uri"])
        assert started.headers["Cache-Control"] == "no-store"
        assert (uri.secret, uri.name, uri.issuer) == (started.json()["secret"], alice.username, "Books API")
        code = Authenticator(uri.secret).code(at=clock.now)
        codes = alice.client.post("/auth/totp/confirm", json={"code": f"{code[:3]} {code[3:]}"}).json()["codes"]
        assert len(set(codes)) == 10
        state = alice.client.get("/auth/totp").json()
        assert state["recovery_codes_left"] == 10
        assert state["second_factor_since"] == alice.client.get("/auth/me").json()["second_factor_since"] is not None

    def test_changes_nothing_until_it_is_confirmed(self, alice: SignedInUser) -> None:
        start_second_factor(alice.client)
        assert log_in(alice).status_code == 200
        assert alice.client.get("/auth/totp").json() == {"second_factor_since": None, "recovery_codes_left": 0}

    def test_starts_over_with_another_secret(self, alice: SignedInUser, clock: Clock) -> None:
        first, second = start_second_factor(alice.client), start_second_factor(alice.client)
        confirm = [{"code": app.code(at=clock.now)} for app in (first, second)]
        assert refusal(alice.client.post("/auth/totp/confirm", json=confirm[0])) == WRONG_CODE
        assert alice.client.post("/auth/totp/confirm", json=confirm[1]).status_code == 200

    def test_ends_all_other_sessions(self, alice: SignedInUser, clock: Clock) -> None:
        elsewhere = alice.sign_in()
        add_second_factor(alice.client, clock.now)
        assert alice.is_signed_in
        assert not elsewhere.is_signed_in

    def test_is_done_once(self, alice: SignedInUser, authenticator: Authenticator, clock: Clock) -> None:
        code = {"code": authenticator.code(at=clock.now)}
        assert refusal(alice.client.post("/auth/totp")) == (409, "second_factor_on")
        assert refusal(alice.client.post("/auth/totp/confirm", json=code)) == (409, "second_factor_on")

    @pytest.mark.parametrize(
        ("method", "path"),
        [("DELETE", "/auth/totp"), ("POST", "/auth/totp/recovery-codes"), ("POST", "/auth/totp/confirm")],
    )
    def test_comes_before_all_else(self, alice: SignedInUser, method: str, path: str) -> None:
        body = {"code": "123456"} if path.endswith("confirm") else None
        assert refusal(alice.client.request(method, path, json=body)) == (409, "second_factor_off")

    def test_stores_nothing_that_gives_codes(self, authenticator: Authenticator, database: DatabaseInside) -> None:
        with database.reading() as connection:
            kept = str([*connection.execute(select(User.totp_secret)), *connection.execute(select(RecoveryCode.hash))])
        assert authenticator.secret not in kept
        assert not [code for code in authenticator.recovery_codes if code in kept or code.replace("-", "") in kept]

    def test_is_not_in_the_log(self, alice: SignedInUser, clock: Clock, log: io.StringIO) -> None:
        authenticator = add_second_factor(alice.client, clock.now)
        log_in(alice, code=authenticator.recovery_codes[0]).raise_for_status()
        assert '"recovery_code_used"' in log.getvalue()
        for secret in (authenticator.secret, *authenticator.recovery_codes, authenticator.code(at=clock.now)):
            assert secret not in log.getvalue()


class TestLogin:
    def test_needs_a_code(self, alice: SignedInUser, authenticator: Authenticator, clock: Clock) -> None:
        before = alice.client.get("/auth/sessions").json()
        without_code = log_in(alice)
        assert refusal(without_code) == (401, "second_factor_required")
        assert without_code.headers["WWW-Authenticate"] == 'Bearer realm="books-api"'
        assert alice.client.get("/auth/sessions").json() == before
        assert log_in(alice, code=authenticator.code(at=clock.now)).status_code == 200

    def test_says_nothing_of_it_to_a_wrong_password(
        self, alice: SignedInUser, bob: SignedInUser, authenticator: Authenticator, clock: Clock
    ) -> None:
        code = authenticator.code(at=clock.now)
        attempts = [(user, typed) for user in (alice, bob) for typed in (None, code)]
        replies = [log_in(user, password="wrong horse battery", code=typed) for user, typed in attempts]  # noqa: S106  (wrong on purpose)
        assert [refusal(reply) for reply in replies] == [(401, "bad_credentials")] * 4
        assert log_in(alice, code=code).status_code == 200  # nothing was used up

    def test_takes_the_code_of_a_step_around(
        self, alice: SignedInUser, authenticator: Authenticator, clock: Clock, database: DatabaseInside
    ) -> None:
        codes_may_be_used_again(database, alice.user_id)
        codes = [authenticator.code(steps, at=clock.now) for steps in (-2, 2, -1, 0, 1)]
        assert [log_in(alice, code=code).status_code for code in codes] == [401, 401, 200, 200, 200]

    def test_takes_each_code_once_and_none_of_an_earlier_step(
        self, alice: SignedInUser, authenticator: Authenticator, clock: Clock
    ) -> None:
        replies = [log_in(alice, code=authenticator.code(steps, at=clock.now)) for steps in (0, 0, -1, 1, 1, 0)]
        assert [reply.status_code for reply in replies] == [200, 401, 401, 200, 401, 401]
        assert refusal(replies[1]) == WRONG_CODE

    def test_takes_each_recovery_code_once(self, alice: SignedInUser, authenticator: Authenticator) -> None:
        spelled: list[Callable[[str], str]] = [
            str,
            str.upper,
            lambda code: code.replace("-", " "),
            lambda code: code.replace("-", ""),
        ]
        for spell, code in zip(spelled, authenticator.recovery_codes, strict=False):
            assert log_in(alice, code=spell(code)).status_code == 200
            assert refusal(log_in(alice, code=code)) == WRONG_CODE
        assert alice.client.get("/auth/totp").json()["recovery_codes_left"] == 6

    def test_takes_no_recovery_code_of_another(
        self, alice: SignedInUser, bob: SignedInUser, authenticator: Authenticator, clock: Clock
    ) -> None:
        others = add_second_factor(bob.client, clock.now)
        assert refusal(log_in(alice, code=others.recovery_codes[0])) == WRONG_CODE
        assert refusal(log_in(bob, code=authenticator.recovery_codes[0])) == WRONG_CODE

    @pytest.mark.parametrize("code", ["", "12345", "1234567", "١٢٣٤٥٦", "12345a", "1 2 3 4 5 6", "123456\n", "a" * 25])
    def test_what_cannot_be_a_code_is_a_fault(self, alice: SignedInUser, code: str) -> None:
        what = "must be six digits, or a recovery code of four groups of six characters"
        assert faults(log_in(alice, code=code)) == [("/code", what)]

    @pytest.mark.parametrize("code", [None, "123456"])
    def test_ignores_a_code_where_there_is_no_second_factor(self, alice: SignedInUser, code: str | None) -> None:
        assert log_in(alice, code=code).status_code == 200

    @pytest.mark.usefixtures("authenticator")
    def test_is_not_needed_to_refresh(self, alice: SignedInUser) -> None:
        assert alice.refresh().is_signed_in

    def test_still_needs_it_after_a_password_reset(
        self, alice: SignedInUser, authenticator: Authenticator, admin: Client, clock: Clock
    ) -> None:
        reset = admin.post(f"/users/{alice.user_id}/password-reset").json()["token"]
        new = {"token": reset, "new_password": "a staple of many readers"}
        alice.anonymous.post("/auth/password-reset", json=new).raise_for_status()
        code = authenticator.code(at=clock.now)
        assert refusal(log_in(alice, password=new["new_password"])) == (401, "second_factor_required")
        assert log_in(alice, password=new["new_password"], code=code).status_code == 200


class TestRecoveryCodes:
    def test_are_replaced_as_a_set(self, alice: SignedInUser, authenticator: Authenticator) -> None:
        renewed = alice.client.post("/auth/totp/recovery-codes").json()["codes"]
        assert not {*renewed} & {*authenticator.recovery_codes}
        assert refusal(log_in(alice, code=authenticator.recovery_codes[0])) == WRONG_CODE
        assert log_in(alice, code=renewed[0]).status_code == 200


class TestRemoval:
    @pytest.mark.usefixtures("authenticator")
    def test_leaves_the_password(self, alice: SignedInUser, database: DatabaseInside) -> None:
        alice.client.delete("/auth/totp").raise_for_status()
        assert log_in(alice).status_code == 200
        with database.reading() as connection:
            assert connection.scalar(select(func.count()).select_from(RecoveryCode)) == 0

    @pytest.mark.usefixtures("authenticator")
    def test_by_an_admin_ends_the_sessions(self, alice: SignedInUser, admin: Client) -> None:
        admin.delete(f"/users/{alice.user_id}/totp").raise_for_status()
        assert not alice.is_signed_in
        assert log_in(alice).status_code == 200
        assert refusal(admin.delete(f"/users/{alice.user_id}/totp")) == (409, "second_factor_off")
        assert refusal(admin.delete("/users/999999/totp")) == (404, "user_not_found")


class TestSigningKey:
    def test_may_change_and_the_secret_is_encrypted_again_when_it_is_used(
        self,
        alice: SignedInUser,
        authenticator: Authenticator,
        clock: Clock,
        database: DatabaseInside,
        service_with: Callable[..., Client],
    ) -> None:
        rotated = service_with(secret_key=NEW_SECRET, secret_keys_old=(SECRET,))
        assert log_in(alice, rotated, code=authenticator.code(at=clock.now)).status_code == 200
        with database.reading() as connection:
            kept = connection.scalar(select(User.totp_secret).where(User.id == alice.user_id))
        assert kept is not None
        assert Sealer([NEW_SECRET]).open(kept) == authenticator.secret

    def test_that_is_lost_leaves_the_recovery_codes(
        self,
        alice: SignedInUser,
        authenticator: Authenticator,
        clock: Clock,
        database: DatabaseInside,
        log: io.StringIO,
    ) -> None:
        database.mark(User, alice.user_id, totp_secret=Sealer([NEW_SECRET]).seal(authenticator.secret))
        assert refusal(log_in(alice, code=authenticator.code(at=clock.now))) == WRONG_CODE
        assert "second_factor_unreadable" in log.getvalue()
        assert log_in(alice, code=authenticator.recovery_codes[0]).status_code == 200
