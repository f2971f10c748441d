"""The clock is set back by an hour: users stay logged in, limits end, and no record becomes older."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from limits import parse
from redis import Redis

from app.oidc.pending_sign_ins import LIFETIME, PendingSignIn, PendingSignIns
from app.rate_limiting.counters import Counters
from devtools.redis import RedisServer
from tests.api.responses import refusal
from tests.support.factories import Factory
from tests.support.users import new_user

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.client import Client


def shifted(by: timedelta) -> time_machine.travel:
    """The wall clock, set by so much; the monotonic clock goes on, as when NTP sets the clock."""
    return time_machine.travel(datetime.now(UTC) + by, tick=True)


BACK = timedelta(hours=-1)


class TestAccess:
    def test_tokens_of_before_are_accepted(self, client: Client) -> None:
        alice = new_user(client)
        with shifted(BACK):
            assert client.as_bearer(alice.access_token).get("/auth/me").status_code == 200
            assert (
                client.as_bearer(alice.access_token).post("/authors", json={"name": "Jane Austen"}).status_code == 201
            )
            refreshed = client.post("/auth/refresh", json={"refresh_token": alice.refresh_token})
            assert refreshed.status_code == 200
            assert client.as_bearer(refreshed.json()["access_token"]).get("/auth/me").status_code == 200

    def test_expiry_stays_strict(self, client: Client) -> None:
        alice = new_user(client)
        with shifted(timedelta(minutes=15, seconds=1)):
            assert refusal(client.as_bearer(alice.access_token).get("/auth/me")) == (401, "token_invalid")

    def test_used_refresh_tokens_still_reveal_a_theft(self, client: Client) -> None:
        alice = new_user(client)
        client.post("/auth/refresh", json={"refresh_token": alice.refresh_token}).raise_for_status()
        with shifted(BACK):
            again = client.post("/auth/refresh", json={"refresh_token": alice.refresh_token})
            assert refusal(again) == (401, "refresh_token_invalid")

    def test_a_sign_in_that_is_under_way_can_be_completed(self) -> None:
        signing = PendingSignIns(["a secret for the tests, of more than 32 bytes"])
        pending = PendingSignIn.begin("https://books.example/auth/oidc/callback", None, None)
        cookie = signing.sign(pending)
        with shifted(BACK):
            assert signing.read(cookie, pending.state) == pending
        with shifted(LIFETIME + timedelta(seconds=2)), pytest.raises(Exception, match="has expired"):
            signing.read(cookie, pending.state)


class TestTimesOfRecords:
    @pytest.fixture
    def book(self, member: Client) -> dict[str, Any]:
        make = Factory(member)
        author = make.author(member, name="Jane Austen")
        return make.book(member, author_id=author["id"], genres=["Novel"], isbn="9780141439587")

    @pytest.mark.parametrize(
        "change",
        [
            lambda member, book: member.put(f"/books/{book['id']}", json={"title": "Emma, revised"}),
            lambda member, book: member.patch(f"/books/{book['id']}", json={"subtitle": "A novel"}),
            lambda member, book: member.post(
                "/books/batch",
                json={
                    "books": [
                        {"id": book["id"], "isbn": book["isbn"], "title": "Emma, again", "author_id": book["author_id"]}
                    ]
                },
            ),
            lambda member, book: member.put(f"/authors/{book['author_id']}", json={"name": "J. Austen"}),
        ],
        ids=["put", "patch", "batch", "rename of the author"],
    )
    def test_never_run_backwards(
        self, member: Client, book: dict[str, Any], change: Callable[[Client, dict[str, Any]], Any]
    ) -> None:
        with shifted(BACK):
            change(member, book).raise_for_status()
            self.require_newer(member, f"/books/{book['id']}", book)

    def test_nor_where_a_genre_is_renamed(self, admin: Client, member: Client, book: dict[str, Any]) -> None:
        with shifted(BACK):
            admin.post("/genres/rename", json={"name": "Novel", "new_name": "Fiction"}).raise_for_status()
            self.require_newer(member, f"/books/{book['id']}", book)

    def test_of_an_author(self, member: Client, book: dict[str, Any]) -> None:
        author = member.get(f"/authors/{book['author_id']}").json()
        with shifted(BACK):
            member.patch(f"/authors/{author['id']}", json={"country": "England"}).raise_for_status()
            self.require_newer(member, f"/authors/{author['id']}", author)

    @staticmethod
    def require_newer(member: Client, path: str, before: dict[str, Any]) -> None:
        after = member.get(path).json()
        assert after["version"] > before["version"]
        assert after["updated_at"] >= before["updated_at"]
        assert after["created_at"] == before["created_at"]


class TestLimits:
    LIMIT = parse("2/1 minute")

    @pytest.fixture
    def redis(self) -> Iterator[RedisServer]:
        server = RedisServer()
        server.start()
        yield server
        server.stop()

    def test_in_memory_do_not_follow_the_clock(self) -> None:
        counters = Counters(None)
        counters.hit(self.LIMIT, "alice")
        counters.hit(self.LIMIT, "alice")
        with shifted(BACK):
            refused = counters.hit(self.LIMIT, "alice")
        assert not refused.allowed
        assert refused.retry_in <= 120

    def test_in_redis_do_not_last_an_hour_longer(self, redis: RedisServer) -> None:
        """What Redis shows once its clock was set back: keys that live an hour longer."""
        counters = Counters(redis.url)
        assert [counters.hit(self.LIMIT, "alice").allowed for _ in range(3)] == [True, True, False]
        with Redis.from_url(redis.url) as server:
            [key] = server.keys()
            server.pexpire(key, 3_700_000)
        assert counters.hit(self.LIMIT, "alice").allowed
        assert [counters.hit(self.LIMIT, "alice").allowed for _ in range(2)] == [True, False]
