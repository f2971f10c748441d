"""Statements that go straight to the driver are otherwise as those of SQLAlchemy."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Table, bindparam, exc, select, text

from app.db.bulk import insert_rows
from app.db.driver_statements import fetch
from app.db.statement_times import begin_measuring
from app.db.types import TextArray, UtcDateTime
from app.errors import DatabaseUnavailable
from app.models import Batch
from devtools.databases import counted_queries

if TYPE_CHECKING:
    from app.database import Database

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
ECHO = select(bindparam("moment", type_=UtcDateTime), bindparam("number", type_=Batch.id.type))
WORDS = text("SELECT word FROM unnest(CAST(:words AS text[])) AS word").bindparams(
    bindparam("words", type_=TextArray())
)
PERCENT = text("SELECT '100 %' WHERE 7 % 4 = :rest")
TABLE: Table = Batch.__table__  # type: ignore[assignment]  # SQLAlchemy's type is wider
BATCHES = text("SELECT count(*) FROM batches")
RATIO = text("SELECT 10 / CAST(:divisor AS integer)")
END = text("SELECT pg_terminate_backend(pg_backend_pid()) WHERE :yes = 1")
on_postgres = pytest.mark.parametrize("kind", ["postgresql"], indirect=True, scope="session")


def test_types_are_converted_and_rows_are_tuples(own_database: Database) -> None:
    with own_database.reading() as connection:
        for number in (1, 2**40):
            assert fetch(connection, ECHO, {"moment": NOON, "number": number}) == [(NOON, number)]
        assert fetch(connection, PERCENT, {"rest": 3}) == [("100 %",)]
        assert fetch(connection, PERCENT, {"rest": 4}) == []


@on_postgres
def test_an_array_of_texts(own_database: Database) -> None:
    words = ["plain", 'a "quoted" one', "a\\b", "{,}", "null"]
    with own_database.reading() as connection:
        assert fetch(connection, WORDS, {"words": words}) == [(word,) for word in words]


@on_postgres
def test_sees_what_was_left(own_database: Database) -> None:
    with own_database.transaction() as db:
        insert_rows(db.connection(), TABLE, [{"id": 1, "at": NOON, "via": "script", "summary": "of the test"}])
        assert fetch(db.connection(), BATCHES, {}) == [(1,)]


@on_postgres
def test_is_counted_and_timed(own_database: Database) -> None:
    with counted_queries(own_database.reading_engine) as statements, own_database.reading() as connection:
        times = begin_measuring()
        fetch(connection, BATCHES, {})
    assert statements[-1] == "SELECT count(*) FROM batches"
    assert (times.number, times.statement) == (1, "SELECT count(*) FROM batches")


@on_postgres
def test_an_error_is_that_of_sqlalchemy(own_database: Database) -> None:
    with own_database.reading() as connection:
        with pytest.raises(exc.DataError, match="division by zero"):
            fetch(connection, RATIO, {"divisor": 0})
        assert fetch(connection, RATIO, {"divisor": 5}) == [(2,)]


@on_postgres
def test_a_connection_that_ended_is_replaced(own_database: Database) -> None:
    for _ in range(3):
        with pytest.raises(DatabaseUnavailable), own_database.reading() as connection:
            fetch(connection, END, {"yes": 1})
        with own_database.reading() as connection:
            assert fetch(connection, RATIO, {"divisor": 2}) == [(5,)]
