"""Forged tokens that the service's own secret signed: what they say is to blame (RFC 8725, sections 3.8 to 3.12)."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from tests.attacks.forging import GONE, decoded, reissue

if TYPE_CHECKING:
    from tests.attacks.forging import Forgery

NOW = int(time.time())
IN_AN_HOUR = NOW + 3600
IN_TWO_DAYS = NOW + 2 * 24 * 3600
NO_SUCH_ID = str(10**17)


def _with(claim: str, value: Any) -> Forgery:
    return reissue(**{claim: value})


def _respelled(spell: str) -> Forgery:
    """The right session, but spelled as the service never does."""

    def forge(token: str) -> str:
        return reissue(sid=spell.format(decoded(token.split(".")[1])["sid"]))(token)

    return forge


HEADERS: dict[str, Forgery] = {
    "typ JWT": reissue(header={"typ": "JWT"}),
    "typ of a refresh token": reissue(header={"typ": "rt+jwt"}),
    "typ of a logout token": reissue(header={"typ": "logout+jwt"}),
    "typ empty": reissue(header={"typ": ""}),
    "typ null": reissue(header={"typ": None}),
    "typ a list": reissue(header={"typ": ["at+jwt"]}),
    "no typ": reissue(header={"typ": GONE}),
    "crit exp": reissue(header={"crit": ["exp"]}),
    "crit of an unknown extension": reissue(header={"crit": ["urn:example:unknown"], "urn:example:unknown": 1}),
    "crit b64": reissue(header={"crit": ["b64"], "b64": False}),
    "crit empty": reissue(header={"crit": []}),
    "crit null": reissue(header={"crit": None}),
    "crit a number": reissue(header={"crit": 5}),
    "crit text": reissue(header={"crit": "exp"}),
}

CLAIMS: dict[str, Forgery] = {
    "expired": reissue(exp=NOW - 1),
    "expired long ago": reissue(exp=1),
    "no exp": reissue(exp=GONE),
    "exp null": reissue(exp=None),
    "exp text": reissue(exp="tomorrow"),
    "exp text of a number": reissue(exp=str(IN_AN_HOUR)),
    "exp a list": reissue(exp=[IN_AN_HOUR]),
    "not yet: nbf": reissue(nbf=IN_AN_HOUR),
    "not yet: iat": reissue(iat=IN_TWO_DAYS),
    "nbf text": reissue(nbf="yesterday"),
    "no iat": reissue(iat=GONE),
    "iat text": reissue(iat="yesterday"),
    "no jti": reissue(jti=GONE),
    "no issuer": reissue(iss=GONE),
    "another issuer": reissue(iss="https://elsewhere.example"),
    "issuer a list": reissue(iss=["books-api"]),
    "no audience": reissue(aud=GONE),
    "another audience": reissue(aud="elsewhere"),
    "other audiences": reissue(aud=["elsewhere", "nowhere"]),
    "no sub": reissue(sub=GONE),
    "sub of an unknown user": reissue(sub=NO_SUCH_ID),
    "no sid": reissue(sid=GONE),
    "sid of an unknown session": reissue(sid=NO_SUCH_ID),
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
