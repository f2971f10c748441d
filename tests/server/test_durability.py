"""What was acknowledged is kept, whatever becomes of the server."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING, Any

import httpx
import psutil  # type: ignore[import-untyped]
import pytest

from devtools.polling import wait_until
from devtools.serving import migrated
from tests.support.factories import Factory
from tests.support.serving import serving

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.client import Client

pytestmark = pytest.mark.slow

ENOUGH = 40


def write_until_the_server_is_gone(member: Client, author_id: int, acknowledged: list[dict[str, Any]]) -> None:
    """Add books, and note those that were acknowledged."""
    try:
        while True:
            reply = member.post("/books", json={"title": f"Book {len(acknowledged)}", "author_id": author_id})
            acknowledged.append(reply.raise_for_status().json())
    except httpx.TransportError:
        pass


class TestSigkill:
    def test_of_everything_loses_nothing_that_was_acknowledged(self, own_url: str, tmp_path: Path) -> None:
        acknowledged: list[dict[str, Any]] = []
        with serving(own_url, tmp_path, workers=2) as served:
            member = served.member()
            author = Factory(member).author(member)
            writers = [
                Thread(target=write_until_the_server_is_gone, args=(served.member(), author["id"], acknowledged))
                for _ in range(4)
            ]
            for writer in writers:
                writer.start()
            wait_until(lambda: len(acknowledged) >= ENOUGH)
            served.kill()
            for writer in writers:
                writer.join(30)
        with serving(own_url, tmp_path) as again:
            client = again.client()
            for book in acknowledged:
                stored = client.get(f"/books/{book['id']}").json()
                assert stored == {name: book[name] for name in stored}
            assert Factory(client).user("after the fall").post("/authors", json={"name": "New"}).status_code == 201


def workers_of(pid: int) -> list[psutil.Process]:
    """The processes in which a server answers: of all that it started, those that listen."""
    return [child for child in psutil.Process(pid).children() if _listens(child)]


def _listens(process: psutil.Process) -> bool:
    try:
        return bool(process.net_connections("tcp"))
    except psutil.NoSuchProcess:  # it went while it was looked at
        return False


class TestDeadWorker:
    def test_is_replaced(self, tmp_path: Path) -> None:
        with serving(migrated(f"sqlite:///{tmp_path}/books.db"), tmp_path) as served:
            [worker] = wait_until(lambda: workers_of(served.process.pid))
            worker.kill()
            wait_until(lambda: workers_of(served.process.pid) not in ([], [worker]))
            wait_until(served.answers)
