"""The size of the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from app.db.database_size import ESTIMATED_FROM, TABLES, bytes_on_disk, count_rows
from app.models import Base

if TYPE_CHECKING:
    from app.database import Database
    from devtools.databases import DatabaseInside
    from tests.support.factories import Factory


class TestRows:
    def test_are_counted(self, make: Factory, database: DatabaseInside) -> None:
        member = make.user()
        for _ in range(3):
            make.book(member)
        with database.reading() as connection:
            rows = dict(count_rows(connection))
        assert (rows["books"], rows["users"], rows["sessions"]) == (3, 1, 1)

    def test_are_those_of_tables_that_exist(self) -> None:
        assert set(TABLES) <= Base.metadata.tables.keys()

    @pytest.mark.parametrize("kind", ["postgresql"], indirect=True, scope="session")
    def test_are_estimated_if_there_are_many(self, database: DatabaseInside) -> None:
        with database.reading() as connection:
            for estimate, expected in ((ESTIMATED_FROM - 1, 0), (ESTIMATED_FROM, ESTIMATED_FROM), (-1, 0)):
                changed = text("UPDATE pg_class SET reltuples = :estimate WHERE oid = 'books'::regclass")
                connection.execute(changed, {"estimate": estimate})
                assert dict(count_rows(connection))["books"] == expected


class TestBytes:
    def test_are_those_on_disk(self, schema: Database) -> None:
        with schema.reading() as connection:
            sizes = bytes_on_disk(connection)
        assert sum(sizes.values()) > 100_000  # SQLite may still have most in its log
        assert sizes.keys() == ({"data"} if schema.engine.dialect.name == "postgresql" else {"data", "wal"})
