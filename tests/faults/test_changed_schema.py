"""A schema that changes under a running service: a 503 that says so, the probe notices, and the service recovers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from app.db.migrations import require_migrated, require_tables
from app.errors import DatabaseNewer, SchemaChanged
from app.main import create_app
from app.models import Base
from devtools.databases import settings_for
from tests.api.responses import refusal
from tests.support.client import Client
from tests.support.factories import Factory
from tests.support.probing import readiness

if TYPE_CHECKING:
    from pathlib import Path

    from app.database import Database
    from tests.support.openapi_contract import OpenApiContract

CHANGES = {
    "a column": (
        "ALTER TABLE books RENAME COLUMN document TO hidden",
        "ALTER TABLE books RENAME COLUMN hidden TO document",
    ),
    "a table": ("ALTER TABLE books RENAME TO hidden_books", "ALTER TABLE hidden_books RENAME TO books"),
}
PREPARED_AFTER = 8
"""Requests after which psycopg has prepared a statement."""


@pytest.fixture
def member(own_database: Database, own_url: str, tmp_path: Path, contract: OpenApiContract) -> Client:
    """A user of a service on a database of its own, who added book 1."""
    client = Client(create_app(settings_for(own_url, instance_path=tmp_path), own_database), contract)
    make = Factory(client)
    member = make.user()
    make.book(member, id=1, author_id=make.author(member, id=1)["id"])
    return member


def execute(database: Database, statement: str) -> None:
    with database.transaction() as db:
        db.execute(text(statement))


@pytest.mark.parametrize(("change", "undo"), CHANGES.values(), ids=CHANGES.keys())
def test_that_lacks_something_is_a_503_until_it_is_back(
    own_database: Database, member: Client, change: str, undo: str
) -> None:
    assert member.get("/books/1").status_code == 200
    execute(own_database, change)
    read, write = member.get("/books/1"), member.patch("/books/1", json={"title": "Changed"})
    assert [refusal(response) for response in (read, write)] == [(503, "database_schema_changed")] * 2
    assert int(read.headers["Retry-After"]) > 0
    assert "document" not in read.text
    with own_database.reading() as connection, pytest.raises(SchemaChanged) as raised:
        require_tables(connection, Base.metadata)
    assert "books.document" in str(raised.value.__cause__)
    execute(own_database, undo)
    assert member.get("/books/1").status_code == 200
    assert member.patch("/books/1", json={"title": "Changed"}).json()["title"] == "Changed"
    with own_database.reading() as connection:
        require_tables(connection, Base.metadata)


def test_that_has_more_than_it_needs_is_served(own_database: Database, member: Client) -> None:
    """A newer version expanded the schema: its own additions do not disturb this one."""
    execute(own_database, "ALTER TABLE books ADD COLUMN condition TEXT")
    execute(own_database, "CREATE TABLE shelves (id INTEGER PRIMARY KEY)")
    execute(own_database, "UPDATE alembic_version SET version_num = '9999'")
    assert member.get("/books/1").status_code == 200
    assert member.patch("/books/1", json={"title": "Changed"}).status_code == 200
    assert refusal(readiness(member)) == (503, "database_newer")
    with own_database.reading() as connection:
        require_tables(connection, Base.metadata)
        with pytest.raises(DatabaseNewer):
            require_migrated(connection)


def test_with_another_type_is_prepared_again(own_database: Database, member: Client) -> None:
    """PostgreSQL: "cached plan must not change result type"."""
    for _ in range(PREPARED_AFTER):
        assert member.get("/books/1").status_code == 200
    if own_database.engine.dialect.name == "postgresql":
        execute(own_database, "ALTER TABLE books ALTER COLUMN document TYPE varchar")
        assert refusal(member.get("/books/1")) == (503, "database_schema_changed")
    assert member.get("/books/1").status_code == 200
