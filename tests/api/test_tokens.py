"""Access tokens: a good one, and every kind of bad one."""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING, Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey
from sqlalchemy import delete

from app.models import User
from app.tokens import key_id
from tests.api.answers import refusal
from tests.databases import SECRET

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.client import Client
    from tests.databases import DatabaseInside
    from tests.factories import Factory

HEADER = {"alg": "HS256", "typ": "at+jwt", "kid": key_id(SECRET)}
KEY = OctKey.import_key(SECRET)
OTHER_KEY = OctKey.import_key("another secret, also of more than 32 bytes")
NOBODY = str(10**17)


def signed(claims: dict[str, Any], header: dict[str, str] = HEADER, key: Any = KEY) -> str:
    """A token with these claims, in whatever way."""
    return jwt.encode(header, claims, key, algorithms=[header["alg"]])


def claims_of(member: Client, **changes: Any) -> dict[str, Any]:
    """The claims of a good token of this user, with changes; None takes a claim away."""
    now = int(time.time())
    payload = member.headers["Authorization"].split(".")[1]
    issued = json.loads(urlsafe_b64decode(payload + "=="))
    good = {name: issued[name] for name in ("iss", "aud", "sub", "sid")} | {"iat": now, "exp": now + 60, "jti": "1"}
    return {name: value for name, value in (good | changes).items() if value is not None}


def unsigned(claims: dict[str, Any]) -> str:
    """A token that says it needs no signature."""
    _, payload, _ = signed(claims).split(".")
    header = urlsafe_b64encode(b'{"alg":"none","typ":"at+jwt"}').rstrip(b"=").decode()
    return f"{header}.{payload}."


class TestGoodToken:
    def test_lets_in(self, client: Client, member: Client) -> None:
        assert client.as_bearer(signed(claims_of(member))).get("/auth/me").status_code == 200

    @pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER   "])
    def test_the_scheme_has_no_case(self, client: Client, member: Client, scheme: str) -> None:
        headers = {"Authorization": f"{scheme}{signed(claims_of(member))}"}
        assert client.get("/auth/me", headers=headers).status_code == 200


class TestBadToken:
    """Each is the good one of above, but for one thing."""

    @pytest.mark.parametrize(
        "changes",
        [
            {"exp": 1},
            {"exp": None},
            {"exp": "tomorrow"},
            {"iat": None},
            {"iat": "yesterday"},
            {"jti": None},
            {"iss": None},
            {"iss": "https://elsewhere.example"},
            {"aud": None},
            {"aud": "elsewhere"},
            {"aud": ["elsewhere"]},
            {"sub": None},
            {"sub": ""},
            {"sub": "alice"},
            {"sub": "1.5"},
            {"sub": "-1"},
            {"sub": NOBODY},
            {"sub": "9" * 30},
            {"sub": "9" * 5000},
            {"sub": ["1"]},
            {"sub": {"id": 1}},
        ],
        ids=lambda changes: str(changes)[:30],
    )
    def test_by_its_claims(self, client: Client, member: Client, changes: dict[str, Any]) -> None:
        self.require_refusal(client.as_bearer(signed(claims_of(member, **changes))))

    @pytest.mark.parametrize("typ", ["JWT", "rt+jwt", ""])
    def test_by_its_type(self, client: Client, member: Client, typ: str) -> None:
        self.require_refusal(client.as_bearer(signed(claims_of(member), HEADER | {"typ": typ})))

    @pytest.mark.parametrize(
        ("algorithm", "key"),
        [("HS256", OTHER_KEY), ("HS384", KEY), ("HS512", KEY), ("ES256", ECKey.generate_key("P-256"))],
        ids=["another key", "HS384", "HS512", "ES256"],
    )
    def test_by_its_signature(self, client: Client, member: Client, algorithm: str, key: Any) -> None:
        self.require_refusal(client.as_bearer(signed(claims_of(member), HEADER | {"alg": algorithm}, key)))

    def test_by_its_lack_of_a_signature(self, client: Client, member: Client) -> None:
        self.require_refusal(client.as_bearer(unsigned(claims_of(member))))

    @pytest.mark.parametrize(
        "header",
        [
            None,
            [],
            "HS256",
            {},
            {"alg": None},
            {"alg": ["HS256"]},
            {"alg": {"HS256": 1}},
            {"alg": "none"},
            HEADER | {"typ": ["at+jwt"]},
            HEADER | {"crit": None},
            HEADER | {"crit": 5},
            HEADER | {"crit": ["exp"]},
            HEADER | {"b64": False},
            HEADER | {"jwk": {"kty": "oct", "k": "AAAA"}},
            HEADER | {"zip": "DEF"},
        ],
        ids=str,
    )
    def test_by_its_header(self, client: Client, member: Client, header: object) -> None:
        _, rest = signed(claims_of(member)).split(".", 1)
        forged = urlsafe_b64encode(json.dumps(header).encode()).rstrip(b"=").decode()
        self.require_refusal(client.as_bearer(f"{forged}.{rest}"))

    @pytest.mark.parametrize(
        "change",
        [
            lambda token: token[:-1],
            lambda token: token.rpartition(".")[0],
            lambda token: token.rpartition(".")[0] + ".",
            lambda token: f"{token}.{token}",
            lambda token: f"{token} {token}",
            lambda token: token.replace(".", ".A", 1),
            lambda _token: "garbage",
            lambda _token: "..",
            lambda _token: "W10.W10.W10",
            lambda _token: "bnVsbA.bnVsbA.bnVsbA",
            lambda _token: "a" * 10_000,
            lambda _token: "a.b.c" * 2_000,
            lambda _token: "\\u0000",
        ],
    )
    def test_by_its_shape(self, client: Client, member: Client, change: Callable[[str], str]) -> None:
        self.require_refusal(client.as_bearer(change(signed(claims_of(member)))))

    def test_by_letters_beyond_ascii(self, through: Callable[..., Client]) -> None:
        self.require_refusal(through(HTTP_AUTHORIZATION="Bearer \xe9\xff.\x80.\xfc"))

    def test_of_a_user_who_is_gone(self, member: Client, make: Factory, database: DatabaseInside) -> None:
        gone = make.user()
        gone.get("/auth/me").raise_for_status()
        with database.transaction() as session:
            session.execute(delete(User).where(User.id == gone.get("/auth/me").json()["id"]))
        self.require_refusal(gone)
        assert member.get("/auth/me").status_code == 200

    def require_refusal(self, client: Client) -> None:
        """A 401, and it says that the token is to blame."""
        reply = client.get("/auth/me")
        assert refusal(reply) == (401, "token_invalid")
        assert reply.headers["WWW-Authenticate"] == 'Bearer realm="books-api", error="invalid_token"'


class TestNoToken:
    @pytest.mark.parametrize("header", ["", " ", "Bearer", "Bearer ", "Basic YTpi", "Token abc", "Bearer,", "\t"])
    def test_is_told_to_sign_in(self, client: Client, header: str) -> None:
        reply = client.get("/auth/me", headers={"Authorization": header})
        assert refusal(reply) == (401, "token_missing")
        assert reply.headers["WWW-Authenticate"] == 'Bearer realm="books-api"'

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("POST", "/books"),
            ("PUT", "/books/1"),
            ("DELETE", "/books/1"),
            ("POST", "/authors"),
            ("GET", "/auth/me"),
        ],
    )
    def test_is_told_so_before_anything_else(self, client: Client, method: str, path: str) -> None:
        reply = client.request(method, path, content=b"\xff", headers={"Content-Type": "nonsense"})
        assert refusal(reply) == (401, "token_missing")
