"""The second factor of users who sign in at the provider or by the header of a proxy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.api.responses import refusal, user_id
from tests.support.authenticators import STEP, add_second_factor
from tests.support.header_sign_in import HEADER, sign_in_by_header
from tests.support.oidc import exchange, sign_in

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.api.conftest import Clock
    from tests.support.authenticators import Authenticator
    from tests.support.client import Client
    from tests.support.forging_provider import ForgingProvider
    from tests.support.openapi_contract import OpenApiContract

    SignIn = Callable[..., httpx.Response]

CODE_REQUIRED = (401, "second_factor_required")
WRONG = (401, "second_factor_invalid")


@pytest.fixture(params=["at the provider", "by the header"])
def way(
    request: pytest.FixtureRequest,
    oidc_with: Callable[..., Client],
    provider: ForgingProvider,
    contract: OpenApiContract,
) -> Callable[..., tuple[Client, SignIn]]:
    """Both ways to sign in elsewhere: a service with these settings, and how the same user signs in there."""

    def made(**settings: object) -> tuple[Client, SignIn]:
        if request.param == "at the provider":
            service = oidc_with(oidc_registration=True, **settings)
            return service, lambda **fields: exchange(service, sign_in(service, provider, sub="1"), **fields)
        service = oidc_with(trusted_user_registration=True, **HEADER, **settings)
        return service, lambda **fields: sign_in_by_header(service, contract, "newcomer", **fields)

    return made


def with_second_factor(service: Client, first: httpx.Response, clock: Clock) -> tuple[Client, Authenticator]:
    """The user of a first sign-in, whose account has a second factor from now on."""
    user = service.as_bearer(first.raise_for_status().json()["access_token"])
    authenticator = add_second_factor(user, clock.now)
    clock.now += STEP
    return user, authenticator


@pytest.fixture
def named(provider: ForgingProvider) -> None:
    """The provider has a name for the user."""
    provider.userinfo = {"sub": "1", "preferred_username": "newcomer"}


@pytest.mark.usefixtures("named")
class TestCode:
    def test_is_asked_for(self, way: Callable[..., tuple[Client, SignIn]], clock: Clock) -> None:
        service, begin = way()
        user, authenticator = with_second_factor(service, begin(), clock)
        sessions = len(user.get("/auth/sessions").json())
        assert refusal(begin()) == CODE_REQUIRED
        assert refusal(begin(code=authenticator.wrong_code(clock.now))) == WRONG
        assert len(user.get("/auth/sessions").json()) == sessions
        again = begin(code=authenticator.code(at=clock.now)).raise_for_status().json()
        assert user_id(service.as_bearer(again["access_token"])) == user_id(user)
        assert begin(code=authenticator.recovery_codes[0]).status_code == 200
        assert refusal(begin(code=authenticator.recovery_codes[0])) == WRONG

    def test_is_not_asked_for_where_the_provider_does_it(
        self, way: Callable[..., tuple[Client, SignIn]], clock: Clock
    ) -> None:
        service, begin = way(external_second_factor=False)
        with_second_factor(service, begin(), clock)
        assert begin().status_code == 200

    def test_is_ignored_where_the_account_has_none(self, way: Callable[..., tuple[Client, SignIn]]) -> None:
        _service, begin = way()
        assert [begin(code="123456").status_code for _ in range(2)] == [200, 200]

    def test_cannot_be_guessed(self, way: Callable[..., tuple[Client, SignIn]], clock: Clock) -> None:
        service, begin = way(rate_limit_enabled=True, rate_limit_code_failures="2/day")
        _user, authenticator = with_second_factor(service, begin(), clock)
        wrong = authenticator.wrong_code(clock.now)
        assert [begin(code=wrong).status_code for _ in range(3)] == [401, 401, 429]
        assert begin(code=authenticator.code(at=clock.now)).status_code == 429
        assert begin(code=authenticator.recovery_codes[0]).status_code == 200


@pytest.mark.usefixtures("named")
class TestSignInCode:
    def test_is_not_used_up_by_an_error(self, oidc: Client, provider: ForgingProvider, clock: Clock) -> None:
        first = exchange(oidc, sign_in(oidc, provider, sub="1"))
        _user, authenticator = with_second_factor(oidc, first, clock)
        code = sign_in(oidc, provider, sub="1")
        assert refusal(exchange(oidc, code)) == CODE_REQUIRED
        assert exchange(oidc, code, code=authenticator.code(at=clock.now)).status_code == 200
        assert refusal(exchange(oidc, code)) == (401, "sign_in_refused")

    def test_of_another_app_spends_no_guess(
        self, oidc_with: Callable[..., Client], provider: ForgingProvider, clock: Clock
    ) -> None:
        """A code that cannot be exchanged does not let a stranger use up the guesses of an account."""
        service = oidc_with(oidc_registration=True, rate_limit_enabled=True, rate_limit_code_failures="1/day")
        _user, authenticator = with_second_factor(
            service, exchange(service, sign_in(service, provider, sub="1")), clock
        )
        code = sign_in(service, provider, sub="1")
        for _ in range(2):
            reply = exchange(service, code, code="000000", code_verifier="v" * 43)
            assert refusal(reply) == (401, "sign_in_refused")
        assert exchange(service, code, code=authenticator.code(at=clock.now)).status_code == 200
