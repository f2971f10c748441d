"""A member who imports what costs most, against `run.py` with two workers and all limits: others go on."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import count
from time import sleep
from typing import TYPE_CHECKING

import pytest

from devtools.hostile_files import hostile_files
from devtools.polling import wait_until
from tests.attacks.attack_fixtures import behind_a_proxy
from tests.attacks.import_fixtures import (
    head_of_upload,
    memory_of,
    others_served,
    temporary_files_of,
    upload,
    workers_of,
)
from tests.server.raw import raw_connection, status_of
from tests.support.users import new_user

if TYPE_CHECKING:
    from collections.abc import Iterator

    from devtools.hostile_files import HostileFile
    from tests.support.serving import Served
    from tests.support.users import SignedInUser

pytestmark = pytest.mark.slow

FILES = {f"{one.name} as {one.format}": one for one in hostile_files(300_000)}
SMALL = b"title,author\nEmma,Jane Austen\n"
WORKERS, OF_ALL, OF_ACCOUNT = 2, 4, 2
MORE_MEMORY = 100_000_000
SLOWNESS = 4
"""Seconds in which a body must arrive."""
numbers = count()


@pytest.fixture(scope="module")
def served(kind: str, server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    settings = {
        "body_timeout": SLOWNESS,
        "imports_at_once": OF_ALL,
        "imports_per_account": OF_ACCOUNT,
        "rate_limit_records": "100000000/minute",
    }
    folder = tmp_path_factory.mktemp("imports")
    with behind_a_proxy(kind, server_url, folder, workers=WORKERS, **settings) as served:
        yield served


@pytest.fixture
def member(served: Served) -> SignedInUser:
    return new_user(served.client())


@pytest.fixture(scope="module")
def bystander(served: Served) -> SignedInUser:
    return new_user(served.client())


@pytest.fixture(autouse=True)
def well_afterwards(served: Served) -> Iterator[None]:
    """No worker died, and no temporary file and no place remains."""
    before = {worker.pid for worker in workers_of(served)}
    yield
    wait_until(lambda: not temporary_files_of(served), within=20)
    assert {worker.pid for worker in workers_of(served)} == before
    later = new_user(served.client())
    for _ in range(2 * WORKERS * OF_ALL):
        assert upload(served, later.access_token, SMALL).status_code == 200


class TestFile:
    @pytest.mark.parametrize("hostile", FILES.values(), ids=FILES)
    def test_costs_others_little(
        self, served: Served, member: SignedInUser, bystander: SignedInUser, hostile: HostileFile
    ) -> None:
        before = max(memory_of(served))
        with others_served(served, bystander.access_token):
            reply = upload(served, member.access_token, hostile.content, hostile.format)
        assert (reply.status_code, reply.json().get("code", "")) == (hostile.status, hostile.code)
        assert max(memory_of(served)) - before < MORE_MEMORY


class TestSlow:
    def test_of_one_account_are_few(self, served: Served, member: SignedInUser, bystander: SignedInUser) -> None:
        with others_served(served, bystander.access_token):
            statuses = self.trickled(served, [member] * 20)
        assert statuses.keys() == {408, 429}
        assert statuses[408] <= WORKERS * OF_ACCOUNT

    def test_of_many_accounts_are_few(self, served: Served, bystander: SignedInUser) -> None:
        members = [new_user(served.client()) for _ in range(15)]
        with others_served(served, bystander.access_token):
            statuses = self.trickled(served, members)
        assert statuses.keys() == {408, 503}
        assert statuses[408] <= WORKERS * OF_ALL

    def trickled(self, served: Served, members: list[SignedInUser]) -> Counter[int]:
        """The statuses of uploads that send a byte a second, all at once."""
        with ExitStack() as stack:
            connections = [stack.enter_context(raw_connection(served.base)) for _ in members]
            for connection, member in zip(connections, members, strict=True):
                connection.send(head_of_upload(member.access_token, 1_000))
            for _ in range(SLOWNESS + 2):
                for connection in connections:
                    connection.send(b"x")
                sleep(1)
            return Counter(status_of(connection.read_head()) for connection in connections)


class TestDropped:
    def test_leave_nothing(self, served: Served, member: SignedInUser, bystander: SignedInUser) -> None:
        title = f"Dropped {next(numbers)}"
        body = f"title,author\n{title},Jane Austen\n".encode() + b"\n" * 1_000_000
        with others_served(served, bystander.access_token):
            for _ in range(20):
                with raw_connection(served.base) as connection:
                    connection.send(head_of_upload(member.access_token, len(body)), body[:-1])
        sleep(1)
        assert served.client().get("/books", params={"q": title}).json() == []


class TestAtOnce:
    def test_of_one_account_are_few(self, served: Served, member: SignedInUser, bystander: SignedInUser) -> None:
        lines = "".join(f"At once {next(numbers)},Author {number}\n" for number in range(2_000))
        content = f"title,author\n{lines}".encode()
        with others_served(served, bystander.access_token), ThreadPoolExecutor(50) as pool:
            replies = list(pool.map(lambda _: upload(served, member.access_token, content), range(50)))
        statuses = Counter(reply.status_code for reply in replies)
        assert statuses.keys() == {200, 429}
        refused = next(reply for reply in replies if reply.status_code == 429)
        assert (refused.json()["code"], refused.headers["Retry-After"]) == ("too_many_requests", "5")
        created = sum(reply.json()["created"] for reply in replies if reply.status_code == 200)
        assert created == 2_000, "the same rows again create nothing"


class TestRevoked:
    def test_midway_ends_it_after_what_was_committed(self, served: Served, member: SignedInUser) -> None:
        mark = f"Revoked{next(numbers)}"
        lines = "".join(f"{mark} {number},Author {number} {mark}\n" for number in range(20_000))
        with ThreadPoolExecutor(1) as pool:
            reply = pool.submit(upload, served, member.access_token, f"title,author\n{lines}".encode())
            wait_until(lambda: served.client().get("/books", params={"created_by": member.user_id}).json(), within=60)
            member.client.post("/auth/logout-all").raise_for_status()
            assert (reply.result().status_code, reply.result().json()["code"]) == (401, "token_invalid")
        found = served.client().get("/books", params={"created_by": member.user_id, "count": "exact", "limit": 1})
        number = int(found.headers["X-Total-Count"].rstrip("+"))
        assert 500 <= number < 20_000
        batches = served.client().get("/batches").json()
        assert member.user_id in {batch["actor_id"] for batch in batches}, "what was committed can be undone"
