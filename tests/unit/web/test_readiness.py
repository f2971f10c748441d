"""However many probes arrive during a check, and however late they get their turn, each has its response in time."""

from __future__ import annotations

from threading import Event
from time import monotonic
from typing import TYPE_CHECKING, cast

import pytest

from app.errors import DatabaseSilent
from app.web.readiness import WITHIN, Readiness

if TYPE_CHECKING:
    from app.database import Database

DATABASE = cast("Database", None)
"""The checks here need none."""
LONG = 30.0


class Checks:
    """Checks that last until they are let go."""

    def __init__(self) -> None:
        self.number, self.go_on = 0, Event()

    def __call__(self, _database: Database) -> None:
        self.number += 1
        self.go_on.wait(LONG)


@pytest.fixture
def checks() -> Checks:
    return Checks()


def seconds_until_silent(readiness: Readiness, arrived: float | None = None) -> float:
    """How long a probe waits in vain."""
    began = monotonic()
    with pytest.raises(DatabaseSilent):
        readiness.require(DATABASE, arrived)
    return monotonic() - began


def test_a_probe_waits_from_its_arrival_on(checks: Checks) -> None:
    assert seconds_until_silent(Readiness(checks), monotonic() - WITHIN) < WITHIN
    checks.go_on.set()


def test_later_probes_share_a_check_that_takes_long(checks: Checks) -> None:
    readiness = Readiness(checks)
    assert seconds_until_silent(readiness) >= WITHIN
    assert max(seconds_until_silent(readiness) for _ in range(5)) < WITHIN
    assert checks.number == 1
    checks.go_on.set()


def test_a_probe_that_arrived_during_a_check_takes_its_result(checks: Checks) -> None:
    readiness, arrived = Readiness(checks), monotonic()
    checks.go_on.set()
    readiness.require(DATABASE)
    readiness.require(DATABASE, arrived)
    assert checks.number == 1
    readiness.require(DATABASE)
    assert checks.number == 2
