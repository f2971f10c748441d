"""Forged tokens whose signature is to blame: algorithms and keys that an attacker may try.

Source: RFC 8725, sections 2.1, 2.2, 3.1, 3.2 and 3.10.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.attacks.forging import (
    EC,
    GONE,
    RSA,
    altered,
    by_attacker,
    certificate,
    public_pem,
    reissue,
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
    "alg none, signed with the secret": reissue(header={"alg": "none"}),
    "alg in small letters": reissue(header={"alg": "hs256"}),
    "alg with a space": reissue(header={"alg": "HS256 "}),
    "alg HS384 with the secret": reissue(header={"alg": "HS384"}),
    "alg HS512 with the secret": reissue(header={"alg": "HS512"}),
    "alg unknown": reissue(header={"alg": "HS1"}),
    "alg empty": reissue(header={"alg": ""}),
    "alg null": reissue(header={"alg": None}),
    "alg a list": reissue(header={"alg": ["HS256"]}),
    "alg an object": reissue(header={"alg": {"HS256": 1}}),
    "no alg": reissue(header={"alg": GONE}),
    "alg RS256": by_attacker("RS256", RSA),
    "alg PS256": by_attacker("PS256", RSA),
    "alg ES256": by_attacker("ES256", EC),
}

KEYS: dict[str, Forgery] = {
    "another secret": reissue(key="another secret, also of more than 32 bytes"),
    "an empty secret": reissue(key=b""),
    "an RSA public key as the secret": reissue(key=public_pem(RSA)),
    "an EC public key as the secret": reissue(key=public_pem(EC)),
    "an RSA public key as the secret, HS384": reissue(key=public_pem(RSA), header={"alg": "HS384"}),
    "an RSA public key as the secret, HS512": reissue(key=public_pem(RSA), header={"alg": "HS512"}),
    "kid unknown": reissue(header={"kid": "0123456789abcdef"}),
    "kid unknown, own secret": reissue(key=OWN, header={"kid": "0123456789abcdef"}),
    "no kid": reissue(header={"kid": GONE}),
    "no kid, empty secret": reissue(key=b"", header={"kid": GONE}),
    "kid null": reissue(header={"kid": None}),
    "kid a number": reissue(header={"kid": 0}),
    "kid true": reissue(header={"kid": True}),
    "kid a list": reissue(header={"kid": []}),
    "kid an object": reissue(header={"kid": {}}),
    "kid empty": reissue(key=b"", header={"kid": ""}),
    "kid a path upwards": reissue(key=b"", header={"kid": "../../../../../../dev/null"}),
    "kid a path": reissue(key=b"", header={"kid": "/dev/null"}),
    "kid a file with known content": reissue(key=b"2\n", header={"kid": "/proc/sys/kernel/randomize_va_space"}),
    "kid with a NUL": reissue(key=b"", header={"kid": "/dev/null\0"}),
    "kid SQL": reissue(key=OWN, header={"kid": SQL}),
    "kid a command": reissue(key=OWN, header={"kid": "$(id)`id`|id"}),
    "kid an address": reissue(key=OWN, header={"kid": ELSEWHERE}),
    "kid very long": reissue(header={"kid": "0" * 5000}),
    "jwk of an own secret": reissue(key=OWN, header={"jwk": OCT, "kid": GONE}),
    "jwk of an own secret under the kid": reissue(key=OWN, header={"jwk": OCT}),
    "jwk EC": by_attacker("ES256", EC, jwk=EC.as_dict(private=False), kid=GONE),
    "jwk RSA under the kid": by_attacker("RS256", RSA, jwk=RSA.as_dict(private=False)),
    "jku": by_attacker("RS256", RSA, jku=ELSEWHERE, kid=GONE),
    "jku under the kid": reissue(key=OWN, header={"jku": ELSEWHERE}),
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
    "the signature of another token": lambda token: (
        f"{reissue(jti='x')(token).rpartition('.')[0]}.{token.split('.')[2]}"
    ),
    "a header null": swapped(None),
    "a header of another kind": swapped([]),
    "a header that is text": swapped("HS256"),
    "a header with nothing in it": swapped({}),
}
