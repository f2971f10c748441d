"""Webhooks of a real server: its workers deliver them, or commands beside it, which may be killed at any moment."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from app.database import Database
from app.models import WebhookDelivery
from devtools.databases import ROOT, settings_for
from devtools.polling import wait_until
from devtools.serving import environment, migrated
from tests.support.factories import Factory
from tests.support.http_receiver import HttpReceiver, http_receiver
from tests.support.serving import Served, serving
from tests.support.users import new_admin

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.client import Client

pytestmark = pytest.mark.slow

SETTINGS = {"webhooks_allow_private": "127.0.0.1"}


@pytest.fixture
def receiver() -> Iterator[HttpReceiver]:
    with http_receiver() as receiver:
        yield receiver


@contextmanager
def deliverer(served: Served, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The command, beside a server."""
    variables = environment(served.url, folder, **SETTINGS)
    command = [sys.executable, "-m", "scripts.deliver_webhooks"]
    with subprocess.Popen(command, cwd=ROOT, env=variables) as process:  # noqa: S603  (our own command)
        yield process
        process.kill()


def hooked(served: Served, receiver: HttpReceiver) -> tuple[Client, dict[str, Any]]:
    """An admin, and a webhook that leads to the receiver."""
    database = Database.of(settings_for(served.url))
    admin = new_admin(served.client(), database).client
    database.engine.dispose()
    webhook: dict[str, Any] = admin.post("/webhooks", json={"url": receiver.url}).raise_for_status().json()
    return admin, webhook


def delivered(admin: Client, webhook: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = admin.get(f"/webhooks/{webhook['id']}/deliveries?status=delivered").json()
    return found


def test_workers_deliver(own_url: str, tmp_path: Path, receiver: HttpReceiver) -> None:
    with serving(migrated(own_url), tmp_path, workers=2, **SETTINGS) as served:
        admin, webhook = hooked(served, receiver)
        for _ in range(10):
            Factory(served.client()).author(admin)
        wait_until(lambda: len(delivered(admin, webhook)) == 10, within=30)
    bodies = [message.verified(webhook["secret"]) for message in receiver.messages]
    assert len({body["data"]["change"] for body in bodies}) == len(bodies) == 10


def test_sigterm_completes_the_attempt(own_url: str, tmp_path: Path, receiver: HttpReceiver) -> None:
    receiver.may_answer.clear()
    with serving(migrated(own_url), tmp_path, **SETTINGS) as served:
        admin, webhook = hooked(served, receiver)
        admin.post(f"/webhooks/{webhook['id']}/test").raise_for_status()
        wait_until(lambda: len(receiver.messages) == 1, within=30)
        served.process.send_signal(signal.SIGTERM)
        receiver.may_answer.wait(1)
        receiver.may_answer.set()
        assert served.process.wait(30) == 0
    with serving(own_url, tmp_path, **SETTINGS) as served:
        assert len(delivered(served.client().as_bearer(admin.headers["Authorization"].split()[1]), webhook)) == 1
    assert len(receiver.messages) == 1


def test_deliverer_killed_between_sending_and_noting(own_url: str, tmp_path: Path, receiver: HttpReceiver) -> None:
    with serving(migrated(own_url), tmp_path, webhooks_in_service=False, **SETTINGS) as served:
        admin, webhook = hooked(served, receiver)
        admin.post(f"/webhooks/{webhook['id']}/test").raise_for_status()
        receiver.may_answer.clear()
        with deliverer(served, tmp_path) as process:
            wait_until(lambda: len(receiver.messages) == 1, within=60)
            process.kill()
        receiver.may_answer.set()
        database = Database.of(settings_for(own_url))
        with database.transaction() as db:  # what the clock would do
            db.execute(update(WebhookDelivery).values(leased_until=datetime.now(UTC)))
        database.engine.dispose()
        with deliverer(served, tmp_path) as process:
            wait_until(lambda: len(delivered(admin, webhook)) == 1, within=60)
            process.terminate()
            assert process.wait(30) == 0
    first, second = receiver.messages
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.content == second.content
