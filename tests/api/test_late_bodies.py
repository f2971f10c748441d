"""Rights that are lost while a body is read, as under servers that pass bodies on while they arrive."""

from __future__ import annotations

import json
from io import BytesIO
from typing import TYPE_CHECKING

import pytest

from tests.api.responses import refusal
from tests.support.users import new_admin, new_user

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed import WriteableBuffer as Buffer

    from app.database import Database
    from tests.support.client import Client
    from tests.support.users import SignedInUser


class LateBody(BytesIO):
    """A body; something else happens before it is read."""

    def __init__(self, body: bytes, before: Callable[[], object]) -> None:
        super().__init__(body)
        self._before: list[Callable[[], object]] = [before]

    def read(self, size: int | None = -1, /) -> bytes:
        self._wait()
        return super().read(size)

    def readinto(self, buffer: Buffer, /) -> int:
        self._wait()
        return super().readinto(buffer)

    def _wait(self) -> None:
        while self._before:
            self._before.pop()()


@pytest.fixture
def admin(client: Client, database: Database) -> SignedInUser:
    return new_admin(client, database)


@pytest.fixture
def write_late(through: Callable[..., Client]) -> Callable[..., tuple[int, str]]:
    """The refusal of an author's creation whose body is read after something else happened."""

    def write(bearer: str, before: Callable[[], object]) -> tuple[int, str]:
        body = json.dumps({"name": "Too Late"}).encode()
        client = through(**{"wsgi.input": LateBody(body, before)}).as_bearer(bearer)
        return refusal(client.post("/authors", content=body, headers={"Content-Type": "application/json"}))

    return write


class TestLost:
    def test_the_role(
        self, client: Client, database: Database, admin: SignedInUser, write_late: Callable[..., tuple[int, str]]
    ) -> None:
        victim = new_admin(client, database)
        key = victim.new_key()

        def demote() -> None:
            admin.client.patch(f"/users/{victim.user_id}", json={"role": "member"}).raise_for_status()

        assert write_late(key, demote) == (403, "role_lost")
        assert client.get("/authors").json() == []

    def test_the_account(self, client: Client, admin: SignedInUser, write_late: Callable[..., tuple[int, str]]) -> None:
        victim = new_user(client)

        def disable() -> None:
            admin.client.patch(f"/users/{victim.user_id}", json={"disabled": True}).raise_for_status()

        assert write_late(victim.access_token, disable) == (401, "token_invalid")
        assert client.get("/authors").json() == []

    def test_the_session(self, client: Client, write_late: Callable[..., tuple[int, str]]) -> None:
        victim = new_user(client)
        logout = victim.client.post
        assert write_late(victim.access_token, lambda: logout("/auth/logout").raise_for_status()) == (
            401,
            "token_invalid",
        )
        assert client.get("/authors").json() == []
