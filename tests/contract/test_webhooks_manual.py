"""The receiver of the manual runs as printed, and the manual says what the service does."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import httpx
import pytest

from app.events.webhooks.messages import test_body as body_of_test
from app.events.webhooks.outcomes import RETRIES, THROTTLING
from app.events.webhooks.signatures import new_secret, signed_headers
from app.outbound.posting import TIMEOUT
from app.schemas.webhooks import EVENT_TYPES
from devtools.databases import ROOT
from devtools.polling import wait_until
from devtools.postgres import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MANUAL = (ROOT / "docs" / "webhooks.md").read_text()
SECRET = new_secret()


class ManualReceiver:
    """The receiver, in a process."""

    def __init__(self, url: str, output: Path) -> None:
        self.url, self.output = url, output

    def send(self, message_id: str, secret: str = SECRET, at: datetime | None = None, body: bytes = b"") -> int:
        """Send a test. Returns: the status of the response."""
        at = at or datetime.now(UTC)
        signed = body_of_test(1, at).encode()
        headers = signed_headers(message_id, int(at.timestamp()), signed, [secret])
        return httpx.post(self.url, headers=headers, content=body or signed, trust_env=False).status_code

    def is_up(self) -> bool:
        """Whether it answers."""
        try:
            return httpx.get(self.url, trust_env=False).status_code == 501
        except httpx.TransportError:
            return False


@pytest.fixture(scope="module")
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ManualReceiver]:
    folder = tmp_path_factory.mktemp("receiver")
    [program] = re.findall(r"^```python\n(.*?)^```", MANUAL, re.MULTILINE | re.DOTALL)
    (folder / "receiver.py").write_text(program)
    port = free_port()
    variables = {"PATH": os.environ["PATH"], "WEBHOOK_SECRET": SECRET, "PORT": str(port)}
    with (folder / "output").open("wb") as output, (folder / "errors").open("wb") as errors:
        process = subprocess.Popen(  # noqa: S603  (our own program)
            [sys.executable, folder / "receiver.py"], env=variables, stdout=output, stderr=errors
        )
        receiver = ManualReceiver(f"http://127.0.0.1:{port}/", folder / "output")
        wait_until(receiver.is_up, within=60)
        yield receiver
        process.kill()
        process.wait()


class TestReceiver:
    def test_accepts_a_message_once(self, receiver: ManualReceiver) -> None:
        assert [receiver.send("chg_1_1") for _ in range(2)] == [204, 204]
        assert receiver.send("chg_2_1") == 204
        assert receiver.output.read_text() == "webhook.test {'webhook': 1}\n" * 2

    def test_refuses_what_the_service_has_not_signed(self, receiver: ManualReceiver) -> None:
        before = receiver.output.read_text()
        assert receiver.send("chg_3_1", secret=new_secret()) == 400
        assert receiver.send("chg_3_1", body=b"{}") == 400
        assert receiver.send("chg_3_1", at=datetime.now(UTC) - timedelta(hours=1)) == 400
        assert receiver.output.read_text() == before


class TestManual:
    def test_states_the_schedule(self) -> None:
        assert [wait.total_seconds() for wait in RETRIES] == [
            *(5, 5 * 60, 30 * 60),
            *(hours * 3600 for hours in (2, 5, 10, 14, 20, 24)),
        ]
        assert "5 seconds, 5 minutes, 30 minutes, 2, 5, 10, 14, 20 and 24 hours" in MANUAL

    def test_states_the_statuses_that_pause(self) -> None:
        assert f"| {', '.join(map(str, sorted(THROTTLING)))} |" in MANUAL
        assert f"within {TIMEOUT:.0f} seconds" in MANUAL

    def test_names_the_events(self) -> None:
        for event in EVENT_TYPES[:4]:
            assert f"`{event}`" in MANUAL
