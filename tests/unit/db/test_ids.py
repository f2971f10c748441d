"""Ids, below HTTP: on a database of the test's own, since sequences remember what was rolled back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.db.ids import BatchIds, next_id, next_ids, reserve_id

if TYPE_CHECKING:
    from app.database import Database


class TestSequence:
    def test_counts_on_past_whatever_was_brought_and_never_goes_back(self, own_database: Database) -> None:
        with own_database.transaction() as db:
            connection = db.connection()
            assert [next_id(connection, "books") for _ in range(3)] == [1, 2, 3]
            for brought, following in [(4, 5), (9, 10), (3, 11), (11, 12), (10**15, 10**15 + 1), (10**15, 10**15 + 2)]:
                reserve_id(connection, "books", brought)
                assert next_id(connection, "books") == following

    def test_may_begin_with_one_that_was_brought_and_knows_nothing_of_other_tables(
        self, own_database: Database
    ) -> None:
        with own_database.transaction() as db:
            reserve_id(db.connection(), "books", 100)
            assert next_id(db.connection(), "authors") == 1
            assert next_id(db.connection(), "books") == 101


class TestBatch:
    def test_of_generated_ids_is_in_order(self, own_database: Database) -> None:
        with own_database.transaction() as db:
            assert next_ids(db.connection(), "books", 3) == [1, 2, 3]
            ids = BatchIds(db.connection(), "books", 2, mixed=False)
            assert [ids.use(None), ids.use(None)] == [4, 5]
            ids.finish()
            assert next_ids(db.connection(), "books", 0) == []
            assert next_id(db.connection(), "books") == 6

    def test_of_supplied_ones_goes_on_past_them(self, own_database: Database) -> None:
        with own_database.transaction() as db:
            ids = BatchIds(db.connection(), "books", 0, mixed=True)
            assert [ids.use(supplied) for supplied in (None, 10, None, 5, None)] == [1, 10, 11, 5, 12]
            ids.finish()
            assert next_id(db.connection(), "books") == 13
