"""Forged tokens that the service's own secret signed: what they say is to blame (RFC 8725, sections 3.8 to 3.12)."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from tests.attacks.forging import GONE, anew, decoded

if TYPE_CHECKING:
    from tests.attacks.forging import Forgery

NOW = int(time.time())
IN_AN_HOUR = NOW + 3600
NOBODY = str(10**17)


def _with(claim: str, value: Any) -> Forgery:
    return anew(**{claim: value})


def _respelled(spell: str) -> Forgery:
    """The right session, but spelled as the service never does."""

    def forge(token: str) -> str:
        return anew(sid=spell.format(decoded(token.split(".")[1])["sid"]))(token)

    return forge


HEADERS: dict[str, Forgery] = {
    "typ JWT": anew(header={"typ": "JWT"}),
    "typ of a refresh token": anew(header={"typ": "rt+jwt"}),
    "typ of a logout token": anew(header={"typ": "logout+jwt"}),
    "typ empty": anew(header={"typ": ""}),
    "typ null": anew(header={"typ": None}),
    "typ a list": anew(header={"typ": ["at+jwt"]}),
    "no typ": anew(header={"typ": GONE}),
    "crit exp": anew(header={"crit": ["exp"]}),
    "crit of what nobody knows": anew(header={"crit": ["urn:example:unknown"], "urn:example:unknown": 1}),
    "crit b64": anew(header={"crit": ["b64"], "b64": False}),
    "crit empty": anew(header={"crit": []}),
    "crit null": anew(header={"crit": None}),
    "crit a number": anew(header={"crit": 5}),
    "crit text": anew(header={"crit": "exp"}),
}

CLAIMS: dict[str, Forgery] = {
    "expired": anew(exp=NOW - 1),
    "expired long ago": anew(exp=1),
    "no exp": anew(exp=GONE),
    "exp null": anew(exp=None),
    "exp text": anew(exp="tomorrow"),
    "exp text of a number": anew(exp=str(IN_AN_HOUR)),
    "exp a list": anew(exp=[IN_AN_HOUR]),
    "not yet: nbf": anew(nbf=IN_AN_HOUR),
    "not yet: iat": anew(iat=IN_AN_HOUR),
    "nbf text": anew(nbf="yesterday"),
    "no iat": anew(iat=GONE),
    "iat text": anew(iat="yesterday"),
    "no jti": anew(jti=GONE),
    "no issuer": anew(iss=GONE),
    "another issuer": anew(iss="https://elsewhere.example"),
    "issuer a list": anew(iss=["books-api"]),
    "no audience": anew(aud=GONE),
    "another audience": anew(aud="elsewhere"),
    "other audiences": anew(aud=["elsewhere", "nowhere"]),
    "no sub": anew(sub=GONE),
    "sub of nobody": anew(sub=NOBODY),
    "no sid": anew(sid=GONE),
    "sid of nothing": anew(sid=NOBODY),
    **{
        f"{claim} {str(odd)[:12]!r}": _with(claim, odd)
        for claim in ("sub", "sid")
        for odd in ("", "alice", "0", "-1", "1.5", "9" * 30, "9" * 5000, 1, True, None, ["1"], {"id": 1})
    },
}


SPELLINGS: dict[str, Forgery] = {
    f"sid spelled {spell!r}": _respelled(spell)
    for spell in ("+{}", " {}", "{}\n", "0{}", "{}.0", "0x{}", "{}e0", "\N{ARABIC-INDIC DIGIT ZERO}{}")
}

SHAPES: dict[str, Forgery] = {
    "no token at all": lambda _token: "garbage",
    "only dots": lambda _token: "..",
    "three lists": lambda _token: "W10.W10.W10",
    "three nulls": lambda _token: "bnVsbA.bnVsbA.bnVsbA",
    "five parts, as an encrypted one has": lambda token: f"{token}.AAAA.AAAA",
    "the token twice": lambda token: f"{token}.{token}",
    "the token twice, with a space": lambda token: f"{token} {token}",
    "a letter too many": lambda token: token.replace(".", ".A", 1),
    "very long": lambda _token: "a" * 10_000,
    "very many parts": lambda _token: "a.b.c" * 2_000,
    "an escape": lambda _token: "\\u0000",
    "as JSON": lambda token: json.dumps(
        dict(zip(("protected", "payload", "signature"), token.split("."), strict=True))
    ),
}

CONTENTS = HEADERS | CLAIMS | SPELLINGS | SHAPES
