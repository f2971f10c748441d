"""A follower of the feed that has nothing but its cursor and its copy, and loses its work at random."""

from __future__ import annotations

import random
from contextlib import suppress
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING, Any

import httpx
from sqlalchemy import exc, select

from app.errors import Unavailable
from app.models import Change

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bench.feed_service import Services

Key = tuple[str, int]
LOOK = 0.05
"""Seconds between two looks into the database."""


class Follower(Thread):
    """Follows the feed from its beginning."""

    def __init__(self, services: Services) -> None:
        super().__init__(daemon=True)
        self._services = services
        self._stopping, self._killed = Event(), Event()
        self._next = "/changes?limit=200&wait=2"
        self.copy: dict[Key, dict[str, Any]] = {}
        self.seen: dict[int, tuple[str, int, int]] = {}
        """The changes by their ids, in the order in which they were seen first: for the comparison alone."""
        self.lags: list[float] = []
        """Seconds between an acknowledgement and the moment when its change was seen, apart from kills."""
        self.restarts = 0

    def restart(self) -> None:
        """Let it lose what it has not stored."""
        self._killed.set()

    def stop(self) -> None:
        """Stop it."""
        self._stopping.set()
        self.join()

    def at_end(self, changes: int) -> bool:
        """Whether it has seen so many changes."""
        return len(self.seen) >= changes

    def run(self) -> None:
        """Follow until it is stopped; without a response, the request is sent again, or to the other service."""
        chance = random.Random()  # noqa: S311  (not for secrets)
        while not self._stopping.is_set():
            address = self._services.address(chance.randrange(2))
            try:
                with httpx.Client(base_url=address, timeout=60, trust_env=False) as client:
                    while not self._stopping.is_set() and self._page(client, chance):
                        pass
            except httpx.HTTPError:
                self._stopping.wait(0.1)

    def _page(self, client: httpx.Client, chance: random.Random) -> bool:
        """Apply a page. Returns: whether it lives on."""
        reply = client.get(self._next).raise_for_status()
        now, changes = monotonic(), reply.json()
        stops_at = None
        if self._killed.is_set():
            self._killed.clear()
            self.restarts += 1
            stops_at = chance.randint(0, len(changes))  # killed before it has stored so many of them, and the cursor
        for change in changes[:stops_at]:
            self._apply(change, now)
        if stops_at is not None:
            return False
        self._next = str(reply.links["next"]["url"])
        return True

    def _apply(self, change: dict[str, Any], now: float) -> None:
        key = (change["kind"], change["record_id"])
        if change["id"] not in self.seen:
            self.seen[change["id"]] = (*key, change["version"])
            committed = self._services.committed.get((*key, change["version"]))
            if committed is not None and not self._services.was_disturbed(committed, now):
                self.lags.append(max(now - committed, 0.0))
        if key in self.copy and self.copy[key]["version"] >= change["version"]:
            return
        if change["after"] is None:
            self.copy.pop(key, None)
        else:
            self.copy[key] = change["after"]


class Watcher(Thread):
    """Looks in the database for the moment when each change gets its place."""

    def __init__(self, services: Services) -> None:
        super().__init__(daemon=True)
        self._services = services
        self._stopping = Event()
        self._last = 0
        self._published: dict[tuple[str, int, int], float] = {}

    @property
    def lags(self) -> list[float]:
        """Seconds between an acknowledgement and the moment when its change had a place, apart from kills."""
        committed = self._services.committed
        pairs = [(committed[change], at) for change, at in self._published.items() if change in committed]
        return [max(at - since, 0.0) for since, at in pairs if not self._services.was_disturbed(since, at)]

    def stop(self) -> None:
        """Stop it."""
        self._stopping.set()
        self.join()

    def run(self) -> None:
        """Look until it is stopped."""
        while not self._stopping.wait(LOOK):
            with suppress(Unavailable, exc.SQLAlchemyError), self._services.database.reading() as connection:
                self._look(connection)

    def _look(self, connection: Connection) -> None:
        columns = (Change.position, Change.kind, Change.record_id, Change.version)
        news = connection.execute(select(*columns).where(Change.position > self._last).order_by(Change.position)).all()
        now = monotonic()
        for position, *change in news:
            self._published[tuple(change)] = now  # type: ignore[index]  # three values
            self._last = position or self._last
