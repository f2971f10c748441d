"""The outcome of a run of the benchmark of the feed, and its report."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import dataclass
from statistics import quantiles
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.models import Author, Book, Change
from bench.feed_deliveries import DELIVERERS, EVENTS
from devtools.change_log import faults_of_log

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.feed_deliveries import Deliveries
    from bench.feed_followers import Follower
    from bench.feed_service import Services

NAMES = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}
FEWEST = 10
"""Lags without which there are no percentiles."""


@dataclass
class Outcome:
    """What a run has shown."""

    kind: str
    changes: int
    seconds: float
    kills: int
    restarts: int
    skipped_by_ids: int
    """Changes that a follower would have lost that continues after the greatest id that it has seen."""
    failures: list[str]
    published: tuple[float, float] = (0.0, 0.0)
    """Seconds until a change has its place in the feed: the 50th and the 95th percentile."""
    seen: tuple[float, float] = (0.0, 0.0)
    """Likewise until a follower has it."""
    delivered: int = 0
    """Changes that the receiver of webhooks got."""
    delivered_again: int = 0

    @classmethod
    def of(cls, services: Services, followers: Sequence[Follower], seconds: float, kills: int) -> Outcome:
        """Compare the followers with the tables."""
        with services.database.reading() as connection:
            failures = [f"{fault}: {ids[:5]}" for fault, ids in faults_of_log(connection, complete=True).items()]
            order = list(connection.scalars(select(Change.id).order_by(Change.position)))
            tables = {
                (name, row.id): json.loads(row.document)
                for name, table in (("book", Book), ("author", Author))
                for row in connection.execute(select(table.id, table.document))
            }
        for number, follower in enumerate(followers, 1):
            if list(follower.seen) != order:
                failures.append(
                    f"follower {number} saw {len(follower.seen)} of {len(order)} changes, or in another order"
                )
            if follower.copy != tables:
                failures.append(f"follower {number} has another catalogue")
        restarts = sum(follower.restarts for follower in followers)
        return cls(services.kind, len(order), seconds, kills, restarts, _skipped_by_ids(order), failures)

    def with_lags(self, published: Sequence[float], seen: Sequence[float], most: float) -> Outcome:
        """The outcome with these lags, in seconds, of which the first is to be at most so long."""
        self.published, self.seen = _percentiles(published), _percentiles(seen)
        if self.published[1] > most:
            self.failures.append(f"the feed lags by {self.published[1]:.2f} s at the 95th percentile")
        return self

    def with_deliveries(self, deliveries: Deliveries, missing: Sequence[int]) -> Outcome:
        """The outcome with what the receiver of webhooks got, and did not get."""
        self.delivered, self.delivered_again = deliveries.received, deliveries.repeated
        if missing:
            self.failures.append(f"{len(missing)} changes were not delivered to the webhook: {list(missing)[:5]}")
        return self


def _percentiles(lags: Sequence[float]) -> tuple[float, float]:
    if len(lags) < FEWEST:
        return 0.0, 0.0
    cuts = quantiles(lags, n=100)
    return cuts[49], cuts[94]


def _skipped_by_ids(order: Sequence[int]) -> int:
    """How many ids come after a greater one in the order in which they became visible."""
    greatest = skipped = 0
    for change_id in order:
        skipped += change_id < greatest
        greatest = max(greatest, change_id)
    return skipped


def markdown(outcomes: Sequence[Outcome], writers: int, followers: int) -> str:
    """The report."""
    rows = "\n".join(
        f"| {NAMES[one.kind]} | {one.changes:,} | {one.seconds:.0f} | {one.kills} "
        f"| {one.restarts} | {_pair(one.published)} | {_pair(one.seen)} | {one.skipped_by_ids:,} "
        f"| {one.delivered:,} | {one.delivered_again} | {'; '.join(one.failures) or 'none'} |"
        for one in outcomes
    )
    return f"""# The feed of changes

What {followers} followers of `GET /changes` see while {writers} clients write. Written by `make bench-feed`.

- **Machine**: {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}; clients, services and
  the database at the same time. The load at the end was {os.getloadavg()[0]:.0f}.
- **Writers**: single books, batches of 200, imports of 2,000, renames of an author, and transactions that stay open
  for 0 to 5 s after their write (0.1 s on SQLite), through two services on one database.
- **Kills**: SIGKILL of a service, of one of {DELIVERERS} deliverers of webhooks, or of PostgreSQL; a new one is
  started.
- **Followers**: each has a cursor and a copy; **restarts** lose the page at hand, or the cursor after it. In the end
  each copy must equal the tables, and each follower must have seen every change, in the order of the feed.
- **Published, seen after**: seconds between the acknowledgement of a write and the moment when its change has a place
  in the feed, and when a follower has it: the 50th and the 95th percentile, apart from the time between a kill and
  two seconds after everything is well again. A follower that reads 200 changes a page is behind after an import.
- **Delivered, again**: changes that arrived at a webhook ({", ".join(EVENTS)}), and deliveries that
  arrived more than once, since a deliverer was killed after it had sent them.
- **Skipped**: how many changes a follower would have lost that asks for `id > last`: they became visible after
  a greater id did.

| database | changes | seconds | kills | restarts | published | seen after | skipped | delivered | again | failures |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |
{rows}
"""


def _pair(percentiles: tuple[float, float]) -> str:
    return " / ".join(f"{seconds:.2f}" for seconds in percentiles)
