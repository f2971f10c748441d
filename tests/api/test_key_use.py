"""API keys as programs use them, and what stops them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete

from app.models import ApiKey, User
from app.security.roles import IMPORTS, READ, WRITE
from devtools.databases import counted_queries
from tests.api.responses import refusal, user_id
from tests.support.factories import PASSWORD, Factory

if TYPE_CHECKING:
    from devtools.databases import DatabaseInside
    from tests.support.client import Client


@pytest.fixture
def key(member: Client, make: Factory) -> dict[str, Any]:
    """A key that may write."""
    return make.key(member, WRITE)


@pytest.fixture
def program(client: Client, key: dict[str, Any]) -> Client:
    """A program that has it."""
    return client.as_bearer(key["key"])


def require_stopped(program: Client) -> None:
    """A 401, and it says that the key is to blame."""
    reply = program.post("/authors", json={"name": "George Eliot"})
    assert refusal(reply) == (401, "token_invalid")
    assert reply.headers["WWW-Authenticate"] == 'Bearer realm="books-api", error="invalid_token"'


class TestUse:
    def test_what_it_adds_is_its_user_s(self, member: Client, program: Client, make: Factory) -> None:
        book = make.book(program)
        assert book["created_by"] == user_id(member) == user_id(program)
        assert program.delete(f"/books/{book['id']}").status_code == 200

    def test_several_scopes_together(self, member: Client, make: Factory) -> None:
        key = make.key(member, IMPORTS, READ, WRITE)
        make.author(member.as_bearer(key["key"]))

    def test_without_the_scope_says_which(self, member: Client, make: Factory) -> None:
        reader = member.as_bearer(make.key(member, READ, IMPORTS)["key"])
        reply = reader.post("/authors", json={"name": "George Eliot"})
        assert refusal(reply) == (403, "insufficient_scope")
        assert reply.json()["detail"] == "The API key does not have the scope 'books:write'."

    @pytest.mark.parametrize("scopes", ["books:read", "books:writes", "xbooks:write", "books:write-not imports"])
    def test_a_scope_is_a_whole_word(
        self, program: Client, key: dict[str, Any], database: DatabaseInside, scopes: str
    ) -> None:
        database.mark(ApiKey, key["id"], scopes=scopes)
        assert refusal(program.post("/authors", json={"name": "George Eliot"})) == (403, "insufficient_scope")

    def test_takes_one_query_to_know_it(self, program: Client, database: DatabaseInside) -> None:
        program.get("/auth/me")  # its use is noted
        with counted_queries(database.engine) as statements:
            program.get("/auth/me")
        assert len(statements) == 2  # the key, and its user

    def test_reading_does_not_look_at_it(self, program: Client, database: DatabaseInside) -> None:
        program.has_twin = False
        with counted_queries(database.engine) as statements:
            program.get("/books")
        assert len(statements) == 1
        assert [statement for statement in statements if "api_keys" in statement] == []


class TestWrongKey:
    @pytest.mark.parametrize(
        "change",
        [
            lambda key: key[:-1],
            lambda key: key + "A",
            lambda key: key.swapcase(),
            lambda key: "bk_" + key[3:][::-1],
            lambda key: f"{key} {key}",
            lambda _key: "bk_",
            lambda _key: "bk_" + "A" * 10_000,
            lambda _key: "bk_%",
        ],
    )
    def test_is_refused(self, client: Client, key: dict[str, Any], change: Any) -> None:
        require_stopped(client.as_bearer(change(key["key"])))

    def test_its_digest_is_no_key(self, client: Client, key: dict[str, Any], database: DatabaseInside) -> None:
        """What is in the database cannot be used to sign in."""
        with database.transaction() as db:
            kept = db.get_one(ApiKey, key["id"])
        for stolen in (kept.hash, f"bk_{kept.hash}", kept.prefix):
            require_stopped(client.as_bearer(stolen))

    def test_no_refresh_token_and_no_password_reset_is_a_key(
        self, client: Client, admin: Client, make: Factory
    ) -> None:
        make.user("alice")
        login = client.post("/auth/login", json={"username": "alice", "password": PASSWORD}).json()
        reset = admin.post(f"/users/{user_id(client.as_bearer(login['access_token']))}/password-reset").json()
        for other in (login["refresh_token"], reset["token"]):
            require_stopped(client.as_bearer(other))

    @pytest.mark.parametrize("where", ["?access_token={}", "?key={}", "?api_key={}"])
    def test_an_address_carries_no_key(self, client: Client, key: dict[str, Any], where: str) -> None:
        """It would stand in logs and histories (RFC 6750, section 2.3)."""
        assert refusal(client.get("/auth/me" + where.format(key["key"]))) == (401, "token_missing")


class TestEnd:
    def test_comes_when_its_time_is_over(self, program: Client, key: dict[str, Any], database: DatabaseInside) -> None:
        database.mark(ApiKey, key["id"], expires_at=datetime.now(UTC) + timedelta(minutes=1))
        assert program.get("/auth/me").status_code == 200
        database.mark(ApiKey, key["id"], expires_at=datetime.now(UTC))
        require_stopped(program)

    def test_comes_with_its_user_s(self, member: Client, program: Client, database: DatabaseInside) -> None:
        with database.transaction() as db:
            db.execute(delete(User).where(User.id == user_id(member)))
        require_stopped(program)

    def test_does_not_come_with_a_session_or_a_password(self, member: Client, program: Client) -> None:
        passwords = {"current_password": PASSWORD, "new_password": "a staple of many readers"}
        member.put("/auth/password", json=passwords).raise_for_status()
        member.post("/auth/logout-all").raise_for_status()
        assert program.get("/auth/me").status_code == 200


class TestLastUse:
    def test_is_noted(self, member: Client, program: Client, key: dict[str, Any]) -> None:
        before = datetime.now(UTC)
        program.get("/auth/me")
        assert before <= self.noted(member, key) <= datetime.now(UTC)

    @pytest.mark.parametrize("seconds_ago", [0, 30, 50])
    def test_is_not_noted_again_within_a_minute(
        self, member: Client, program: Client, key: dict[str, Any], database: DatabaseInside, seconds_ago: int
    ) -> None:
        used = datetime.now(UTC) - timedelta(seconds=seconds_ago)
        database.mark(ApiKey, key["id"], last_used_at=used)
        program.get("/auth/me")
        assert self.noted(member, key) == used

    @pytest.mark.parametrize("seconds_ago", [61, 86_400])
    def test_is_noted_again_after_a_minute(
        self, member: Client, program: Client, key: dict[str, Any], database: DatabaseInside, seconds_ago: int
    ) -> None:
        used = datetime.now(UTC) - timedelta(seconds=seconds_ago)
        database.mark(ApiKey, key["id"], last_used_at=used)
        program.get("/auth/me")
        assert self.noted(member, key) > used + timedelta(minutes=1)

    def test_of_a_key_that_is_refused_is_not(
        self, member: Client, program: Client, key: dict[str, Any], database: DatabaseInside
    ) -> None:
        database.mark(ApiKey, key["id"], expires_at=datetime.now(UTC))
        require_stopped(program)
        assert member.get(f"/auth/keys/{key['id']}").json()["last_used_at"] is None

    def noted(self, member: Client, key: dict[str, Any]) -> datetime:
        """When it was last used, as its user sees it."""
        return datetime.fromisoformat(member.get(f"/auth/keys/{key['id']}").json()["last_used_at"])

    def test_outlasts_the_request_in_a_database_that_is_not_the_test_s(self, own_client: Client) -> None:
        """A reader's connection begins no transaction, and the use is written on it all the same."""
        make = Factory(own_client)
        member = make.user()
        key = make.key(member, READ)
        own_client.as_bearer(key["key"]).get("/auth/me").raise_for_status()
        assert self.noted(member, key) <= datetime.now(UTC)
