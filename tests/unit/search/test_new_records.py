"""Words of many new records, which PostgreSQL gets by COPY."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Table, select, text

from app.db.bulk import MANY, insert_rows
from app.models import Author
from app.search.index import Entry, SearchIndex
from devtools.databases import counted_queries

if TYPE_CHECKING:
    from app.database import Database

pytestmark = pytest.mark.parametrize("kind", ["postgresql"], indirect=True, scope="session")
AUTHORS: Table = Author.__table__  # type: ignore[assignment]  # SQLAlchemy's type is wider
AT = datetime(2026, 11, 22, tzinfo=UTC)
TEXTS = [
    "O'Brien, Flann",
    "C++ & C#: A\\B",
    "吾輩は猫である",
    "J. R. R. Tolkien",
    "❤ \U0001f408",
    "''",
    "\\",
    "¡Hola! it's 1:A",
]


def author(number: int) -> dict[str, object]:
    name = f"author {number}"
    keys = {"name": name, "name_key": name, "sort_name": name, "sort_key": name}
    return {"id": number, **keys, "version": 1, "created_at": AT, "updated_at": AT, "document": "{}"}


def test_are_those_that_replacing_them_would_store(own_database: Database) -> None:
    entries = [Entry(number, [TEXTS[number % len(TEXTS)]], [f"Number {number}"]) for number in range(1, MANY + 1)]
    stored = []
    for are_new in (True, False):
        with own_database.transaction() as db:
            db.execute(text("TRUNCATE authors CASCADE"))
            insert_rows(db.connection(), AUTHORS, [author(entry.id) for entry in entries])
        with counted_queries(own_database.engine) as statements, own_database.transaction() as db:
            index = SearchIndex(db, "author")
            seen = index.keep(entries, are_new=are_new)
        assert [statement.startswith("COPY author_search") for statement in statements] == [are_new]
        assert {"brien", "吾輩", "number", "jrr"} <= seen
        with own_database.reading() as connection:
            stored.append(connection.execute(select(index.table).order_by(index.id)).all())
    assert stored[0] == stored[1]
    assert [row.id for row in stored[0]] == [entry.id for entry in entries]
