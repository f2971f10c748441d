"""A backup that is made under load, restored on another machine: an empty folder and a new database."""

from __future__ import annotations

import subprocess
import sys
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import pytest

from devtools.databases import ROOT, fresh_url
from devtools.polling import wait_until
from devtools.serving import environment
from tests.support.factories import PASSWORD, Factory
from tests.support.serving import serving

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.client import Client

pytestmark = pytest.mark.slow

ENOUGH = 30
EVERYTHING = (
    "/books?limit=100",
    "/authors?limit=100",
    "/genres",
    "/languages",
    "/books?q=book",
    "/books?sort=-title&limit=100",
)


def run(script: str, url: str, folder: Path, *arguments: str) -> str:
    """Run a command of the operator's on a machine whose files are in this folder. Returns: what it printed."""
    done = subprocess.run(  # noqa: S603  (our own)
        [sys.executable, "-m", script, *arguments],
        env=environment(url, folder, secret_key=None),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def write_until(stopped: Event, member: Client, author_id: int, acknowledged: list[dict[str, Any]]) -> None:
    """Add books, and note those that were acknowledged."""
    while not stopped.is_set():
        reply = member.post("/books", json={"title": f"Book {len(acknowledged)}", "author_id": author_id})
        acknowledged.append(reply.raise_for_status().json())


def seen_by(client: Client, key: str) -> list[Any]:
    """Everything that readers and the user see."""
    login = client.post("/auth/login", json={"username": "alice", "password": PASSWORD}).raise_for_status().json()
    me = client.as_bearer(login["access_token"]).get("/auth/me").json()
    with_key = client.as_bearer(key).post("/authors", json={"name": ""})
    assert with_key.status_code == 400  # not 401: the key is valid
    return [me, *(client.get(path).raise_for_status().json() for path in EVERYTHING)]


class TestAnotherMachine:
    def test_has_everything(self, kind: str, server_url: str, own_url: str, tmp_path: Path) -> None:
        origin, target = tmp_path / "origin", tmp_path / "target"
        origin.mkdir()
        target.mkdir()
        busy, quiet = tmp_path / "busy.backup", tmp_path / "quiet.backup"
        acknowledged: list[dict[str, Any]] = []
        with serving(own_url, origin, secret_key=None, workers=2) as served:
            member = Factory(served.client()).user("alice")
            key = Factory(served.client()).key(member, "books:write")["key"]
            author, stopped = Factory(served.client()).author(member), Event()
            arguments = stopped, member, author["id"], acknowledged
            writer = Thread(target=write_until, args=arguments)
            writer.start()
            wait_until(lambda: len(acknowledged) >= ENOUGH, within=60)
            before = len(acknowledged)
            run("scripts.backup", own_url, origin, str(busy))
            after = len(acknowledged)
            stopped.set()
            writer.join(60)
            run("scripts.backup", own_url, origin, str(quiet))
            seen = seen_by(served.client(), key)
        assert after > before  # the writer was not stopped by the backup

        with fresh_url(kind, server_url, target) as url:
            output = run("scripts.restore", url, target, str(busy))
            assert "Verified: " in output
            assert "The signing key" not in output
            with serving(url, target, secret_key=None) as served:
                client = served.client()
                number = int(client.get("/books?limit=1&count=exact").headers["X-Total-Count"])
                assert before <= number <= len(acknowledged)
                for book in acknowledged[:number]:
                    document = client.get(f"/books/{book['id']}").json()
                    assert document == {name: book[name] for name in document}
                assert member_is_signed_out(client, member)
            run("scripts.restore", url, target, "--replace", str(quiet))
            with serving(url, target, secret_key=None) as served:
                assert seen_by(served.client(), key) == seen
                assert Factory(served.client()).user("bob").post("/authors", json={"name": "New"}).status_code == 201


def member_is_signed_out(client: Client, member: Client) -> bool:
    """Whether the session of a user is refused by this service."""
    token = member.headers["Authorization"].removeprefix("Bearer ")
    return client.as_bearer(token).get("/auth/me").status_code == 401
