"""What a new password must not be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.api.responses import faults, refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.client import Client

COMMON = "is among the most common passwords"
NAME = "must not be your username"
WORD = "must not be a word that belongs to this service"


class TestRegister:
    @pytest.mark.parametrize(
        ("username", "password", "detail"),
        [
            ("alice", "iloveyou", COMMON),
            ("alice", "TrustNo1", COMMON),
            ("alice", "BooksAPI", WORD),
            ("wonderland", "wonderland", NAME),
            ("alice", "Alice-2024", NAME),
            (" alice ", "alice1234", NAME),
        ],
    )
    def test_refuses(self, client: Client, username: str, password: str, detail: str) -> None:
        reply = client.post("/register", json={"username": username, "password": password})
        assert refusal(reply) == (400, "invalid_request")
        assert faults(reply) == [("/password", detail)]
        assert password not in reply.text

    def test_names_every_fault(self, client: Client) -> None:
        assert faults(client.post("/register", json={"username": "", "password": "12345678", "role": "admin"})) == [
            ("/username", "must not be empty"),
            ("/password", COMMON),
            ("/role", "is not a known field"),
        ]

    def test_whatever_comes_first(self, client: Client) -> None:
        body = '{"password": "alice1234", "username": "alice"}'
        reply = client.post("/register", content=body, headers={"Content-Type": "application/json"})
        assert faults(reply) == [("/password", NAME)]

    @pytest.mark.parametrize("password", ["correct horse battery", "a swarm of readers"])
    def test_takes_those_of_the_docs(self, client: Client, password: str) -> None:
        assert client.post("/register", json={"username": "alice", "password": password}).status_code == 201

    @pytest.mark.parametrize(
        "password", ["qzkvwxjy", "QZKVWXJY", "84029571", "!?;:()[]", "a       ", "пароль из слов", "🐙🐚🐠🐬🐙🐚🐠🐬"]
    )
    def test_asks_for_no_kind_of_character(self, client: Client, password: str) -> None:
        body = {"username": "alice", "password": password}
        assert client.post("/register", json=body).status_code == 201
        assert client.post("/auth/login", json=body).status_code == 200

    def test_the_list_is_a_setting(self, service_with: Callable[..., Client]) -> None:
        client = service_with(password_blocklist=False)
        assert client.post("/register", json={"username": "alice", "password": "password"}).status_code == 201
        assert client.post("/register", json={"username": "bob", "password": "booksapi"}).status_code == 201
        assert faults(client.post("/register", json={"username": "carol", "password": "carol123"})) == [
            ("/password", NAME)
        ]


class TestLogin:
    def test_takes_a_password_that_is_refused_today(self, service_with: Callable[..., Client]) -> None:
        body = {"username": "alice", "password": "password"}
        service_with(password_blocklist=False).post("/register", json=body).raise_for_status()
        assert service_with().post("/auth/login", json=body).status_code == 200
