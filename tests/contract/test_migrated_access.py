"""The migration to sessions and roles, with users in the database: every account is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from passlib.hash import bcrypt
from sqlalchemy import text

from app.database import Database
from app.domain.names import name_key
from app.main import create_app
from devtools.databases import migrate, migrate_down, settings_for
from tests.api.responses import refusal
from tests.contract.schema import snapshot
from tests.support.client import Client
from tests.support.factories import PASSWORD, Factory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.openapi_contract import OpenApiContract

NAMES = ["Alice", "Алиса", "bob"]
BEGAN = datetime(2025, 2, 3, 4, 5, 6, 789, tzinfo=UTC)
ADD = text(
    "INSERT INTO users (id, username, username_key, password_hash, created_at)"
    " VALUES (:id, :username, :username_key, :password_hash, :created_at)"
)
USERS = text("SELECT id, username, username_key, password_hash, created_at FROM users ORDER BY id")


@dataclass
class MigratedUsers:
    """A database that got its users at revision 0002, and was migrated to the newest."""

    database: Database
    before: list[Any]
    schema: dict[str, Any]

    def users(self) -> list[Any]:
        """What 0002 knows of them."""
        with self.database.reading() as connection:
            return list(map(tuple, connection.execute(USERS)))


@pytest.fixture
def migrated_users(empty_url: str) -> Iterator[MigratedUsers]:
    database = Database.of(settings_for(empty_url))
    migrate(database.engine, "0002")
    with database.transaction() as db:
        for number, name in enumerate(NAMES, 1):
            password_hash = bcrypt.using(rounds=4).hash(PASSWORD)
            row = {"id": number * 5, "username": name, "username_key": name_key(name), "password_hash": password_hash}
            db.execute(ADD, row | {"created_at": BEGAN if database.engine.name == "postgresql" else str(BEGAN)})
        if database.engine.name == "postgresql":
            db.execute(text("SELECT setval(pg_get_serial_sequence('users', 'id'), 100)"))
        else:
            db.execute(text("UPDATE sqlite_sequence SET seq = 100 WHERE name = 'users'"))
    migrated = MigratedUsers(database, [], snapshot(database.engine))
    migrated.before = migrated.users()
    migrate(database.engine)
    yield migrated
    database.engine.dispose()


@pytest.fixture
def client(migrated_users: MigratedUsers, contract: OpenApiContract) -> Client:
    settings = settings_for(str(migrated_users.database.engine.url))
    return Client(create_app(settings, migrated_users.database), contract)


class TestUpgrade:
    def test_changes_nothing_that_was_there(self, migrated_users: MigratedUsers) -> None:
        assert len(migrated_users.before) == len(NAMES)
        assert migrated_users.users() == migrated_users.before

    @pytest.mark.parametrize("name", NAMES)
    def test_every_user_signs_in_as_before_and_is_a_member(self, client: Client, name: str) -> None:
        reply = client.post("/auth/login", json={"username": name, "password": PASSWORD})
        me = client.as_bearer(reply.json()["access_token"]).get("/auth/me").json()
        assert (me["username"], me["role"], me["disabled_at"]) == (name, "member", None)
        assert refusal(client.as_bearer(reply.json()["access_token"]).get("/users")) == (403, "not_admin")

    def test_ids_go_on_where_they_were(self, client: Client) -> None:
        assert Factory(client).user().get("/auth/me").json()["id"] == 101

    def test_no_two_users_have_one_name(self, client: Client) -> None:
        reply = client.post("/register", json={"username": "ALICE", "password": PASSWORD})
        assert refusal(reply) == (409, "username_taken")


class TestDowngrade:
    def test_leaves_users_and_tables_as_they_were(self, migrated_users: MigratedUsers, client: Client) -> None:
        member = Factory(client).user("newcomer")
        member.post("/auth/keys", json={"name": "import", "scopes": ["books:write"]}).raise_for_status()
        migrate_down(migrated_users.database.engine, "0002")
        assert snapshot(migrated_users.database.engine) == migrated_users.schema
        assert migrated_users.users()[:-1] == migrated_users.before
        migrate(migrated_users.database.engine)
        assert client.post("/auth/login", json={"username": "newcomer", "password": PASSWORD}).status_code == 200
        assert refusal(member.get("/auth/me")) == (401, "token_invalid")


class TestDowngradeOfDeletedUsers:
    def test_makes_them_disabled_users_with_other_names(self, migrated_users: MigratedUsers, client: Client) -> None:
        """A row without a name remains of a user who added a record; until revision 0014 each must have one."""
        make = Factory(client)
        leaving = make.user("leaving")
        author, deletion = make.author(leaving), {"current_password": PASSWORD}
        leaving.post("/auth/me/deletion", json=deletion).raise_for_status()
        migrate_down(migrated_users.database.engine, "0009")
        [(user_id, name, key, password_hash, _)] = migrated_users.users()[len(NAMES) :]
        assert (name, key, password_hash) == (f"deleted {user_id}", f"deleted {user_id} ", "-")
        migrate(migrated_users.database.engine)
        login = client.post("/auth/login", json={"username": name, "password": PASSWORD})
        assert refusal(login) == (401, "bad_credentials")
        assert make.user("newcomer").get(f"/authors/{author['id']}").json() == author
