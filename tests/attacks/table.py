"""The table of attacks: every bad bearer token by name, and how to make it from a valid one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.attacks.contents import CONTENTS
from tests.attacks.credentials import CREDENTIALS
from tests.attacks.endings import ENDINGS
from tests.attacks.forging import reissue
from tests.attacks.signatures import ALGORITHMS, KEYS, SIGNATURES

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.attacks.attack_fixtures import AttackContext
    from tests.attacks.credentials import Credential
    from tests.attacks.endings import Ending
    from tests.attacks.forging import Forgery

CHALLENGE = 'Bearer realm="books-api", error="invalid_token"'
"""RFC 6750, section 3.1."""


def _forged(forge: Forgery) -> Credential:
    return lambda context: forge(context.victim.access_token)


def _ended(end: Ending) -> Credential:
    def token(context: AttackContext) -> str:
        valid = context.victim.access_token
        end(context)
        return valid

    return token


VALID: dict[str, Credential] = {
    "as it was issued": lambda context: context.victim.access_token,
    "signed again": _forged(reissue()),
    "with an audience in a list": _forged(reissue(aud=["elsewhere", "books-api"])),
    "with a time from which it is good": _forged(reissue(nbf=1)),
    "a key": lambda context: context.victim.new_key(),
}
"""The controls: made in the same way, and let in."""

ATTACKS: dict[str, Credential] = {
    **{name: _forged(forge) for name, forge in (ALGORITHMS | KEYS | SIGNATURES | CONTENTS).items()},
    **{f"the session ended: {name}": _ended(end) for name, end in ENDINGS.items()},
    **CREDENTIALS,
}

ODD_HEADERS: dict[str, Callable[[str], list[str]]] = {
    "two in one, with a comma": lambda token: [f"Bearer {token}, Bearer {token}"],
    "two in one, without a space": lambda token: [f"Bearer {token},Bearer {token}"],
    "Basic before it": lambda token: [f"Basic YTpi, Bearer {token}"],
    "Basic with it": lambda token: [f"Basic {token}"],
    "the scheme twice": lambda token: [f"Bearer Bearer {token}"],
    "no scheme": lambda token: [token],
    "another scheme": lambda token: [f"Token {token}"],
    "a scheme that only begins so": lambda token: [f"Bearers {token}"],
    "a parameter": lambda token: [f'Bearer token="{token}"'],
    "in quotes": lambda token: [f'Bearer "{token}"'],
    "a tab within it": lambda token: [f"Bearer\t{token}"],
    "two headers, the good one first": lambda token: [f"Bearer {token}", "Bearer garbage"],
    "two headers, the good one last": lambda token: ["Bearer garbage", f"Bearer {token}"],
    "two headers of two schemes": lambda token: ["Basic YTpi", f"Bearer {token}"],
    "the good one in two headers": lambda token: [f"Bearer {token}", f"Bearer {token}"],
}
"""Values of `Authorization` that are not one Bearer token."""


def require_refusal(reply: httpx.Response) -> None:
    """A 401, and it says that the token is to blame."""
    assert (reply.status_code, reply.json().get("code")) == (401, "token_invalid")
    assert reply.headers["WWW-Authenticate"] == CHALLENGE
