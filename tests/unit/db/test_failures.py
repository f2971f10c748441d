"""Failures of the database, by what the drivers report."""

from __future__ import annotations

import sqlite3

import psycopg
import pytest

from app.db.failures import failure
from app.errors import DatabaseOutdated, DatabaseUnavailable


def of_sqlite(code: int, message: str = "failed") -> sqlite3.Error:
    error = sqlite3.OperationalError(message)
    error.sqlite_errorcode = code
    return error


def cause(error: BaseException) -> str:
    found = failure(error)
    assert isinstance(found, DatabaseUnavailable | DatabaseOutdated)
    return found.cause


class TestSqlite:
    @pytest.mark.parametrize(
        ("code", "expected"),
        [
            (sqlite3.SQLITE_CORRUPT, "corrupt"),
            (sqlite3.SQLITE_CORRUPT_INDEX, "corrupt"),
            (sqlite3.SQLITE_NOTADB, "corrupt"),
            (sqlite3.SQLITE_IOERR_SHORT_READ, "corrupt"),
            (sqlite3.SQLITE_READONLY, "read_only"),
            (sqlite3.SQLITE_READONLY_DIRECTORY, "read_only"),
            (sqlite3.SQLITE_READONLY_DBMOVED, "deleted"),
            (sqlite3.SQLITE_FULL, "full"),
            (sqlite3.SQLITE_BUSY_SNAPSHOT, "busy"),
            (sqlite3.SQLITE_INTERRUPT, "slow"),
        ],
    )
    def test_by_its_code(self, code: int, expected: str) -> None:
        assert cause(of_sqlite(code)) == expected

    @pytest.mark.parametrize("message", ["no such table: books", "no such column: pages", "t has no column named c"])
    def test_of_another_schema(self, message: str) -> None:
        assert cause(of_sqlite(sqlite3.SQLITE_ERROR, message)) == "schema_changed"

    def test_that_says_no_more(self) -> None:
        assert failure(of_sqlite(sqlite3.SQLITE_ERROR)) is None
        assert failure(sqlite3.ProgrammingError("Cannot operate on a closed database.")) is None


class TestPostgres:
    @pytest.mark.parametrize(
        ("state", "expected"),
        [
            ("53100", "full"),
            ("XX001", "corrupt"),
            ("XX002", "corrupt"),
            ("58P01", "corrupt"),
            ("42P01", "schema_changed"),
            ("55P03", "busy"),
            ("40P01", "busy"),
            ("40001", "busy"),
        ],
    )
    def test_by_its_state(self, state: str, expected: str) -> None:
        assert cause(psycopg.errors.lookup(state)("failed")) == expected

    def test_of_a_database_that_does_not_exist(self) -> None:
        assert cause(psycopg.OperationalError('FATAL:  database "books" does not exist')) == "deleted"
        assert failure(psycopg.OperationalError('FATAL:  role "books" does not exist')) is None


def test_of_anything_else() -> None:
    assert failure(ValueError("no such table: books")) is None
