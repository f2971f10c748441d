"""Sixteen clients who guess at one password at the same moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from devtools.serving import migrated
from tests.races.concurrency import SIZE, ConcurrentClients, tally
from tests.support.factories import PASSWORD
from tests.support.serving import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

    from tests.support.client import Client

pytestmark = pytest.mark.slow

ALLOWED = 5
READS = f"{ALLOWED + 1}/hour"
"""One is for the OpenAPI document, which the client of the tests reads first."""


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConcurrentClients]:
    """Sixteen clients of one worker, which counts in its own memory; a hash takes long enough for all to come."""
    folder = tmp_path_factory.mktemp("limits")
    url = migrated(f"sqlite:///{folder}/books.db")
    limits = {"rate_limit_enabled": True, "rate_limit_login_failures": f"{ALLOWED}/15 minute"}
    with serving(url, folder, bcrypt_rounds=9, threads=SIZE, **limits) as served:
        yield ConcurrentClients(served.member())


class TestGuesses:
    def test_at_once_are_no_more_than_one_after_another(self, clients: ConcurrentClients) -> None:
        clients.member.post("/register", json={"username": "victim", "password": PASSWORD}).raise_for_status()

        def guess(client: Client, number: int) -> httpx.Response:
            return client.post("/auth/login", json={"username": "victim", "password": f"a wrong guess {number}"})

        assert tally(clients.at_once(guess)) == {401: ALLOWED, 429: SIZE - ALLOWED}

    def test_at_unknown_usernames_likewise(self, clients: ConcurrentClients) -> None:
        def guess(client: Client, number: int) -> httpx.Response:
            return client.post("/auth/login", json={"username": "unknown user", "password": f"a wrong guess {number}"})

        assert tally(clients.at_once(guess)) == {401: ALLOWED, 429: SIZE - ALLOWED}


class TestReads:
    def test_at_once_are_no_more_than_the_limit(self, tmp_path: Path) -> None:
        """Each takes a while: looking before and counting after let all of them through."""
        url = migrated(f"sqlite:///{tmp_path}/books.db")
        with serving(url, tmp_path, threads=SIZE, rate_limit_enabled=True, rate_limit_reads=READS) as served:
            clients = ConcurrentClients(served.client().as_bearer("none"))
            answers = clients.at_once(lambda client, _number: client.get("/books"))
        assert tally(answers) == {200: ALLOWED, 429: SIZE - ALLOWED}
