"""The provider, over HTTP: what it is sent, and what happens where it does not respond as it should."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

import pytest
from joserfc.jwk import RSAKey

from app.errors import ProviderUnavailable, SignInRefused
from app.oidc import http, provider_documents
from app.oidc.pending_sign_ins import PendingSignIn
from app.oidc.provider import Provider
from devtools.databases import settings_for
from tests.support.forging_provider import CLIENT_ID, CLIENT_SECRET, KEY

if TYPE_CHECKING:
    from tests.support.forging_provider import ForgingProvider

STRANGER = RSAKey.generate_key(2048, auto_kid=True)
CALLBACK = "https://books.example/auth/oidc/callback"
METADATA = "/.well-known/openid-configuration"


def client_of(provider: ForgingProvider, **settings: Any) -> Provider:
    values = {"oidc_issuer": provider.issuer, "oidc_client_id": CLIENT_ID, "oidc_client_secret": CLIENT_SECRET}
    return Provider(settings_for("sqlite:///:memory:", **values | settings))


def identify(client: Provider, provider: ForgingProvider, code: str) -> str:
    """Sign in. Returns: the subject."""
    pending = PendingSignIn.begin(CALLBACK, None, None)
    provider.begin(client.authorization_url(pending))
    return client.identify(pending, code).subject


class TestRequest:
    def test_to_sign_in_has_what_protects_it(self, provider: ForgingProvider) -> None:
        pending = PendingSignIn.begin(CALLBACK, None, None)
        sent = provider.begin(client_of(provider).authorization_url(pending))
        assert sent.pop("code_challenge") not in {"", pending.verifier}
        assert sent == {
            "response_type": "code",
            "client_id": CLIENT_ID,
            "redirect_uri": CALLBACK,
            "scope": "openid profile",
            "state": pending.state,
            "nonce": pending.nonce,
            "code_challenge_method": "S256",
        }

    def test_for_tokens_has_the_verifier_and_the_client(self, provider: ForgingProvider) -> None:
        identify(client_of(provider), provider, "c")
        [(form, authorization)] = [(form, sent) for path, form, sent in provider.requests if path == "/token"]
        [verifier] = form.pop("code_verifier")
        assert len(verifier) == 43
        assert form == {"grant_type": ["authorization_code"], "code": ["c"], "redirect_uri": [CALLBACK]}
        assert authorization == f"Basic {b64encode(f'{CLIENT_ID}:{CLIENT_SECRET}'.encode()).decode()}"

    def test_of_a_public_client_has_no_secret(self, provider: ForgingProvider) -> None:
        identify(client_of(provider, oidc_client_secret=None), provider, "c")
        [(form, authorization)] = [(form, sent) for path, form, sent in provider.requests if path == "/token"]
        assert (form["client_id"], authorization) == ([CLIENT_ID], "")

    def test_has_the_secret_in_the_form_if_the_provider_takes_it_only_there(self, provider: ForgingProvider) -> None:
        provider.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
        identify(client_of(provider), provider, "c")
        [(form, authorization)] = [(form, sent) for path, form, sent in provider.requests if path == "/token"]
        assert (form["client_secret"], authorization) == ([CLIENT_SECRET], "")


class TestKeys:
    def test_are_fetched_again_for_one_that_is_new(
        self, provider: ForgingProvider, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(provider_documents, "PAUSE", 0)
        client = client_of(provider)
        assert identify(client, provider, "1") == "1"
        provider.keys = [KEY, STRANGER]
        provider.signed_by = STRANGER
        assert identify(client, provider, "2") == "1"

    def test_are_not_fetched_at_every_request(self, provider: ForgingProvider) -> None:
        client = client_of(provider)
        provider.signed_by = STRANGER
        for code in "123":
            with pytest.raises(SignInRefused):
                identify(client, provider, code)
        assert [path for path, *_ in provider.requests].count("/keys") == 1

    def test_that_are_malformed_do_not_spoil_the_others(self, provider: ForgingProvider) -> None:
        class Malformed:
            def as_dict(self, **_: bool) -> dict[str, str]:
                return {"kty": "RSA", "n": "!"}

        provider.keys = [Malformed(), KEY]  # type: ignore[list-item]  # a provider may send anything
        assert identify(client_of(provider), provider, "c") == "1"


class TestIssuer:
    def test_of_a_response_must_be_right_or_missing(self, provider: ForgingProvider) -> None:
        client = client_of(provider)
        client.require_issuer(provider.issuer)
        client.require_issuer(None)
        with pytest.raises(SignInRefused):
            client.require_issuer("https://id.example")

    def test_of_a_response_must_be_there_if_the_provider_always_names_it(self, provider: ForgingProvider) -> None:
        provider.metadata = {"authorization_response_iss_parameter_supported": True}
        client = client_of(provider)
        client.require_issuer(provider.issuer)
        with pytest.raises(SignInRefused):
            client.require_issuer(None)


class TestUnavailable:
    @pytest.mark.parametrize(
        "metadata",
        [
            {"issuer": "https://id.example"},
            {"issuer": None},
            {"token_endpoint": None},
            {"jwks_uri": "ftp://127.0.0.1/keys"},
            {"authorization_endpoint": "javascript:alert(1)"},
            {"padding": "x" * http.LARGEST},
        ],
        ids=lambda metadata: str(metadata)[:40],
    )
    def test_with_such_metadata(self, provider: ForgingProvider, metadata: dict[str, Any]) -> None:
        provider.metadata = metadata
        with pytest.raises(ProviderUnavailable):
            client_of(provider).authorization_url(PendingSignIn.begin(CALLBACK, None, None))

    @pytest.mark.parametrize("path", [METADATA, "/keys", "/token"])
    def test_without_this_document(self, provider: ForgingProvider, path: str) -> None:
        provider.unavailable = {path}
        with pytest.raises(ProviderUnavailable):
            identify(client_of(provider), provider, "c")

    def test_where_nothing_listens(self, provider: ForgingProvider) -> None:
        client = client_of(provider, oidc_issuer="http://127.0.0.1:9")
        with pytest.raises(ProviderUnavailable):
            client.authorization_url(PendingSignIn.begin(CALLBACK, None, None))

    def test_where_too_many_requests_are_under_way(
        self, provider: ForgingProvider, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(http, "PATIENCE", 0.01)
        requests = http.ProviderHttp()
        held = [requests.request() for _ in range(http.AT_ONCE)]
        for request in held:
            request.__enter__()
        with pytest.raises(ProviderUnavailable):
            requests.get_json(f"{provider.issuer}/keys")
        for request in held:
            request.__exit__(None, None, None)
        assert requests.get_json(f"{provider.issuer}/keys")

    def test_userinfo_is_not_needed(self, provider: ForgingProvider) -> None:
        provider.unavailable = {"/userinfo"}
        assert identify(client_of(provider), provider, "c") == "1"
