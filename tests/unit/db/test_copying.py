"""Rows by COPY, on PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import Table, select

from app.database import Database
from app.db.bulk import MANY, insert_rows
from app.db.statement_times import begin_measuring
from app.errors import UsernameTaken
from app.models import Author, Batch, User
from devtools.databases import counted_queries, settings_for
from tests.unit.db.user_rows import user

pytestmark = pytest.mark.parametrize("kind", ["postgresql"], indirect=True, scope="session")
AUTHORS: Table = Author.__table__  # type: ignore[assignment]  # SQLAlchemy's type is wider
BATCHES: Table = Batch.__table__  # type: ignore[assignment]  # likewise
USERS: Table = User.__table__  # type: ignore[assignment]  # likewise
AT = datetime(2026, 11, 22, 10, 28, 10, 552874, tzinfo=UTC)
TEXTS = [
    "plain",
    "",
    r"\N",
    r"\.",
    r"C:\new\table",
    '{"bio":"a \\"quoted\\" word\\n"}',
    "a\tb\nc\rd\r\n",
    "吾輩は猫である 🐈",
    "line\u2028separator\x0b\x1f",
]


def author(number: int, text: str) -> dict[str, Any]:
    return {
        "id": number,
        "name": f"Author {number}",
        "name_key": f"author {number}",
        "sort_name": f"Author {number}",
        "sort_key": f"author {number}",
        "bio": text,
        "country": None,
        "birth_year": -70,
        "aliases": [text, r"\N"],
        "identifiers": [],
        "version": 1,
        "created_at": AT,
        "updated_at": AT.astimezone(timezone(timedelta(hours=-5))),
        "document": "{}",
    }


def test_many_rows_are_stored_as_they_are(own_database: Database) -> None:
    rows = [author(number, TEXTS[number % len(TEXTS)]) for number in range(1, MANY + 1)]
    with counted_queries(own_database.engine) as statements, own_database.transaction() as db:
        insert_rows(db.connection(), AUTHORS, rows)
    assert [statement.partition(" (")[0] for statement in statements] == ["COPY authors"]
    with own_database.reading() as connection:
        stored = connection.execute(select(*(AUTHORS.c[name] for name in rows[0])).order_by(AUTHORS.c.id)).all()
    assert [row._asdict() for row in stored] == rows


def test_come_after_what_was_left_for_the_next_statement(own_database: Database) -> None:
    batches = [{"id": number, "at": AT, "via": "script", "summary": "test"} for number in range(1, MANY + 1)]
    with counted_queries(own_database.engine) as statements, own_database.transaction() as db:
        insert_rows(db.connection(), AUTHORS, [author(1, "first")])
        insert_rows(db.connection(), BATCHES, batches)
    assert ["INTO authors" in statement for statement in statements] == [True, False]


def test_a_violated_constraint_is_its_domain_error_and_nothing_is_stored(own_database: Database) -> None:
    users = [user(number, f"user {number % (MANY - 1)}") for number in range(1, MANY + 1)]
    with pytest.raises(UsernameTaken), own_database.transaction() as db:
        insert_rows(db.connection(), USERS, users)
    with own_database.reading() as connection:
        assert connection.execute(select(USERS.c.id)).all() == []


def test_is_measured_as_other_statements(own_database: Database) -> None:
    url = own_database.engine.url.render_as_string(hide_password=False)
    measured = Database.of(settings_for(url, log_access="on", log_slow=0.1))
    with measured.transaction() as db:
        db.connection()
        times = begin_measuring()
        insert_rows(db.connection(), AUTHORS, [author(number, "") for number in range(1, MANY + 1)])
    assert (times.number, times.statement.partition(" (")[0]) == (1, "COPY authors")
    assert times.total > 0
    measured.engine.dispose()
