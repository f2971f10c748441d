"""Sign-ins at the provider that must fail, against `run.py` with two workers."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.api.responses import refusal
from tests.attacks.id_tokens import CLAIMS, FORGERIES
from tests.support.oidc import RETURN_URL, begin, code_of, end, exchange, sign_in
from tests.support.time_shift import session_was_confirmed

if TYPE_CHECKING:
    from tests.attacks.attack_fixtures import AttackContext
    from tests.attacks.id_tokens import Forgery
    from tests.support.client import Client
    from tests.support.forging_provider import ForgingProvider
    from tests.support.serving import Served

REFUSED = (401, "sign_in_refused")
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
"""Of another verifier (RFC 7636, appendix B)."""


@pytest.fixture
def browser(served: Served) -> Client:
    """A browser without cookies."""
    return served.client()


class TestIdToken:
    @pytest.mark.parametrize("claims", CLAIMS.values(), ids=CLAIMS)
    def test_with_wrong_claims_is_refused(
        self, browser: Client, provider: ForgingProvider, claims: dict[str, Any]
    ) -> None:
        sent = begin(browser, provider)
        provider.claims = claims
        assert refusal(end(browser, sent)) == REFUSED

    @pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
    def test_that_is_forged_is_refused(self, browser: Client, provider: ForgingProvider, forge: Forgery) -> None:
        sent = begin(browser, provider)
        provider.forge = forge
        assert refusal(end(browser, sent)) == REFUSED

    def test_of_several_audiences_for_this_client_is_accepted(self, browser: Client, provider: ForgingProvider) -> None:
        """The control: it fails for its own reason."""
        assert sign_in(browser, provider, aud=["books", "another client"], azp="books")


class TestResponse:
    def test_with_another_state_is_refused(self, browser: Client, provider: ForgingProvider) -> None:
        sent = begin(browser, provider)
        for state in ("", "another", sent["state"].swapcase(), "é"):
            assert refusal(end(browser, sent, state=state)) == REFUSED
        assert [path for path, *_ in provider.requests].count("/token") == 0

    def test_of_an_earlier_sign_in_is_refused(self, browser: Client, provider: ForgingProvider) -> None:
        earlier = begin(browser, provider)
        begin(browser, provider)
        assert refusal(end(browser, earlier)) == REFUSED

    def test_in_another_browser_is_refused(self, served: Served, browser: Client, provider: ForgingProvider) -> None:
        sent = begin(browser, provider)
        assert refusal(end(served.client(), sent)) == REFUSED

    def test_with_the_cookie_of_another_browser_is_refused(
        self, served: Served, browser: Client, provider: ForgingProvider
    ) -> None:
        victim = served.client()
        sent = begin(victim, provider)
        begin(browser, provider)
        assert refusal(end(browser, sent)) == REFUSED

    def test_with_a_forged_cookie_is_refused(self, browser: Client, provider: ForgingProvider) -> None:
        sent = begin(browser, provider)
        [cookie] = browser.cookies.jar
        for value in ("", "x", f"{cookie.value}x", str(cookie.value)[1:]):
            browser.cookies.clear()
            browser.cookies.set("books-sign-in", value)
            assert refusal(end(browser, sent)) == REFUSED

    def test_of_another_issuer_is_refused(self, browser: Client, provider: ForgingProvider) -> None:
        assert refusal(end(browser, begin(browser, provider), iss="https://id.example")) == REFUSED

    def test_with_a_code_that_was_used_is_refused(self, browser: Client, provider: ForgingProvider) -> None:
        sent = begin(browser, provider)
        kept = dict(browser.cookies)
        assert end(browser, sent, code="c").status_code == 303
        browser.cookies.update(kept)
        assert refusal(end(browser, sent, code="c")) == REFUSED

    def test_with_an_error_is_refused(self, browser: Client, provider: ForgingProvider) -> None:
        sent = begin(browser, provider)
        assert refusal(end(browser, sent, code=None, error="access_denied")) == REFUSED
        assert refusal(end(browser, sent, error="access_denied")) == REFUSED
        assert refusal(end(browser, sent, code=None)) == REFUSED

    def test_with_a_repeated_parameter_is_refused(self, browser: Client, provider: ForgingProvider) -> None:
        state = begin(browser, provider)["state"]
        reply = browser.get(f"/auth/oidc/callback?code=a&code=b&state={state}")
        assert refusal(reply) == (400, "invalid_request")

    def test_may_have_parameters_that_are_not_known(self, browser: Client, provider: ForgingProvider) -> None:
        assert code_of(end(browser, begin(browser, provider), session_state="x", scope="openid"))


class TestCode:
    def test_that_was_used_is_refused(self, browser: Client, provider: ForgingProvider) -> None:
        code = sign_in(browser, provider, preferred_username="uses a code twice", sub="twice")
        assert exchange(browser, code).status_code == 200
        for _ in range(4):
            assert refusal(exchange(browser, code)) == REFUSED

    @pytest.mark.parametrize("code", ["bo_made-up", "x", "é"])
    def test_that_was_not_issued_is_refused(self, browser: Client, code: str) -> None:
        assert refusal(exchange(browser, code)) == REFUSED

    @pytest.mark.parametrize("verifier", [None, "w" * 43, CHALLENGE])
    def test_of_another_app_is_refused(self, browser: Client, provider: ForgingProvider, verifier: str | None) -> None:
        """An app that the code reached by mistake does not have the verifier."""
        sent = begin(browser, provider, code_challenge=CHALLENGE, return_to=RETURN_URL)
        address = end(browser, sent).headers["Location"]
        code = address.removeprefix(f"{RETURN_URL}?code=")
        assert code != address
        fields = {} if verifier is None else {"code_verifier": verifier}
        assert refusal(exchange(browser, code, **fields)) == REFUSED

    def test_with_a_verifier_where_there_was_no_challenge_is_refused(
        self, browser: Client, provider: ForgingProvider
    ) -> None:
        assert refusal(exchange(browser, sign_in(browser, provider), code_verifier="v" * 43)) == REFUSED


class TestReturn:
    @pytest.mark.parametrize(
        "address",
        [
            "https://evil.example",
            f"{RETURN_URL}/../evil",
            f"{RETURN_URL}?next=https://evil.example",
            f"{RETURN_URL}#x",
            RETURN_URL.upper(),
            RETURN_URL.replace("app.", "app.example@evil."),
            "//evil.example",
            "/books",
            "javascript:alert(1)",
            "",
        ],
    )
    def test_to_another_address_is_refused(self, browser: Client, address: str) -> None:
        parameters = {"return_to": address, "code_challenge": CHALLENGE}
        reply = browser.get("/auth/oidc/login", params=parameters)
        assert refusal(reply) == (400, "invalid_request")
        assert not browser.cookies

    def test_to_an_app_without_a_challenge_is_refused(self, browser: Client) -> None:
        reply = browser.get("/auth/oidc/login", params={"return_to": RETURN_URL})
        assert refusal(reply) == (400, "invalid_request")


class TestAccount:
    def test_of_the_same_name_is_not_taken_over(self, context: AttackContext, provider: ForgingProvider) -> None:
        for name in (context.victim.username, context.victim.username.upper()):
            code = sign_in(context.anonymous, provider, sub="attacker", preferred_username=name)
            assert refusal(exchange(context.anonymous, code)) == (409, "username_taken")
        assert context.victim.client.get("/auth/identities").json() == []

    def test_that_is_disabled_is_refused(self, context: AttackContext, provider: ForgingProvider) -> None:
        code = sign_in(context.anonymous, provider, sub="disabled", preferred_username="is disabled")
        link = {"sign_in_code": code}
        context.victim.client.post("/auth/identities", json=link).raise_for_status()
        context.patch_victim(disabled=True)
        again = sign_in(context.anonymous, provider, sub="disabled")
        assert refusal(exchange(context.anonymous, again)) == REFUSED

    def test_is_not_linked_by_a_stolen_session(self, context: AttackContext, provider: ForgingProvider) -> None:
        code = sign_in(context.anonymous, provider, sub="thief")
        session_was_confirmed(context.database, context.victim.session_id, ago=timedelta(minutes=11))
        reply = context.victim.client.post("/auth/identities", json={"sign_in_code": code})
        assert refusal(reply) == (401, "confirmation_required")
        guessed = context.victim.client.post("/auth/step-up", json={"password": "guessed"})
        assert refusal(guessed) == (401, "bad_credentials")

    def test_keeps_its_identities(self, context: AttackContext, provider: ForgingProvider) -> None:
        link = {"sign_in_code": sign_in(context.anonymous, provider, sub="kept")}
        linked = context.victim.client.post("/auth/identities", json=link).raise_for_status().json()
        address = f"/auth/identities/{linked['id']}"
        assert refusal(context.attacker.client.delete(address)) == (404, "identity_not_found")
        stolen = {"sign_in_code": sign_in(context.anonymous, provider, sub="kept")}
        assert refusal(context.attacker.client.post("/auth/identities", json=stolen)) == (409, "identity_taken")


class TestHeaderOfProxy:
    @pytest.mark.parametrize("name", ["Remote-User", "remote-user", "Remote_User", "REMOTE-USER"])
    def test_of_a_client_is_ignored(self, context: AttackContext, name: str) -> None:
        headers = {name: context.victim.username, "X-Forwarded-For": "192.0.2.1"}
        reply = context.anonymous.post("/auth/login/header", json={}, headers=headers)
        assert refusal(reply) == REFUSED
