"""How errors of the database are named in the metrics."""

from __future__ import annotations

import sqlite3

import psycopg
import pytest
from sqlalchemy import text

from app.db.error_counts import error_name
from app.errors import SchemaChanged
from app.metrics.instruments import REGISTRY
from devtools.databases import DatabaseInside


def failure(statement: str) -> sqlite3.Error:
    """The error of SQLite for a statement."""
    with pytest.raises(sqlite3.Error) as caught:
        sqlite3.connect(":memory:").execute(statement)
    return caught.value


class TestName:
    @pytest.mark.parametrize(
        ("error", "name"),
        [
            (psycopg.errors.QueryCanceled(), "57014"),
            (psycopg.errors.UniqueViolation(), "23505"),
            (psycopg.OperationalError("the connection is lost"), "connection"),
            (failure("SELECT * FROM missing"), "SQLITE_ERROR"),
            (sqlite3.ProgrammingError("of the driver"), "ProgrammingError"),
            (OSError(), "OSError"),
        ],
        ids=["statement timeout", "constraint", "no word of the server", "SQLite", "its driver", "another"],
    )
    def test_is_that_of_the_database(self, error: Exception, name: str) -> None:
        assert error_name(error) == name


class TestCount:
    def test_grows_with_each_error(self, database: DatabaseInside, kind: str) -> None:
        labels = {"error": {"sqlite": "SQLITE_ERROR", "postgresql": "42P01"}[kind]}
        before = REGISTRY.get_sample_value("books_db_errors_total", labels) or 0
        with (
            pytest.raises(SchemaChanged),
            database.reading() as connection,
            connection.begin_nested(),
        ):
            connection.execute(text("SELECT 1 FROM missing"))
        assert REGISTRY.get_sample_value("books_db_errors_total", labels) == before + 1
