"""What run.py reports to systemd, for units with `Type=notify`."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from devtools.polling import wait_until
from devtools.serving import migrated
from tests.support.serving import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

SOON = 30
"""Seconds, on a machine that may be busy."""


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    """The socket of a service manager."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(SOON)
        yield manager


def received(manager: socket.socket) -> set[str]:
    """The lines of the next message."""
    return set(manager.recv(1000).decode().split("\n"))


def test_it_is_told_when_the_service_is_ready_alive_and_stopping(manager: socket.socket, tmp_path: Path) -> None:
    url = migrated(f"sqlite:///{tmp_path}/books.db")
    with serving(url, tmp_path, workers=2, notify_socket=tmp_path / "notify") as served:
        wait_until(lambda: received(manager) >= {"READY=1", "STATUS=Serving with 2 workers."}, within=SOON)
        assert served.answers()
        wait_until(lambda: received(manager) == {"WATCHDOG=1"}, within=SOON)
        served.process.terminate()
        wait_until(lambda: received(manager) == {"STOPPING=1"}, within=SOON)
        assert served.process.wait(SOON) == 0
