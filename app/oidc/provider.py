"""The OpenID provider: its metadata, where users sign in, and what it says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

import structlog
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from joserfc.errors import JoseError

from app.errors import ProviderUnavailable, SignInRefused
from app.oidc.http import ProviderHttp
from app.oidc.id_tokens import Expected, keys_of, read_id_token
from app.oidc.provider_documents import KeptDocument
from app.security.identity import ExternalIdentity

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

    from app.oidc.pending_sign_ins import PendingSignIn
    from app.settings import Settings

log = structlog.get_logger(__name__)

LONGEST_USERNAME = 255
LONGEST_DETAIL = 50
"""Characters of a claim's name, or of the code of an OAuth error (RFC 6749, section 5.2), in the log."""
OTHER_ISSUER = "issuer of the response"


class Metadata(NamedTuple):
    """What the service needs of the discovery document (OpenID Connect Discovery 1.0, section 3)."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    auth_method: str | None
    names_issuer: bool
    """Whether every response has the parameter `iss` (RFC 9207)."""


class Provider:
    """A provider, with which this service is registered as a client."""

    def __init__(self, settings: Settings) -> None:
        """Args: settings: with `oidc_issuer` and `oidc_client_id`."""
        self.issuer, self._client_id = str(settings.oidc_issuer), str(settings.oidc_client_id)
        self._client_secret, self._scopes = settings.oidc_client_secret, settings.oidc_scopes
        self._http = ProviderHttp()
        self._metadata = KeptDocument("metadata", self._fetch_metadata)
        self._keys: KeptDocument[KeySet] = KeptDocument("keys", self._fetch_keys)

    def authorization_url(self, pending: PendingSignIn) -> str:
        """Where the user signs in.

        Raises:
            ProviderUnavailable: the metadata cannot be fetched.
        """
        metadata = self._metadata.current()
        with self._client(metadata, pending.redirect_uri) as client:
            url, _ = client.create_authorization_url(
                metadata.authorization_endpoint,
                state=pending.state,
                code_verifier=pending.verifier,
                nonce=pending.nonce,
            )
        return str(url)

    def require_issuer(self, issuer: str | None) -> None:
        """Check the parameter `iss` of a response, against mix-up attacks (RFC 9207, section 2.4).

        Raises:
            SignInRefused: it names another provider, or is missing although this one always sends it.
        """
        if issuer != self.issuer and (issuer is not None or self._metadata.current().names_issuer):
            raise _refusal(OTHER_ISSUER)

    def identify(self, pending: PendingSignIn, code: str) -> ExternalIdentity:
        """Exchange a code, and learn who signed in.

        Raises:
            SignInRefused: the provider refuses the code, or its ID token is not valid.
            ProviderUnavailable: the provider does not respond.
        """
        metadata = self._metadata.current()
        try:
            with self._client(metadata, pending.redirect_uri) as client, self._http.request():
                tokens = client.fetch_token(
                    metadata.token_endpoint,
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=pending.verifier,
                )
            access_token = str(tokens["access_token"])
            expected = Expected(self.issuer, self._client_id, pending.nonce, access_token)
            claims = read_id_token(str(tokens["id_token"]), expected, self._keys.current, self._keys.latest)
        except (OAuthError, JoseError, ValueError, TypeError, KeyError) as error:
            detail = str(getattr(error, "claim", "") or getattr(error, "error", ""))[:LONGEST_DETAIL]
            raise _refusal(f"{type(error).__name__} {detail}".strip()) from error
        username = claims.get("preferred_username") or self._username_at(metadata, access_token, claims["sub"])
        if not isinstance(username, str) or len(username) > LONGEST_USERNAME or "\0" in username:
            username = None
        return ExternalIdentity(self.issuer, claims["sub"], username)

    def _username_at(self, metadata: Metadata, access_token: str, subject: str) -> object:
        """The preferred username at the userinfo endpoint, where many providers have it instead of in the ID token."""
        if metadata.userinfo_endpoint is None:
            return None
        try:
            claims = self._http.get_json(metadata.userinfo_endpoint, access_token)
        except ProviderUnavailable:  # only the proposal for a name is missing then
            return None
        return claims.get("preferred_username") if claims.get("sub") == subject else None  # Core 1.0, section 5.3.2

    def _client(self, metadata: Metadata, redirect_uri: str) -> OAuth2Client:
        return OAuth2Client(
            self._client_id,
            self._client_secret,
            token_endpoint_auth_method=metadata.auth_method,
            scope=self._scopes,
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            **self._http.options,
        )

    def _fetch_metadata(self) -> Metadata:
        document = self._http.get_json(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        if document.get("issuer") != self.issuer:
            log.error("oidc_issuer_differs", configured=self.issuer, found=str(document.get("issuer"))[:500])
            raise ProviderUnavailable
        methods = document.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        posts = "client_secret_basic" not in methods and "client_secret_post" in methods
        return Metadata(
            self._endpoint(document, "authorization_endpoint"),
            self._endpoint(document, "token_endpoint"),
            self._endpoint(document, "jwks_uri"),
            self._endpoint(document, "userinfo_endpoint") if document.get("userinfo_endpoint") else None,
            "client_secret_post" if posts and self._client_secret else None,
            document.get("authorization_response_iss_parameter_supported") is True,
        )

    def _endpoint(self, document: dict[str, Any], name: str) -> str:
        """A URL with the scheme of the issuer: https, except on this machine."""
        url = document.get(name)
        if not isinstance(url, str) or urlsplit(url).scheme != urlsplit(self.issuer).scheme:
            log.error("oidc_endpoint_missing", name=name)
            raise ProviderUnavailable
        return url

    def _fetch_keys(self) -> KeySet:
        return keys_of(self._http.get_json(self._metadata.current().jwks_uri))


def _refusal(cause: str) -> SignInRefused:
    """Log the cause, which the response does not give: the name of an error, and of a claim or an OAuth error."""
    log.warning("oidc_sign_in_refused", cause=cause)
    return SignInRefused()
