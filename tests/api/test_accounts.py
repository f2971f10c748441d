"""Registration, and who one is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from app.models import User
from tests.api.responses import faults, refusal
from tests.support.factories import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable

    from devtools.databases import DatabaseInside
    from tests.support.client import Client

ALICE = {"username": "alice", "password": PASSWORD}
TOO_LONG = "must have at most 256 characters"
TOO_SHORT = "must have at least 8 characters"
CONTROLS = "must not contain control characters or line breaks"
INVISIBLE = "must not contain invisible characters or marks of direction"
UNKNOWN = "is not a known field"


class TestRegister:
    def test_a_user(self, client: Client) -> None:
        reply = client.post("/register", json=ALICE)
        user = reply.json()
        assert reply.status_code == 201
        assert reply.headers["Location"] == "/auth/me"
        assert user == {
            "status": "success",
            "message": "user 'alice' registered",
            "id": user["id"],
            "username": "alice",
        }

    @pytest.mark.parametrize("username", ["a", "é" * 62, "Алиса", "有栖川 有栖", "O'Hara; --", "locust_1"])
    def test_names_of_any_language(self, client: Client, username: str) -> None:
        assert client.post("/register", json=ALICE | {"username": f" {username} "}).json()["username"] == username
        assert client.post("/auth/login", json=ALICE | {"username": username}).status_code == 200

    @pytest.mark.parametrize(
        "password", ["8 chars.", "é" * 8, "пароль из букв " * 17, "密" * 64, "🐈" * 256, "p" * 256, "  spaces  "]
    )
    def test_passwords_of_eight_to_256_characters(self, client: Client, password: str) -> None:
        client.post("/register", json=ALICE | {"password": password}).raise_for_status()
        assert client.post("/auth/login", json=ALICE | {"password": password}).status_code == 200

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            ("alice", "alice"),
            ("alice", "ALICE"),
            ("Алиса", "алиса"),
            ("Straße", "STRASSE"),
            ("fi", "ﬁ"),
            ("a b", "A  B"),
        ],
    )
    def test_no_two_of_one_name_whatever_its_capitals(self, client: Client, first: str, second: str) -> None:
        client.post("/register", json=ALICE | {"username": first}).raise_for_status()
        reply = client.post("/register", json=ALICE | {"username": second})
        assert refusal(reply) == (409, "username_taken")

    @pytest.mark.parametrize(
        ("field", "sent", "detail"),
        [
            ("username", "", "must not be empty"),
            ("username", " \t ", "must not be empty"),
            ("username", "x" * 65, "must have at most 64 characters"),
            ("username", "al\0ice", CONTROLS),
            ("username", "al\nice", CONTROLS),
            ("username", "al\x85ice", CONTROLS),
            ("username", "ali\N{ZERO WIDTH SPACE}ce", INVISIBLE),
            ("username", "ali\N{ZERO WIDTH JOINER}ce", INVISIBLE),
            ("username", "ali\N{SOFT HYPHEN}ce", INVISIBLE),
            ("username", "ali\N{RIGHT-TO-LEFT MARK}ce", INVISIBLE),
            ("username", "\N{LEFT-TO-RIGHT ISOLATE}alice\N{POP DIRECTIONAL ISOLATE}", INVISIBLE),
            ("username", "ali\N{VARIATION SELECTOR-1}ce", INVISIBLE),
            ("username", "ali\N{HANGUL FILLER}ce", INVISIBLE),
            ("username", "ali\ue000ce", INVISIBLE),
            ("username", None, "must be a string"),
            ("username", 5, "must be a string"),
            ("password", "", TOO_SHORT),
            ("password", "7 chars", TOO_SHORT),
            ("password", "p" * 257, TOO_LONG),
            ("password", "éé" * 3, TOO_SHORT),
            ("password", "é" * 257, TOO_LONG),
            ("password", "p" * 16_000, TOO_LONG),
            ("password", "nul\0 within", "must not contain a NUL"),
            ("password", None, "must be a string"),
            ("password", 12345678, "must be a string"),
            ("password", ["correct horse battery"], "must be a string"),
            ("role", "admin", UNKNOWN),
            ("id", 1, UNKNOWN),
        ],
    )
    def test_refuses(self, client: Client, field: str, sent: object, detail: str) -> None:
        reply = client.post("/register", json=ALICE | {field: sent})
        assert refusal(reply) == (400, "invalid_request")
        assert faults(reply) == [(f"/{field}", detail)]

    def test_names_every_fault(self, client: Client) -> None:
        assert faults(client.post("/register", json={"password": "short", "email": "a@b.c"})) == [
            ("/username", "is required"),
            ("/password", TOO_SHORT),
            ("/email", UNKNOWN),
        ]

    def test_the_shortest_password_is_a_setting(self, service_with: Callable[..., Client]) -> None:
        client = service_with(password_min_length=12)
        assert faults(client.post("/register", json=ALICE | {"password": "eleven long"})) == [
            ("/password", "must have at least 12 characters")
        ]
        assert client.post("/register", json=ALICE | {"password": "twelve long."}).status_code == 201


class TestLookalikes:
    @pytest.mark.parametrize(
        ("first", "second"),
        [
            ("alice", "\N{CYRILLIC SMALL LETTER A}lice"),
            ("\N{CYRILLIC SMALL LETTER A}lice", "alice"),
            ("paypal", "PaypaI"),
            ("PaypaI", "paypal"),
            ("modern", "rnodern"),
            ("bob", "b0b"),
        ],
    )
    def test_are_refused(self, client: Client, first: str, second: str) -> None:
        client.post("/register", json=ALICE | {"username": first}).raise_for_status()
        assert refusal(client.post("/register", json=ALICE | {"username": second})) == (409, "username_confusable")
        assert refusal(client.post("/auth/login", json=ALICE | {"username": second})) == (401, "bad_credentials")

    @pytest.mark.parametrize(("first", "second"), [("ian", "lan"), ("alice", "alicé"), ("reader 1", "reader 2")])
    def test_are_not_names_that_differ(self, client: Client, first: str, second: str) -> None:
        client.post("/register", json=ALICE | {"username": first}).raise_for_status()
        assert client.post("/register", json=ALICE | {"username": second}).status_code == 201

    def test_that_exist_log_in_as_ever(self, client: Client, database: DatabaseInside) -> None:
        """Names from before the check may look alike."""
        for name in ("alice", "bob"):
            client.post("/register", json=ALICE | {"username": name}).raise_for_status()
        same = {"shape_shown": "alice", "shape_folded": "alice"}
        database.connection.execute(update(User).values(**same))
        assert {
            client.post("/auth/login", json=ALICE | {"username": name}).status_code for name in ("alice", "bob")
        } == {200}


class TestWhoAmI:
    def test_me(self, client: Client) -> None:
        registered = client.post("/register", json=ALICE).json()
        token = client.post("/auth/login", json=ALICE).json()["access_token"]
        reply = client.as_bearer(token).get("/auth/me")
        assert reply.json() == {
            "id": registered["id"],
            "username": "alice",
            "role": "member",
            "disabled_at": None,
            "second_factor_since": None,
            "created_at": reply.json()["created_at"],
        }

    def test_me_requires_a_token(self, client: Client) -> None:
        assert refusal(client.get("/auth/me")) == (401, "token_missing")
