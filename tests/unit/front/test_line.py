"""A line of the fast lane: networks take turns, and a request leaves it after a while."""

from __future__ import annotations

import asyncio
from threading import Event
from typing import TYPE_CHECKING, Any

from app.front.fast_lane import line
from app.front.fast_lane.requests import LaneRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest


class _Replies:
    """Takes the address for the network."""

    def locate(self, request: LaneRequest) -> None:
        request.network = request.environ["REMOTE_ADDR"]


class _Line(line.Line[LaneRequest]):
    """Answers nothing until it may, and then all but those with an error."""

    def __init__(self) -> None:
        super().__init__(_Replies())  # type: ignore[arg-type]  # what a line uses of it
        self.may_go_on = Event()
        self.batches: list[list[str]] = []

    def answer(self, batch: Sequence[LaneRequest]) -> None:
        self.may_go_on.wait(20)
        self.batches.append([request.environ["name"] for request in batch])
        for request in batch:
            request.is_answered = request.environ["name"] != "unusual"
        if batch[0].environ["name"] == "wrong":
            raise ValueError


def request(name: str, address: str = "192.0.2.1") -> LaneRequest:
    """A request."""
    environ: dict[str, Any] = {"name": name, "REMOTE_ADDR": address}
    return LaneRequest(environ, lambda _message: None)  # type: ignore[arg-type, return-value]  # nothing is sent


async def all_of(one: _Line, *requests: LaneRequest) -> list[bool]:
    """Whether each is answered; the line goes on when the first waits at work and the others in line."""
    tasks = [asyncio.ensure_future(one.try_to_answer(requests[0]))]
    await asyncio.sleep(0.05)
    tasks += [asyncio.ensure_future(one.try_to_answer(other)) for other in requests[1:]]
    await asyncio.sleep(0.05)
    one.may_go_on.set()
    return await asyncio.gather(*tasks)


def test_networks_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "TOGETHER", 3)
    one = _Line()
    others = [request(f"a{number}") for number in range(4)] + [request("b", "192.0.2.2"), request("c", "192.0.2.3")]
    assert asyncio.run(all_of(one, request("first"), *others)) == [True] * 7
    assert one.batches == [["first"], ["a0", "b", "c"], ["a1", "a2", "a3"]]


def test_what_is_not_answered_is_flasks() -> None:
    assert asyncio.run(all_of(_Line(), request("first"), request("unusual"), request("usual"))) == [True, False, True]


def test_an_error_ends_no_line() -> None:
    one = _Line()
    assert asyncio.run(all_of(one, request("wrong"), request("next"))) == [True, True]
    assert asyncio.run(all_of(one, request("later"))) == [True]  # on another event loop


def test_who_waits_long_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "LONGEST_WAIT", 0.01)
    one = _Line()
    first, second, third = request("first"), request("second"), request("third", "192.0.2.2")
    assert asyncio.run(all_of(one, first, second, third)) == [True, False, False]
    assert one.batches == [["first"]]


def test_no_more_than_so_many_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "MOST_WAITING", 2)
    assert asyncio.run(all_of(_Line(), *(request(str(number)) for number in range(4)))) == [True, True, True, False]
