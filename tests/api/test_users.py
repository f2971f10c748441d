"""Users, as admins see them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from app.models import User
from app.security.roles import ADMIN, READ
from devtools.databases import counted_queries
from tests.api.responses import faults, ids, next_cursor, pages, refusal, user_id
from tests.support.factories import PASSWORD

if TYPE_CHECKING:
    from devtools.databases import DatabaseInside
    from tests.support.client import Client
    from tests.support.factories import Factory

NO_SUCH_ID = 10**17
UNKNOWN = "is not a known parameter"


@pytest.fixture
def user_ids(admin: Client, make: Factory, database: DatabaseInside) -> dict[str, int]:
    """Users by name: two members and two admins, one of each disabled; beside the admin who sends the requests."""
    ids_by_name = {name: user_id(make.user(name)) for name in ("alice", "Борис", "carol", "dave")}
    for name in ("carol", "dave"):
        database.mark(User, ids_by_name[name], role=ADMIN)
    for name in ("Борис", "dave"):
        database.mark(User, ids_by_name[name], disabled_at=datetime.now(UTC))
    return ids_by_name | {"admin": user_id(admin)}


class TestList:
    def test_says_this_of_each_and_no_more(self, admin: Client, user_ids: dict[str, int]) -> None:
        reply = admin.get("/users")
        listed = {user["id"]: user for user in reply.json()}
        alice = listed[user_ids["alice"]]
        assert alice == {
            "id": user_ids["alice"],
            "username": "alice",
            "role": "member",
            "disabled_at": None,
            "second_factor_since": None,
            "created_at": alice["created_at"],
        }
        assert {tuple(user) for user in listed.values()} == {tuple(alice)}
        assert listed[user_ids["dave"]]["disabled_at"].endswith("Z")
        assert reply.headers["Cache-Control"] == "no-store"

    @pytest.mark.parametrize(
        ("filters", "found"),
        [
            ({}, ["admin", "alice", "Борис", "carol", "dave"]),
            ({"username": "ALICE"}, ["alice"]),
            ({"username": " бОРИС "}, ["Борис"]),
            ({"username": "alic"}, []),
            ({"username": "%"}, []),
            ({"role": "admin"}, ["admin", "carol", "dave"]),
            ({"role": "member"}, ["alice", "Борис"]),
            ({"disabled": "true"}, ["Борис", "dave"]),
            ({"disabled": "false"}, ["admin", "alice", "carol"]),
            ({"disabled": "true", "role": "admin"}, ["dave"]),
            ({"disabled": "true", "role": "admin", "username": "dave"}, ["dave"]),
            ({"disabled": "false", "username": "dave"}, []),
        ],
        ids=str,
    )
    def test_by_what_is_asked(
        self, admin: Client, user_ids: dict[str, int], filters: dict[str, str], found: list[str]
    ) -> None:
        reply = admin.get("/users", params=filters | {"count": "exact"})
        assert ids(reply.json()) == sorted(user_ids[name] for name in found)
        assert reply.headers["X-Total-Count"] == str(len(found))

    @pytest.mark.parametrize(
        ("filters", "wrong"),
        [
            ({"role": "owner"}, [("role", "must be 'member' or 'admin'")]),
            ({"role": "Admin"}, [("role", "must be 'member' or 'admin'")]),
            ({"disabled": "yes"}, [("disabled", "must be 'true' or 'false'")]),
            ({"disabled": ""}, [("disabled", "must not be empty")]),
            ({"username": "al\0ice"}, [("username", "must not contain a NUL")]),
            ({"username": "x" * 201}, [("username", "must have at most 200 characters")]),
            ({"username": ["alice", "carol"]}, [("username", "must be given once")]),
            ({"password_hash": "x"}, [("password_hash", UNKNOWN)]),
            ({"limit": "0", "sort": "id"}, [("limit", "must be at least 1"), ("sort", UNKNOWN)]),
        ],
        ids=lambda value: str(value)[:40],
    )
    def test_refuses(self, admin: Client, filters: dict[str, str], wrong: list[tuple[str, str]]) -> None:
        reply = admin.get("/users", params=filters)
        assert refusal(reply) == (400, "invalid_request")
        assert faults(reply) == wrong

    def test_in_pages(self, admin: Client, user_ids: dict[str, int]) -> None:
        walk = list(pages(admin, "/users?limit=2&count=exact"))
        assert [ids(page.json()) for page in walk] == [sorted(user_ids.values())[at : at + 2] for at in (0, 2, 4)]
        assert {page.headers["X-Total-Count"] for page in walk} == {"5"}

    @pytest.mark.usefixtures("user_ids")
    @pytest.mark.parametrize("other", ["/users?role=member&", "/users?disabled=false&", "/books?", "/auth/keys?"])
    def test_a_cursor_belongs_to_its_list(self, admin: Client, other: str) -> None:
        cursor = next_cursor(admin.get("/users?limit=1"))
        reply = admin.get(f"{other}cursor={cursor}")
        assert refusal(reply) == (400, "invalid_cursor")

    def test_takes_no_more_queries_for_more_users(
        self, admin: Client, user_ids: dict[str, int], database: DatabaseInside
    ) -> None:
        with counted_queries(database.engine) as statements:
            assert len(admin.get("/users").json()) == len(user_ids)
        assert len(statements) == 2  # who asks, and the page


class TestGet:
    def test_is_as_in_the_list_and_as_the_user_sees_it(self, admin: Client, member: Client) -> None:
        reply = admin.get(f"/users/{user_id(member)}")
        assert [reply.json()] == [user for user in admin.get("/users").json() if user["id"] == user_id(member)]
        assert reply.json() == member.get("/auth/me").json()
        assert reply.headers["ETag"] == member.get("/auth/me").headers["ETag"]
        assert reply.headers["Cache-Control"] == "no-store"

    @pytest.mark.parametrize("path", ["/users/{}", "/auth/me"])
    def test_not_what_one_has(self, admin: Client, path: str) -> None:
        path = path.format(user_id(admin))
        reply = admin.get(path, headers={"If-None-Match": admin.get(path).headers["ETag"]})
        assert (reply.status_code, reply.content) == (304, b"")

    @pytest.mark.parametrize(
        ("method", "path", "body"),
        [
            ("GET", "/users/{}", None),
            ("PATCH", "/users/{}", {"role": "admin"}),
            ("POST", "/users/{}/logout-all", None),
            ("POST", "/users/{}/password-reset", None),
        ],
    )
    def test_of_an_unknown_user(self, admin: Client, method: str, path: str, body: object) -> None:
        assert refusal(admin.request(method, path.format(NO_SUCH_ID), json=body)) == (404, "user_not_found")


class TestLogoutAll:
    def test_ends_every_session_of_the_user(self, admin: Client, make: Factory, client: Client) -> None:
        phone = make.user("alice")
        login = client.post("/auth/login", json={"username": "alice", "password": PASSWORD}).json()
        laptop = client.as_bearer(login["access_token"])
        program = client.as_bearer(make.key(phone, READ)["key"])
        reply = admin.post(f"/users/{user_id(phone)}/logout-all")
        assert reply.json() == {"status": "success", "message": "2 sessions of user 'alice' ended"}
        assert {refusal(who.get("/auth/me")) for who in (phone, laptop)} == {(401, "token_invalid")}
        spent = client.post("/auth/refresh", json={"refresh_token": login["refresh_token"]})
        assert refusal(spent) == (401, "refresh_token_invalid")
        assert {who.get("/auth/me").status_code for who in (admin, program)} == {200}

    def test_of_oneself(self, admin: Client) -> None:
        admin.post(f"/users/{user_id(admin)}/logout-all").raise_for_status()
        assert refusal(admin.get("/auth/me")) == (401, "token_invalid")
