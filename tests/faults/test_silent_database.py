"""A PostgreSQL that accepts connections and answers nothing: requests end, and the service recovers by itself."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from time import monotonic, sleep
from typing import TYPE_CHECKING

import httpx
import pytest

from devtools.polling import wait_until
from devtools.postgres import PostgresServer
from devtools.serving import migrated
from tests.support.factories import Factory
from tests.support.serving import Served, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.client import Client

pytestmark = pytest.mark.slow

CLIENTS = 40
EVENTS = 3
SILENT_SECONDS = 12
LONGEST = 30.0
"""Seconds that no request may take."""
RECOVERS_WITHIN = 10.0
TIMEOUTS = {"db_connect_timeout": 2, "db_pool_timeout": 4, "db_statement_timeout": 2, "db_silence_timeout": 4}


@pytest.fixture(scope="module")
def served(own_postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(
        migrated(own_postgres.url), tmp_path_factory.mktemp("silent"), db_lock_timeout=4, **TIMEOUTS
    ) as served:
        yield served


@pytest.fixture(scope="module")
def member(served: Served) -> Client:
    member = served.member()
    Factory(member).book(member, id=1, author_id=Factory(member).author(member, id=1)["id"])
    return member


def timed(member: Client, number: int) -> tuple[float, httpx.Response]:
    """One of several kinds of requests, and the seconds that it took."""
    began = monotonic()
    method, path, body = [
        ("GET", "/books/1", None),
        ("GET", "/books", None),
        ("POST", "/authors", {"name": f"Author {number}"}),
        ("GET", "/readyz", None),
    ][number % 4]
    response = member.request(method, path, json=body)
    return monotonic() - began, response


def is_well(served: Served, member: Client) -> bool:
    """Whether reads, writes and the probe succeed, for every connection of the pool."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        responses = [response for _, response in pool.map(lambda number: timed(member, number), range(CLIENTS))]
    assert served.answers()
    return all(response.is_success for response in responses)


def test_is_survived_more_than_once(own_postgres: PostgresServer, served: Served, member: Client) -> None:
    for _ in range(EVENTS):
        assert is_well(served, member)
        with own_postgres.silent(), ThreadPoolExecutor(CLIENTS) as pool:
            requests = [pool.submit(timed, member, number) for number in range(CLIENTS)]
            sleep(SILENT_SECONDS / 2)
            assert served.answers(), "/healthz does not need the database"
            requests += [pool.submit(timed, member, number) for number in range(CLIENTS)]
            sleep(SILENT_SECONDS / 2)
            results = [request.result() for request in requests]
        assert {response.status_code for _, response in results} <= {200, 201, 503}
        assert {response.json()["code"] for _, response in results if response.status_code == 503} <= {
            "database_unavailable",
            "database_busy",
            "query_too_slow",
        }
        assert max(seconds for seconds, _ in results) < LONGEST
        wait_until(lambda: is_well(served, member), within=RECOVERS_WITHIN)
