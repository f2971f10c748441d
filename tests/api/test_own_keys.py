"""The keys that a user has: seen, and revoked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from app.security.roles import IMPORTS, READ, WRITE
from devtools.databases import counted_queries
from tests.api.responses import ids, next_cursor, pages, refusal

if TYPE_CHECKING:
    from devtools.databases import DatabaseInside
    from tests.support.client import Client
    from tests.support.factories import Factory

NO_SUCH_ID = 10**17


class TestList:
    def test_has_one_s_own_alone(self, member: Client, make: Factory) -> None:
        own = [make.key(member, scope) for scope in (READ, WRITE, IMPORTS)]
        make.key(make.user(), WRITE)
        listed: list[dict[str, Any]] = member.get("/auth/keys").json()
        assert listed == [{name: value for name, value in key.items() if name != "key"} for key in own]

    def test_in_pages(self, member: Client, make: Factory) -> None:
        own = [make.key(member, READ)["id"] for _ in range(5)]
        walk = list(pages(member, "/auth/keys?limit=2&count=exact"))
        assert [ids(page.json()) for page in walk] == [own[:2], own[2:4], own[4:]]
        assert {page.headers["X-Total-Count"] for page in walk} == {"5"}

    def test_another_users_cursor_lists_ones_own_keys(self, member: Client, make: Factory) -> None:
        other = make.user()
        for _ in range(2):
            make.key(other, READ)
        own = [make.key(member, READ)["id"] for _ in range(2)]
        cursor = next_cursor(other.get("/auth/keys?limit=1"))
        assert ids(member.get("/auth/keys", params={"cursor": cursor}).json()) == own

    def test_takes_no_more_queries_for_more_keys(self, member: Client, make: Factory, database: DatabaseInside) -> None:
        for _ in range(3):
            make.key(member, READ)
        with counted_queries(database.engine) as statements:
            assert len(member.get("/auth/keys").json()) == 3
        assert len(statements) == 2  # who it is, and the page


class TestGet:
    def test_not_what_one_has(self, member: Client, make: Factory) -> None:
        path = f"/auth/keys/{make.key(member, READ)['id']}"
        tag = member.get(path).headers["ETag"]
        reply = member.get(path, headers={"If-None-Match": tag})
        assert (reply.status_code, reply.content) == (304, b"")

    @pytest.mark.parametrize("method", ["GET", "DELETE"])
    def test_not_another_users_key(self, member: Client, make: Factory, admin: Client, method: str) -> None:
        """It is answered like a missing key, so the answer does not tell which ids exist."""
        key = make.key(make.user(), WRITE)
        answers = [who.request(method, f"/auth/keys/{key['id']}") for who in (member, admin)]
        answers += [member.request(method, f"/auth/keys/{NO_SUCH_ID}")]
        assert {refusal(answer) for answer in answers} == {(404, "key_not_found")}
        assert len({answer.json()["detail"] for answer in answers}) == 1
        assert member.as_bearer(key["key"]).get("/auth/me").status_code == 200


class TestDelete:
    def test_stops_the_key_at_once(self, member: Client, make: Factory) -> None:
        key, kept = make.key(member, WRITE, name="lost"), make.key(member, WRITE)
        program = member.as_bearer(key["key"])
        make.author(program)
        reply = member.delete(f"/auth/keys/{key['id']}")
        assert (reply.status_code, reply.json()) == (200, {"status": "success", "message": "key 'lost' deleted"})
        assert refusal(program.post("/authors", json={"name": "Late"})) == (401, "token_invalid")
        assert refusal(member.delete(f"/auth/keys/{key['id']}")) == (404, "key_not_found")
        assert ids(member.get("/auth/keys").json()) == [kept["id"]]
