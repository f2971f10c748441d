"""The share of the connections that each kind of request has: no kind stops another."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from app.database import Database
from app.db.bulkheads import SHARES_IN_TWENTIETHS, Kind, shares
from app.errors import DatabaseBusy
from devtools.databases import settings_for

if TYPE_CHECKING:
    from collections.abc import Iterator

READERS = [kind for kind in Kind if kind is not Kind.WRITERS]


class TestShares:
    def test_are_parts_of_a_whole(self) -> None:
        assert sum(SHARES_IN_TWENTIETHS.values()) == 20
        assert SHARES_IN_TWENTIETHS.keys() == set(Kind)
        assert sum(shares(20).values()) == 20

    @pytest.mark.parametrize("connections", [1, 7, 8, 19, 21, 100])
    def test_leave_no_kind_without_connections(self, connections: int) -> None:
        assert all(shares(connections).values())
        assert sum(shares(connections).values()) <= max(connections, len(Kind) + 1)


class TestOfADatabase:
    @pytest.fixture
    def database(self, own_url: str) -> Iterator[Database]:
        """One with short timeouts."""
        database = Database.of(settings_for(own_url, db_pool_timeout=0.05, db_lock_timeout=0.05))
        yield database
        database.engine.dispose()

    @pytest.mark.parametrize("stuck", Kind)
    def test_a_kind_that_is_stuck_stops_no_other(self, database: Database, stuck: Kind) -> None:
        with ExitStack() as held:
            for _ in range(database.bulkheads[stuck].slots):
                held.enter_context(database.transaction() if stuck is Kind.WRITERS else database.reading(stuck))
            with pytest.raises(DatabaseBusy):
                held.enter_context(database.transaction() if stuck is Kind.WRITERS else database.reading(stuck))
            for kind in set(READERS) - {stuck}:
                with database.reading(kind):
                    pass
            if stuck is not Kind.WRITERS:
                with database.transaction():
                    pass

    def test_all_kinds_together_fit_the_pools(self, database: Database) -> None:
        with ExitStack() as held:
            for kind in READERS:
                for _ in range(database.bulkheads[kind].slots):
                    held.enter_context(database.reading(kind))

    def test_sqlite_has_one_writer_at_a_time(self, database: Database, kind: str) -> None:
        assert database.bulkheads[Kind.WRITERS].slots == (1 if kind == "sqlite" else 5)
