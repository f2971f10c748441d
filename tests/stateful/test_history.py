"""Random sequences of writes and undos: documents, search, history and feed agree at each step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis.stateful import invariant

from tests.stateful.history import Writer
from tests.stateful.walking import walk

if TYPE_CHECKING:
    from sqlalchemy import NestedTransaction

    from devtools.databases import DatabaseInside
    from tests.support.client import Client

pytestmark = pytest.mark.slow

WALKS, STEPS = 20, 40
AT_LEAST = 500


class Walk(Writer):
    """One walk, which is rolled back at its end."""

    steps_of_all = 0

    def __init__(self, client: Client, database: DatabaseInside) -> None:
        self.undone: NestedTransaction = database.connection.begin_nested()
        super().__init__(client)

    @invariant()
    def count(self) -> None:
        """Count the steps of all walks."""
        Walk.steps_of_all += 1

    def teardown(self) -> None:
        """Forget what the walk wrote."""
        self.undone.rollback()


def test_writes_and_undos(member: Client, database: DatabaseInside) -> None:
    Walk.steps_of_all = 0
    walk(lambda: Walk(member, database), WALKS, STEPS)
    assert Walk.steps_of_all >= AT_LEAST
