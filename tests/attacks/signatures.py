"""Forged tokens whose signature is to blame: by which algorithm and which key somebody may think to have signed.

Source: RFC 8725, sections 2.1, 2.2, 3.1, 3.2 and 3.10.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.attacks.forging import (
    EC,
    GONE,
    RSA,
    altered,
    anew,
    by_attacker,
    certificate,
    public_pem,
    swapped,
    unsigned,
)

if TYPE_CHECKING:
    from tests.attacks.forging import Forgery

ELSEWHERE = "http://127.0.0.1:9/keys"
OCT = {"kty": "oct", "k": "YXR0YWNrZXIncyBvd24gc2VjcmV0LCBsb25nIGVub3VnaA"}
OWN = b"attacker's own secret, long enough"
SQL = "' UNION SELECT 'attacker''s own secret, long enough' --"

ALGORITHMS: dict[str, Forgery] = {
    "alg none": unsigned("none"),
    "alg None": unsigned("None"),
    "alg NONE": unsigned("NONE"),
    "alg nOnE": unsigned("nOnE"),
    "alg none under the old signature": lambda token: unsigned("none")(token) + token.rpartition(".")[2],
    "alg none, signed with the secret": anew(header={"alg": "none"}),
    "alg in small letters": anew(header={"alg": "hs256"}),
    "alg with a space": anew(header={"alg": "HS256 "}),
    "alg HS384 with the secret": anew(header={"alg": "HS384"}),
    "alg HS512 with the secret": anew(header={"alg": "HS512"}),
    "alg unknown": anew(header={"alg": "HS1"}),
    "alg empty": anew(header={"alg": ""}),
    "alg null": anew(header={"alg": None}),
    "alg a list": anew(header={"alg": ["HS256"]}),
    "alg an object": anew(header={"alg": {"HS256": 1}}),
    "no alg": anew(header={"alg": GONE}),
    "alg RS256": by_attacker("RS256", RSA),
    "alg PS256": by_attacker("PS256", RSA),
    "alg ES256": by_attacker("ES256", EC),
}

KEYS: dict[str, Forgery] = {
    "another secret": anew(key="another secret, also of more than 32 bytes"),
    "an empty secret": anew(key=b""),
    "an RSA public key as the secret": anew(key=public_pem(RSA)),
    "an EC public key as the secret": anew(key=public_pem(EC)),
    "an RSA public key as the secret, HS384": anew(key=public_pem(RSA), header={"alg": "HS384"}),
    "an RSA public key as the secret, HS512": anew(key=public_pem(RSA), header={"alg": "HS512"}),
    "kid unknown": anew(header={"kid": "0123456789abcdef"}),
    "kid unknown, own secret": anew(key=OWN, header={"kid": "0123456789abcdef"}),
    "no kid": anew(header={"kid": GONE}),
    "no kid, empty secret": anew(key=b"", header={"kid": GONE}),
    "kid null": anew(header={"kid": None}),
    "kid a number": anew(header={"kid": 0}),
    "kid true": anew(header={"kid": True}),
    "kid a list": anew(header={"kid": []}),
    "kid an object": anew(header={"kid": {}}),
    "kid empty": anew(key=b"", header={"kid": ""}),
    "kid a path upwards": anew(key=b"", header={"kid": "../../../../../../dev/null"}),
    "kid a path": anew(key=b"", header={"kid": "/dev/null"}),
    "kid a file that everybody knows": anew(key=b"2\n", header={"kid": "/proc/sys/kernel/randomize_va_space"}),
    "kid with a NUL": anew(key=b"", header={"kid": "/dev/null\0"}),
    "kid SQL": anew(key=OWN, header={"kid": SQL}),
    "kid a command": anew(key=OWN, header={"kid": "$(id)`id`|id"}),
    "kid an address": anew(key=OWN, header={"kid": ELSEWHERE}),
    "kid very long": anew(header={"kid": "0" * 5000}),
    "jwk of an own secret": anew(key=OWN, header={"jwk": OCT, "kid": GONE}),
    "jwk of an own secret under the kid": anew(key=OWN, header={"jwk": OCT}),
    "jwk EC": by_attacker("ES256", EC, jwk=EC.as_dict(private=False), kid=GONE),
    "jwk RSA under the kid": by_attacker("RS256", RSA, jwk=RSA.as_dict(private=False)),
    "jku": by_attacker("RS256", RSA, jku=ELSEWHERE, kid=GONE),
    "jku under the kid": anew(key=OWN, header={"jku": ELSEWHERE}),
    "x5u": by_attacker("RS256", RSA, x5u=ELSEWHERE, kid=GONE),
    "x5u of a file": by_attacker("RS256", RSA, x5u="file:///dev/null"),
    "x5c": by_attacker("RS256", RSA, x5c=[certificate()], kid=GONE),
    "x5c under the kid": by_attacker("RS256", RSA, x5c=[certificate()]),
}

SIGNATURES: dict[str, Forgery] = {
    "no signature": lambda token: token.rpartition(".")[0] + ".",
    "no signature, and no dot": lambda token: token.rpartition(".")[0],
    "half a signature": lambda token: token[:-20],
    "one letter less": lambda token: token[:-1],
    "another letter in the signature": lambda token: altered(token, token.rindex(".") + 1),
    "another letter in the claims": lambda token: altered(token, token.index(".") + 20),
    "the signature of another token": lambda token: f"{anew(jti='x')(token).rpartition('.')[0]}.{token.split('.')[2]}",
    "a header null": swapped(None),
    "a header of another kind": swapped([]),
    "a header that is text": swapped("HS256"),
    "a header with nothing in it": swapped({}),
}
