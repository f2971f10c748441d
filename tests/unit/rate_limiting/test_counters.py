"""Counting in a Redis that is unavailable or hangs: who asks it, how long they wait, and what is logged."""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from limits import parse
from structlog.testing import capture_logs

from app.rate_limiting import counters
from app.rate_limiting.counters import Counters, CountersUnavailable
from devtools.polling import wait_until
from devtools.redis import RedisServer

if TYPE_CHECKING:
    from collections.abc import Iterator

FIVE = parse("5/15 minute")


@pytest.fixture
def mute() -> Iterator[socket.socket]:
    """A server that takes connections, and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


@pytest.fixture
def brief_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next attempt after an outage comes soon."""
    monkeypatch.setattr(counters, "PAUSE", 0.05)


def url_of(server: socket.socket) -> str:
    return f"redis://127.0.0.1:{server.getsockname()[1]}/0"


def connections_to(server: socket.socket) -> int:
    """How many wait to be taken."""
    server.settimeout(0)
    number = 0
    with suppress(BlockingIOError):
        while True:
            server.accept()[0].close()
            number += 1
    return number


def require_unavailable(shared: Counters) -> None:
    for method in (shared.hit, shared.look, shared.give_back, shared.forget):
        with pytest.raises(CountersUnavailable):
            method(FIVE, "key")


class TestUnavailable:
    def test_is_said_to_all_and_logged_once(self) -> None:
        unreachable = Counters("redis://127.0.0.1:1/0")
        with capture_logs() as logged:
            for _ in range(3):
                require_unavailable(unreachable)
        assert [(line["event"], line["log_level"]) for line in logged] == [("limits_away", "error")]

    def test_one_that_hangs_is_waited_for_once(self, mute: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(counters, "PAUSE", 600)
        hanging = Counters(url_of(mute))
        with capture_logs():
            for _ in range(100):
                require_unavailable(hanging)
        assert connections_to(mute) == 1

    def test_its_password_is_not_logged(self) -> None:
        with capture_logs() as logged, suppress(CountersUnavailable):
            Counters("redis://:hunter2@127.0.0.1:1/0").hit(FIVE, "key")
        assert "hunter2" not in str(logged)


class TestRecovery:
    @pytest.mark.usefixtures("brief_pause")
    def test_is_noticed_and_logged_once(self) -> None:
        server = RedisServer()
        shared = Counters(server.url)
        try:
            with capture_logs() as logged:
                require_unavailable(shared)
                server.start()
                wait_until(lambda: answers(shared), within=5)
                assert [shared.hit(FIVE, "key").remaining for _ in range(3)] == [4, 3, 2]
                assert shared.give_back(FIVE, "key").remaining == 3
                assert shared.forget(FIVE, "key").remaining == shared.look(FIVE, "key").remaining == 5
                assert not any(shared.look(FIVE, "key").grows_in for _ in range(2))
            assert [line["event"] for line in logged] == ["limits_away", "limits_back"]
        finally:
            server.remove()


def answers(shared: Counters) -> bool:
    try:
        shared.look(FIVE, "another key")
    except CountersUnavailable:
        return False
    return True
