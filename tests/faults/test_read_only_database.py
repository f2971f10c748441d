"""A server that became read-only, as after a failover: a 503 that says so, and then writes go to its successor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from devtools.polling import wait_until
from devtools.postgres import PostgresServer
from devtools.serving import migrated
from tests.support.factories import Factory
from tests.support.probing import readiness
from tests.support.serving import Served, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from tests.support.client import Client

pytestmark = pytest.mark.slow

RECOVERS_WITHIN = 10.0


@pytest.fixture(scope="module")
def standby(own_postgres: PostgresServer) -> Iterator[PostgresServer]:
    migrated(own_postgres.url)
    server = PostgresServer(standby_of=own_postgres, in_memory=True)
    server.start()
    yield server
    server.remove()


@pytest.fixture(scope="module")
def served(
    own_postgres: PostgresServer, standby: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """A service that knows both servers, the standby first."""
    hosts = "&".join(f"host=127.0.0.1:{server.port}" for server in (standby, own_postgres))
    url = f"postgresql://postgres@/postgres?{hosts}&target_session_attrs=read-write"
    with serving(url, tmp_path_factory.mktemp("failover"), db_connect_timeout=2) as served:
        yield served


@pytest.fixture(scope="module")
def member(served: Served) -> Client:
    return served.member()


def execute(server: PostgresServer, *statements: str) -> None:
    with psycopg.connect(server.url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def add(member: Client, name: str) -> httpx.Response:
    return member.post("/authors", json={"name": name})


def test_is_left_for_its_successor(
    own_postgres: PostgresServer, standby: PostgresServer, served: Served, member: Client
) -> None:
    author: dict[str, Any] = Factory(member).author(member)
    execute(own_postgres, "ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()")
    wait_until(lambda: add(member, "Refused").status_code == 503, within=RECOVERS_WITHIN)
    refused = add(member, "Refused")
    assert (refused.status_code, refused.json()["code"]) == (503, "database_unavailable")
    assert int(refused.headers["Retry-After"]) > 0
    assert readiness(member).status_code == 503
    assert member.get(f"/authors/{author['id']}").status_code == 200

    execute(own_postgres, "ALTER SYSTEM RESET default_transaction_read_only", "SELECT pg_reload_conf()")
    wait_until(lambda: add(member, "Accepted again").status_code == 201, within=RECOVERS_WITHIN)
    assert readiness(member).status_code == 200

    own_postgres.stop()
    execute(standby, "SELECT pg_promote()")
    wait_until(lambda: add(member, "Accepted by the successor").status_code == 201, within=RECOVERS_WITHIN)
    assert readiness(member).status_code == 200
    assert member.get(f"/authors/{author['id']}").json() == author
    assert served.answers()
