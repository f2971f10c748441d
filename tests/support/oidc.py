"""A browser that signs in at the forging provider, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from tests.support.users import SignedInUser

if TYPE_CHECKING:
    import httpx

    from tests.support.client import Client
    from tests.support.forging_provider import ForgingProvider

RETURN_URL = "https://app.example/signed-in"


def begin(client: Client, provider: ForgingProvider, **parameters: str) -> dict[str, str]:
    """Begin a sign-in. Returns: the parameters with which the browser is sent to the provider."""
    reply = client.get("/auth/oidc/login", params=parameters)
    assert reply.status_code == 303, reply.text
    return provider.begin(reply.headers["Location"])


def end(client: Client, sent: dict[str, str], **changes: str | None) -> httpx.Response:
    """The provider sends the browser back, with these parameters changed or, if None, left out."""
    parameters = {"code": uuid4().hex, "state": sent["state"]} | changes
    return client.get("/auth/oidc/callback", params={name: text for name, text in parameters.items() if text})


def code_of(reply: httpx.Response) -> str:
    """The code with which a sign-in ends."""
    assert reply.status_code == 303, reply.text
    page, _, code = reply.headers["Location"].partition("#")
    assert page == "/signed-in"
    return str(code)


def sign_in(client: Client, provider: ForgingProvider, **claims: object) -> str:
    """Sign in as the user that these claims describe. Returns: the code."""
    sent = begin(client, provider)
    provider.claims = claims
    return code_of(end(client, sent))


def exchange(client: Client, sign_in_code: str, /, **fields: object) -> httpx.Response:
    """Exchange the code of a sign-in for tokens."""
    return client.post("/auth/oidc/token", json={"sign_in_code": sign_in_code} | fields)


def newcomer(oidc: Client, provider: ForgingProvider, **claims: str) -> SignedInUser:
    """A user without a password, who has signed in at the provider."""
    claims = {"sub": "newcomer", "preferred_username": "newcomer"} | claims
    pair = exchange(oidc, sign_in(oidc, provider, **claims)).raise_for_status().json()
    me = oidc.as_bearer(pair["access_token"]).get("/auth/me").json()
    return SignedInUser(oidc, me["id"], me["username"], pair["access_token"], pair["refresh_token"])
