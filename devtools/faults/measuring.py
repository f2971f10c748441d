"""Causes a fault under load, and measures what clients see, and when the service is well again."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from math import inf
from time import monotonic, sleep
from typing import TYPE_CHECKING

from devtools.faults.load import CREATED, Observed, outcome, under_load
from devtools.faults.table import SUCCESS, faults_on

if TYPE_CHECKING:
    from collections.abc import Iterator

    from devtools.faults.table import Fault
    from devtools.faults.target import Target

WELL = (("GET", "/books/1", "200"), ("GET", "/readyz", "200"), ("POST", "/authors", CREATED))
ROUNDS = 10
"""Rounds without a failure, each on a new connection, so that both workers are well."""
PROBE_SECONDS = 2.0
"""A service whose responses take longer is not well."""
GIVES_UP = 120.0
"""Seconds after which a service is not expected to be well again."""
LONGEST = 30.0
"""Seconds that no request may be open."""
WELL_WITHIN = 10.0
"""Seconds from the end of the cause until the service is well."""


@dataclass(frozen=True)
class Measured:
    """What a fault did under a load.

    Attributes:
        observed: what clients see.
        well_after: the seconds from the end of the cause until the service was well.
        lost: the names of acknowledged writes that are not there.
    """

    fault: Fault
    kind: str
    load: str
    observed: Observed
    well_after: float
    lost: frozenset[str]

    @property
    def unexpected(self) -> set[str]:
        """What clients saw and should not have been."""
        return set(self.observed.outcomes) - SUCCESS - self.fault.allowed

    @property
    def was_caused(self) -> bool:
        """Whether requests were stopped, if the fault stops those of this load."""
        return self.load not in self.fault.stops or bool(self.fault.allowed & set(self.observed.outcomes))


@dataclass
class Kills:
    """What random kills did.

    Attributes:
        by_fault: how many of each.
        longest: the seconds of the longest request.
        slowest: the seconds from the end of the cause until the service was well, at most.
        acknowledged: how many writes.
        lost: the names of those that are not there.
        unexpected: what clients see and should not have been.
    """

    by_fault: dict[str, int] = field(default_factory=dict)
    longest: float = 0.0
    slowest: float = 0.0
    acknowledged: int = 0
    lost: set[str] = field(default_factory=set)
    unexpected: set[str] = field(default_factory=set)


def measure(target: Target, fault: Fault, load: str, lasts: float) -> Measured:
    """Cause a fault for some seconds, if it lasts, while clients read or write."""
    target.log_to_pipe(fault.logs_to_pipe)
    target.wait_for_workers()
    observed, token, since = Observed(), target.sign_in(), 0.0
    with under_load(target, load, observed):
        with fault.cause(target):
            since = monotonic() if fault.replaces else 0.0
            if fault.lasts:
                sleep(lasts)
        well_after = seconds_until_well(target, token)
    acknowledged = {name for name, began in observed.acknowledged.items() if began >= since}
    return Measured(fault, target.kind, load, observed, well_after, frozenset(acknowledged - target.names()))


def seconds_until_well(target: Target, token: str) -> float:
    """The seconds from now until reads, writes and the probe succeed, again and again; infinite if they never do."""
    began, rounds, first = monotonic(), 0, 0.0
    while rounds < ROUNDS:
        tried = monotonic()
        if _is_well(target, token):
            first = first if rounds else tried
            rounds += 1
        else:
            rounds = 0
            if tried - began > GIVES_UP:
                return inf
            sleep(0.1)
    return first - began


def kill_repeatedly(target: Target, kills: int, dice: random.Random) -> Iterator[Kills]:
    """Kill random processes while clients write, each time when the service is well again.

    Yields: the findings so far, after each kill.
    """
    found, choices = Kills(), [fault for fault in faults_on(target.kind) if fault.kills]
    for _ in range(kills):
        fault = dice.choice(choices)
        measured = measure(target, fault, "writes", dice.random())
        found.by_fault[fault.name] = found.by_fault.get(fault.name, 0) + 1
        found.longest = max(found.longest, measured.observed.longest)
        found.slowest = max(found.slowest, measured.well_after)
        found.acknowledged += len(measured.observed.acknowledged)
        found.lost |= measured.lost
        found.unexpected |= measured.unexpected
        yield found


def _is_well(target: Target, token: str) -> bool:
    with target.client(token, PROBE_SECONDS) as client:
        for method, path, wanted in WELL:
            body = {"name": "Probe"} if method == "POST" else None
            if outcome(client, method, path, body) != wanted:
                return False
    return True
