"""Messages to systemd."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from app.front import service_manager
from app.front.service_manager import ALIVE, READY, notify

if TYPE_CHECKING:
    from pathlib import Path


def test_are_sent_to_its_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        notify(READY, "STATUS=Serving.")
        notify(ALIVE)
        assert [manager.recv(100), manager.recv(100)] == [b"READY=1\nSTATUS=Serving.", b"WATCHDOG=1"]


def test_are_sent_to_an_abstract_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"\0{tmp_path}")
        monkeypatch.setenv("NOTIFY_SOCKET", f"@{tmp_path}")
        notify(READY)
        assert manager.recv(100) == b"READY=1"


def test_do_not_wait_long_for_a_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_manager, "WAITS", 1e-6)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        for _ in range(600):
            notify(ALIVE)
        assert manager.recv(100) == b"WATCHDOG=1"


@pytest.mark.parametrize("address", ["", "/nowhere/at/all"])
def test_are_dropped_without_a_manager(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    notify(READY)
    monkeypatch.delenv("NOTIFY_SOCKET")
    notify(READY)
