"""Followers that wait for changes, and how many may."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

import pytest

from app.web import feed
from tests.api.responses import refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.client import Client
    from tests.support.factories import Factory


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], list[float]]:
    """What happens while a client waits: `meanwhile(work)` returns the pauses that it made, on a clock of their own."""
    pauses: list[float] = []

    def during(work: Callable[[], object]) -> list[float]:
        def pause(seconds: float) -> None:
            pauses.append(seconds)
            work()

        monkeypatch.setattr(feed, "sleep", pause)
        monkeypatch.setattr(feed, "monotonic", lambda: sum(pauses))
        return pauses

    return during


class TestWaiting:
    def test_ends_with_the_first_change(
        self, client: Client, member: Client, make: Factory, meanwhile: Callable[..., list[float]]
    ) -> None:
        end = client.get("/changes?since=now&wait=30")
        assert end.json() == []
        pauses: list[float]
        pauses = meanwhile(lambda: make.author(member, name="Ann") if len(pauses) == 3 else None)
        [change] = client.get(end.links["next"]["url"]).json()
        assert (change["after"]["name"], len(pauses)) == ("Ann", 3)

    def test_is_not_ended_by_changes_of_another_kind(
        self, client: Client, member: Client, make: Factory, meanwhile: Callable[..., list[float]]
    ) -> None:
        author_id = make.author(member)["id"]
        end = client.get("/changes?since=now&wait=30&kind=book")
        pauses: list[float]
        pauses = meanwhile(
            lambda: make.author(member) if len(pauses) < 4 else make.book(member, author_id=author_id, title="Emma")
        )
        [change] = client.get(end.links["next"]["url"]).json()
        assert (change["after"]["title"], len(pauses)) == ("Emma", 4)

    def test_ends_after_the_time(self, client: Client, meanwhile: Callable[..., list[float]]) -> None:
        pauses: list[float] = meanwhile(int)
        reply = client.get("/changes?wait=2")
        assert (reply.status_code, reply.json()) == (200, [])
        assert 2 <= sum(pauses) < 2.5

    def test_ends_when_the_service_stops(
        self, client: Client, meanwhile: Callable[..., list[float]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ending = Event()
        monkeypatch.setattr(feed, "ENDING", ending)
        pauses: list[float]
        pauses = meanwhile(lambda: ending.set() if len(pauses) == 2 else None)
        reply = client.get("/changes?wait=30")
        assert (reply.status_code, reply.json(), len(pauses)) == (200, [], 2)
        assert "next" in reply.links

    @pytest.mark.parametrize("query", ["", "since=now&wait=30", "wait=0"])
    def test_is_not_done_unasked(self, client: Client, meanwhile: Callable[..., list[float]], query: str) -> None:
        pauses: list[float] = meanwhile(int)
        client.get(f"/changes?{query}").raise_for_status()
        assert pauses == []

    def test_is_limited_and_the_limit_is_given_back(
        self, client: Client, member: Client, make: Factory, meanwhile: Callable[..., list[float]]
    ) -> None:
        meanwhile(int)
        for _ in range(8):
            assert feed.WAITING.acquire(blocking=False)
        try:
            refused = client.get("/changes?wait=1")
            assert refusal(refused) == (503, "too_many_followers")
            assert int(refused.headers["Retry-After"]) > 0
            assert client.get("/changes").json() == []
            make.author(member)
            assert len(client.get("/changes?wait=1").json()) == 1, "who has not to wait needs no place"
        finally:
            for _ in range(8):
                feed.WAITING.release()
        end = client.get("/changes?since=now&wait=1").links["next"]["url"]
        for _ in range(10):
            assert client.get(end).status_code == 200
