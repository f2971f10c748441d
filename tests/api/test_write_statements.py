"""How many statements each kind of write sends, that for its session included: on PostgreSQL each is a round trip."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.db.locks import SHARED
from devtools.databases import counted_queries
from tests.support import create_lane

if TYPE_CHECKING:
    from devtools.databases import DatabaseInside
    from tests.support.client import Client
    from tests.support.factories import Factory

BOOK, AUTHOR, KNOWN = "/books/BOOK", "/authors/AUTHOR", '"title": "Known words", "author_id": AUTHOR'
WRITES = {
    "a book": (3, 10, "POST", "/books", f"{{{KNOWN}}}"),
    "a book with a known genre": (3, 11, "POST", "/books", f'{{{KNOWN}, "genres": ["known"]}}'),
    "a book with new words": (3, 11, "POST", "/books", '{"title": "Unheard of", "author_id": AUTHOR}'),
    "a book with an ISBN": (3, 10, "POST", "/books", f'{{{KNOWN}, "isbn": "9780141439587"}}'),
    "a book with a new genre": (4, 12, "POST", "/books", f'{{{KNOWN}, "genres": ["New"]}}'),
    "a book with an id": (8, 11, "POST", "/books", f'{{{KNOWN}, "id": 730000000}}'),
    "a change of a book": (4, 6, "PUT", BOOK, '{"pages": 12}'),
    "a change of a title": (4, 8, "PUT", BOOK, '{"title": "Words known"}'),
    "a change of genres": (7, 12, "PATCH", BOOK, '{"genres": ["Known", "words"]}'),
    "a deletion of a book": (5, 6, "DELETE", BOOK, ""),
    "an author": (5, 8, "POST", "/authors", '{"name": "Known Words"}'),
    "a change of an author": (6, 7, "PUT", AUTHOR, '{"bio": "Known."}'),
    "a batch": (10, 13, "POST", "/books/batch", f'{{"books": [{{{KNOWN}}}, {{{KNOWN}}}]}}'),
}
"""The statements on PostgreSQL and on SQLite, and the write."""


def number_of_statements(member: Client, database: DatabaseInside, *write: str, **headers: str) -> int:
    """The statements of a write, without those that afterwards remove what it has left behind."""
    method, path, body = write
    database.connection.info.pop(SHARED, None)  # as in a transaction of its own
    headers |= {"Content-Type": "application/json"} if body else {}
    with counted_queries(database.engine) as statements:
        member.request(method, path, content=body, headers=headers).raise_for_status()
    return max(place for place, text in enumerate(statements, 1) if " sessions" in text)


BY_LANE = {
    "a book": (3, 10),
    "a book with a known genre": (4, 12),
    "a book with new words": (3, 11),
    "a book with an ISBN": (4, 11),
}
"""Those that the fast lane sends for one book; it sends as many for a group."""


@pytest.fixture(autouse=True)
def by_flask(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Flask create the books."""
    monkeypatch.setattr(create_lane, "takes_lane", lambda _test: False)


@pytest.fixture
def by_lane(by_flask: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001  (it comes first)
    """Let the fast lane create them."""
    monkeypatch.setattr(create_lane, "takes_lane", lambda _test: True)


@pytest.mark.usefixtures("by_lane")
@pytest.mark.parametrize("what", BY_LANE)
def test_number_by_lane(member: Client, make: Factory, database: DatabaseInside, kind: str, what: str) -> None:
    book = make.book(member, title="Known words", genres=["Known"])
    *write, body = WRITES[what][2:]
    body = body.replace("AUTHOR", str(book["author_id"]))
    on_postgres, on_sqlite = BY_LANE[what]
    assert number_of_statements(member, database, *write, body) == (on_postgres if kind == "postgresql" else on_sqlite)


@pytest.mark.parametrize("what", WRITES)
def test_number_of_statements(member: Client, make: Factory, database: DatabaseInside, kind: str, what: str) -> None:
    book = make.book(member, title="Known words", genres=["Known"])
    on_postgres, on_sqlite, *write = WRITES[what]
    write = [text.replace("BOOK", str(book["id"])).replace("AUTHOR", str(book["author_id"])) for text in write]
    assert number_of_statements(member, database, *write) == (on_postgres if kind == "postgresql" else on_sqlite)


def test_number_with_an_idempotency_key(member: Client, make: Factory, database: DatabaseInside, kind: str) -> None:
    write = "POST", "/books", f'{{"title": "Known words", "author_id": {make.author(member)["id"]}}}'
    first, second = (number_of_statements(member, database, *write, **{"Idempotency-Key": key}) for key in "ab")
    assert second <= first
    assert second == (4 if kind == "postgresql" else 12)
