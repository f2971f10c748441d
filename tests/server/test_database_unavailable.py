"""PostgreSQL becomes unavailable and recovers: 503 meanwhile, and the service needs no restart."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

import pytest

from devtools.polling import wait_until
from devtools.postgres import PostgresServer
from devtools.serving import migrated
from tests.support.factories import PASSWORD, Factory
from tests.support.serving import Served, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from tests.support.client import Client

pytestmark = pytest.mark.slow

READS = ["/books", "/books/1", "/authors/1/books", "/readyz", "/auth/me"]
WITHOUT = ["/healthz", "/", "/openapi.json", "/docs", "/docs/errors"]


@pytest.fixture(scope="module")
def served(own_postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One worker, so that the pool that answers is the one that lost its connections."""
    with serving(migrated(own_postgres.url), tmp_path_factory.mktemp("unavailable"), db_connect_timeout=2) as served:
        yield served


@pytest.fixture(scope="module")
def member(served: Served) -> Client:
    member = served.member()
    Factory(member).book(member, id=1, author_id=Factory(member).author(member, id=1)["id"])
    return member


def require_unavailable(answer: httpx.Response) -> None:
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.json()["code"] == "database_unavailable"


def fill_pool(member: Client) -> None:
    """Several connections, so that more than one is dead later."""
    for path in READS:
        member.get(path).raise_for_status()


class TestAway:
    @pytest.fixture(autouse=True)
    def database_unavailable(self, own_postgres: PostgresServer, member: Client) -> Iterator[None]:
        fill_pool(member)
        own_postgres.stop()
        yield
        own_postgres.start()
        wait_until(lambda: member.get("/readyz").status_code == 200, within=10)

    @pytest.mark.parametrize("path", READS)
    def test_reads_are_503(self, member: Client, path: str) -> None:
        require_unavailable(member.get(path))
        require_unavailable(member.get(path))

    def test_writes_are_503(self, member: Client) -> None:
        require_unavailable(member.post("/authors", json={"name": "Ursula K. Le Guin"}))
        require_unavailable(member.put("/books/1", json={"title": "Nothing"}))
        require_unavailable(member.delete("/books/1"))
        require_unavailable(member.post("/register", json={"username": "unknown", "password": PASSWORD}))
        require_unavailable(member.post("/auth/login", json={"username": "unknown", "password": PASSWORD}))

    @pytest.mark.parametrize("path", WITHOUT)
    def test_what_needs_no_database_works(self, member: Client, path: str) -> None:
        assert member.get(path).status_code == 200


class TestBackAgain:
    def test_the_first_request_after_a_restart_succeeds(self, own_postgres: PostgresServer, member: Client) -> None:
        """A pool that was idle for over a second asks its connections whether they live before it hands them out."""
        fill_pool(member)
        own_postgres.stop()
        own_postgres.start()
        deadline = monotonic() + 1.1
        wait_until(lambda: monotonic() > deadline)
        assert [member.get(path).status_code for path in READS] == [200] * len(READS)
        assert member.put("/books/1", json={"title": "Back"}).status_code == 200

    def test_nothing_was_lost(self, member: Client) -> None:
        assert member.get("/books/1").json()["id"] == 1

    def test_at_once_after_a_restart_it_recovers_by_itself(self, own_postgres: PostgresServer, member: Client) -> None:
        fill_pool(member)
        own_postgres.stop()
        require_unavailable(member.get("/books"))
        own_postgres.start()
        wait_until(lambda: member.get("/books").status_code == 200, within=5)
