"""A connection whose server has not answered in time is closed: it would get the answer to another statement."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import psycopg
import pytest

from app.db.response_timeouts import ImpatientConnection

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def connection(postgres_url: str) -> Iterator[ImpatientConnection]:
    with closing(ImpatientConnection.connect(postgres_url, autocommit=True)) as connection:
        yield connection


def test_is_closed_when_the_answer_does_not_come(connection: ImpatientConnection) -> None:
    connection.patience = 0.2
    with pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT pg_sleep(5)")
    assert connection.closed


def test_is_kept_when_a_statement_is_cancelled(connection: ImpatientConnection) -> None:
    connection.patience = 5
    connection.execute("SET statement_timeout = 50")
    with pytest.raises(psycopg.errors.QueryCanceled):
        connection.execute("SELECT pg_sleep(5)")
    assert connection.execute("SELECT 1").fetchone() == (1,)
