"""The peers of `make bench` keep up with the service: they know every field, and pgbench writes the same rows.

A new field fails here at once. Whether the peers give the same answers is what `make bench` itself checks first:
`test_smallest_forms.py` runs it with all of them.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from app.schemas.authors import AuthorReply
from app.schemas.books import BookCreate, BookReply
from bench.catalogue import Catalogue, Size
from bench.compare_install import PEERS
from bench.compare_pgbench import creating
from bench.compare_rows import Requests, isbn_from
from bench.compare_services import PEERS as SERVICES

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from devtools.databases import DatabaseInside
    from tests.support.client import Client
    from tests.support.factories import Factory

REPLIES = {
    "fastapi-orm": "fastapi_orm.py",
    "fastapi-tuned": "fastapi_tuned.py",
    "django": "django_rest/serializers.py",
    "flask": "flask_orm.py",
    "fastify": "fastify/server.mjs",
}
"""The file in which each peer names the fields of its replies."""
NOT_SENT = {"id", "author_id", "series", "series_position", "cover_url", "sort_title"}
"""Fields that new books of the comparison leave out: few have them, or they follow from others."""
VARIABLE = re.compile(r"(?<!:):([a-z]\w*)")
SIZE = Size(30, 10)
USER_ONE = """
    INSERT INTO users SELECT (jsonb_populate_record(users, '{"id": 1, "username": "one", "username_key": "one"}')).*
    FROM users LIMIT 1 ON CONFLICT DO NOTHING
"""
"""The user to whom the benchmark's catalogue belongs."""


def new_book() -> dict[str, Any]:
    """The body of a new book, as the comparison sends it."""
    [body] = Requests(Catalogue(SIZE, 1), []).creates("rows", 1, 900_000_000)
    return dict(json.loads(body))


def rows(connection: Connection) -> set[tuple[str, str]]:
    """All rows as JSON, each with the name of its table."""
    tables = connection.exec_driver_sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").scalars().all()
    parts = [f"SELECT '{name}', jsonb_strip_nulls(to_jsonb({name}))::text FROM {name}" for name in tables]  # noqa: S608
    return {(name, row) for name, row in connection.exec_driver_sql(" UNION ALL ".join(parts))}


def written(connection: Connection, write: Callable[[], object]) -> list[tuple[str, list[str]]]:
    """The rows that a call writes: the table of each, and the columns that have a value."""
    before = rows(connection)
    write()
    return sorted((name, sorted(json.loads(row))) for name, row in rows(connection) - before)


class TestFields:
    def test_every_peer_is_known(self) -> None:
        assert REPLIES.keys() == {peer.key for peer in SERVICES if not peer.says_hello}

    @pytest.mark.parametrize("peer", REPLIES)
    @pytest.mark.parametrize("schema", [BookReply, AuthorReply])
    def test_a_peer_names_every_field(self, peer: str, schema: type[BookReply | AuthorReply]) -> None:
        named = set(re.findall(r"\w+", (PEERS / REPLIES[peer]).read_text()))
        assert schema.model_fields.keys() - named == set()

    def test_new_books_have_every_field(self) -> None:
        assert BookCreate.model_fields.keys() - new_book().keys() == NOT_SENT


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True, scope="session")
class TestPgbench:
    def test_writes_the_rows_of_a_new_book(self, database: DatabaseInside, make: Factory, member: Client) -> None:
        author = make.author(member)["id"]
        book = new_book() | {"contributors": [{"author_id": author, "role": "aut"}]}
        member.post("/books", json=book).raise_for_status()  # now its words and genres are known
        other = book | {"isbn": isbn_from(900_000_001), "identifiers": [{"type": "oclc", "value": "2"}]}

        with database.reading() as connection:
            connection.exec_driver_sql(USER_ONE)
            genre = connection.exec_driver_sql("SELECT min(id) FROM genres").scalar_one()
            values = {"author": author, "genre": genre, "word": 7}
            lines = creating(SIZE, '{"id":1}').splitlines()
            statement = VARIABLE.sub(lambda found: str(values[found[1]]), lines[-1])

            ours = written(connection, lambda: member.post("/books", json=other).raise_for_status())
            theirs = written(connection, lambda: connection.exec_driver_sql(statement))
        assert [name for name, _ in ours] == [
            *("book_contributors", "book_genres", "book_genres", "book_identifiers", "book_search", "books", "changes")
        ]
        assert theirs == ours
