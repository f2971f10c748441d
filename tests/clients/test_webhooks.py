"""The official verifier for JavaScript accepts what the service sends."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.webhooks import URL, Delivering

if TYPE_CHECKING:
    from devtools.databases import DatabaseInside
    from tests.support.client import Client
    from tests.support.factories import Factory
    from tests.support.webhooks import Message

pytestmark = pytest.mark.slow
PROGRAM = Path(__file__).parent / "programs" / "verify_webhooks.mjs"


def verify(folder: Path, secrets: list[str], messages: list[Message]) -> subprocess.CompletedProcess[str]:
    """Verify messages with the package `standardwebhooks` of npm."""
    sent = [{"headers": message.headers, "body": message.content.decode()} for message in messages]
    node = shutil.which("node")
    assert node is not None
    return subprocess.run(  # noqa: S603  (our own program)
        [node, folder / PROGRAM.name],
        input=json.dumps({"secrets": secrets, "messages": sent}),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def folder(node_modules: Path, tmp_path: Path) -> Path:
    """The program, beside the packages that it imports."""
    shutil.copy(PROGRAM, tmp_path)
    (tmp_path / "node_modules").symlink_to(node_modules)
    return tmp_path


def test_accepts_every_message(folder: Path, admin: Client, make: Factory, database: DatabaseInside) -> None:
    delivering = Delivering.on(database)
    delivering.receiver.now = datetime.now(UTC)
    webhook: dict[str, Any] = admin.post("/webhooks", json={"url": URL}).raise_for_status().json()
    rotated = admin.post(f"/webhooks/{webhook['id']}/secret").raise_for_status().json()
    book = make.book(admin, title="Émile, 人, \U0001f4da", description='\\ " \n \u2028')
    admin.patch(f"/books/{book['id']}", json={"title": "Emma"}).raise_for_status()
    admin.delete(f"/books/{book['id']}").raise_for_status()
    admin.post(f"/webhooks/{webhook['id']}/test").raise_for_status()
    messages = delivering.rounds()
    delivering.receiver.now = datetime.now(UTC)
    messages += delivering.rounds()
    done = verify(folder, [webhook["secret"], rotated["secret"]], messages)
    assert done.returncode == 0, done.stderr
    types = ["author.created", "book.created", "book.updated", "book.deleted", "webhook.test"]
    assert sorted(done.stdout.split()) == sorted(types)


def test_refuses_what_was_changed(folder: Path, admin: Client, database: DatabaseInside) -> None:
    delivering = Delivering.on(database)
    webhook: dict[str, Any] = admin.post("/webhooks", json={"url": URL}).raise_for_status().json()
    admin.post(f"/webhooks/{webhook['id']}/test").raise_for_status()
    delivering.receiver.now = datetime.now(UTC)
    [message] = delivering.rounds()
    message.content += b" "
    assert "No matching signature found" in verify(folder, [webhook["secret"]], [message]).stderr
