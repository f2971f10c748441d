"""Limits over a real Redis: several services count as one, and Redis may become unavailable and return."""

from __future__ import annotations

from contextlib import ExitStack
from time import monotonic
from typing import TYPE_CHECKING

import pytest

from devtools.polling import wait_until
from devtools.redis import RedisServer
from devtools.serving import migrated
from tests.support.factories import PASSWORD
from tests.support.serving import Served, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

    from tests.support.client import Client

pytestmark = pytest.mark.slow

PAUSE = 3
"""Seconds for which the service does not try a Redis that was unavailable."""


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    """A server of our own, which these tests may stop."""
    server = RedisServer()
    server.start()
    yield server
    server.remove()


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database; which kind makes no difference to what is counted."""
    return migrated(f"sqlite:///{tmp_path_factory.mktemp('limits')}/books.db")


@pytest.fixture(scope="module")
def services(redis: RedisServer, url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Served]]:
    """Two services on one database and one Redis; the one knows it as Redis, the other as Valkey."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(
                serving(
                    url,
                    tmp_path_factory.mktemp("service"),
                    rate_limit_enabled=True,
                    rate_limit_storage=redis.url.replace("redis", scheme),
                    rate_limit_login_failures="5/15 minute",
                    rate_limit_reads="10000/minute",
                )
            )
            for scheme in ("redis", "valkey")
        ]


def guess(client: Client, username: str) -> httpx.Response:
    return client.post("/auth/login", json={"username": username, "password": "a wrong guess"})


class TestShared:
    def test_two_services_count_as_one(self, services: list[Served]) -> None:
        one, other = (served.client() for served in services)
        assert [guess(client, "reader").status_code for client in (one, other) * 3] == [401] * 5 + [429]
        refused = guess(one, "reader")
        assert 0 < int(refused.headers["Retry-After"]) <= 900
        assert refused.headers["RateLimit"].partition(", ")[2].startswith('"login-failures";r=0;t=')

    def test_a_success_at_one_forgives_at_the_other(self, services: list[Served]) -> None:
        one, other = (served.client() for served in services)
        credentials = {"username": "forgiven", "password": PASSWORD}
        one.post("/register", json=credentials).raise_for_status()
        for _ in range(3):
            assert [guess(one, "forgiven").status_code for _ in range(4)] == [401] * 4
            assert other.post("/auth/login", json=credentials).status_code == 200


class TestAway:
    @pytest.fixture
    def served(self, services: list[Served]) -> Served:
        return services[0]

    @pytest.fixture(autouse=True)
    def redis_unavailable(self, request: pytest.FixtureRequest, redis: RedisServer, served: Served) -> Iterator[None]:
        """For the length of a test; at its end everything is as before."""
        member = served.member()
        request.instance.member, request.instance.events = member, len(served.entries())
        yield
        redis.stop()
        redis.start()
        wait_until(lambda: guess(member, "unknown").status_code != 503, within=PAUSE + 10)

    member: Client
    events: int

    def logged(self, served: Served, event: str) -> int:
        """How often since the test began."""
        return sum(entry["event"] == event for entry in served.entries()[self.events :])

    def test_reads_and_writes_go_on_and_sign_ins_wait(self, redis: RedisServer, served: Served) -> None:
        redis.stop()
        for _ in range(3):
            assert self.member.get("/books").status_code == 200
            assert self.member.post("/authors", json={"name": "Homer"}).status_code == 201
            for path in ("/auth/login", "/register"):
                refused = self.member.post(path, json={"username": "x", "password": PASSWORD})
                assert (refused.status_code, refused.json()["code"]) == (503, "limits_unavailable")
                assert int(refused.headers["Retry-After"]) > 0
        assert self.logged(served, "limits_away") == 1
        assert self.logged(served, "unavailable") == 0

    def test_it_recovers_by_itself(self, redis: RedisServer, served: Served) -> None:
        redis.stop()
        assert guess(self.member, "patient").status_code == 503
        redis.start()
        wait_until(lambda: guess(self.member, "patient").status_code == 401, within=PAUSE + 10)
        wait_until(lambda: self.logged(served, "limits_back") == 1, within=10)
        assert self.logged(served, "limits_away") == 1

    def test_a_restart_between_requests_is_no_outage(self, redis: RedisServer, served: Served) -> None:
        assert guess(self.member, "lucky").status_code == 401
        redis.stop()
        redis.start()
        assert guess(self.member, "lucky").status_code == 401
        assert self.logged(served, "limits_away") == 0

    def test_a_redis_that_hangs_does_not_slow_requests_down(self, redis: RedisServer, served: Served) -> None:
        redis.hang()
        began = monotonic()
        assert {self.member.get("/books").status_code for _ in range(50)} == {200}
        assert guess(self.member, "x").status_code == 503
        assert monotonic() - began < 10, "each by itself would wait for half a second: 25 in all"
        redis.resume()
        wait_until(lambda: guess(self.member, "x").status_code == 401, within=PAUSE + 10)
        assert self.logged(served, "limits_away") == 1


class TestBeginning:
    def test_a_service_starts_without_its_redis(self, url: str, tmp_path: Path) -> None:
        with serving(url, tmp_path, rate_limit_enabled=True, rate_limit_storage="redis://127.0.0.1:1/0") as served:
            assert served.client().get("/books").status_code == 200
            assert guess(served.client(), "x").status_code == 503
