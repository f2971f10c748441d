"""Each fault with each load, on both databases: what clients receive, how long the recovery takes, what is kept.

The faults and how they are caused are in `devtools/faults/`.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from devtools.faults.load import LOADS
from devtools.faults.measuring import LONGEST, WELL_WITHIN, kill_repeatedly, measure
from devtools.faults.table import FAULTS, POSTGRESQL, SQLITE, Fault, faults_on
from devtools.faults.target import Target

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

LASTS = 1.0
WAITS = 6.0
"""Seconds that a fault lasts in which requests wait: longer than any of them may, with these settings."""
SETTINGS = {
    "db_connect_timeout": 2,
    "db_pool_timeout": 4,
    "db_statement_timeout": 2,
    "db_silence_timeout": 4,
    "db_lock_timeout": 4,
}
STARTS_WITHIN = 60.0
"""Seconds until a worker has imported the whole application, on a machine that may be busy."""
KILLS = 6


@pytest.fixture(scope="module")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    with Target(SQLITE, tmp_path_factory.mktemp("sqlite"), **SETTINGS) as target:
        yield target


@pytest.fixture(scope="module")
def on_postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    with Target(POSTGRESQL, tmp_path_factory.mktemp("postgresql"), **SETTINGS) as target:
        yield target


def require_survived(target: Target, fault: Fault, load: str) -> None:
    measured = measure(target, fault, load, WAITS if fault.waits else LASTS)
    assert measured.was_caused
    assert measured.unexpected == set()
    assert measured.observed.longest < LONGEST
    assert measured.well_after < (STARTS_WITHIN if fault.starts_processes else WELL_WITHIN)
    assert measured.lost == set()
    assert b"internal_error" not in (b"" if target.pipe else target.log.read_bytes())


class TestRandomKills:
    def test_on_sqlite(self, on_sqlite: Target) -> None:
        self.require_nothing_lost(on_sqlite)

    def test_on_postgresql(self, on_postgresql: Target) -> None:
        self.require_nothing_lost(on_postgresql)

    def require_nothing_lost(self, target: Target) -> None:
        *_, found = kill_repeatedly(target, KILLS, random.Random())  # noqa: S311  (not for secrets)
        assert found.lost == set()
        assert found.acknowledged > 0
        assert found.unexpected == set()
        assert found.longest < LONGEST


class TestEachFault:
    @pytest.mark.parametrize("load", LOADS)
    @pytest.mark.parametrize("fault", faults_on(SQLITE), ids=lambda fault: fault.name)
    def test_on_sqlite(self, on_sqlite: Target, fault: Fault, load: str) -> None:
        require_survived(on_sqlite, fault, load)

    @pytest.mark.parametrize("load", LOADS)
    @pytest.mark.parametrize("fault", faults_on(POSTGRESQL), ids=lambda fault: fault.name)
    def test_on_postgresql(self, on_postgresql: Target, fault: Fault, load: str) -> None:
        require_survived(on_postgresql, fault, load)


def test_names_are_unique() -> None:
    """The benchmark chooses faults by them."""
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
