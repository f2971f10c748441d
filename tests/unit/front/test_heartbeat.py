"""When the heart of a worker beats, and when it stops."""

from __future__ import annotations

import asyncio
import os
import signal
from concurrent.futures import Future, ThreadPoolExecutor
from ctypes import c_bool, c_uint64
from multiprocessing import get_context
from threading import Event
from typing import TYPE_CHECKING

import pytest

from app.front import heartbeat
from app.front.heartbeat import Beats, Heart

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(autouse=True)
def at_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "INTERVAL", 0.005)
    monkeypatch.setattr(heartbeat, "THREADS_STUCK_FOR", 0.1)


@pytest.fixture
def beats() -> Beats:
    return get_context("spawn").RawArray(c_uint64, 2)


@pytest.fixture
def thread() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


def beat(beats: Beats, submit: Callable[[Callable[[], None]], Future[None]], ending: c_bool | None = None) -> list[int]:
    """Let the second heart beat. How often it had done so after each of two periods."""
    counts = []

    async def live() -> None:
        Heart(beats, 1, submit, ending or c_bool()).start(asyncio.get_running_loop())
        for _ in range(2):
            await asyncio.sleep(2 * heartbeat.THREADS_STUCK_FOR)
            counts.append(beats[1])

    asyncio.run(live())
    return counts


def test_it_beats_while_the_loop_runs(beats: Beats, thread: ThreadPoolExecutor) -> None:
    first, second = beat(beats, thread.submit)
    assert 0 < first < second
    assert beats[0] == 0


def test_it_stops_when_no_thread_becomes_free(beats: Beats, thread: ThreadPoolExecutor) -> None:
    deadlock = Event()
    thread.submit(deadlock.wait)
    try:
        first, second = beat(beats, thread.submit)
    finally:
        deadlock.set()
    assert 0 < first == second


def test_it_tells_those_who_wait_that_the_service_stops(
    beats: Beats, thread: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    ending = Event()
    monkeypatch.setattr(heartbeat, "ENDING", ending)
    beat(beats, thread.submit)
    assert not ending.is_set()
    beat(beats, thread.submit, c_bool(True))  # noqa: FBT003  (its value)
    assert ending.is_set()


def test_an_orphan_stops_serving(beats: Beats, thread: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch) -> None:
    parents, sent = iter([1000]), []
    monkeypatch.setattr(os, "getppid", lambda: next(parents, 1))
    monkeypatch.setattr(os, "kill", lambda pid, number: sent.append((pid, number)))
    beat(beats, thread.submit)
    assert set(sent) == {(os.getpid(), signal.SIGTERM)}
