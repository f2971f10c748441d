"""A catalogue as revision 0001's service left it: its rows, and its documents as that service wrote them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, MetaData, TextClause, delete, insert, text

from app.domain.names import name_key
from tests.support.factories import isbn13

if TYPE_CHECKING:
    from sqlalchemy import Engine

BOOKS = 2_500
AUTHORS = 1_100
"""More than one slice of the thousand that a migration takes at a time."""
BROUGHT_ID = 2_000_000
"""A book with a client-supplied id: later ids were generated from there on."""
DELETED_ID = BROUGHT_ID + 7
"""The highest id that was ever generated; its book is deleted."""
TABLES = ("users", "authors", "genres", "books", "book_genres")
BEGAN = datetime(2025, 2, 3, 4, 5, 6, tzinfo=UTC)

NAMES = [
    "Gabriel García Márquez",
    "Charlotte Brontë",
    "Martin Luther King Jr.",
    "Johann Wolfgang von Goethe",
    "Platon",
    "曹雪芹",
    "نجيب محفوظ",
    "Фёдор Достоевский",
    "Ομηρος",
    "O\u2019Brien, Flann",
    'A "quoted" \\ name',
    "a\tname\nof two lines",
    "Name \x1f\x7f\u2028\u2029 with controls",
    "👩‍🔬 Scientist",
    "e\u0301 decomposed",
    "???",
    f"{'N' * 127} {'M' * 127}",
    "ﷺ" * 255,
]
"""The first authors; the others are only many."""
TITLES = [
    "One Hundred Years of Solitude",
    "红楼梦",
    "زقاق المدق",
    "Преступление и наказание",
    "Οδύσσεια",
    "吾輩は猫である",
    "हिन्दी की कहानियाँ",
    "???",
    "The \\ of “quotes” and 'apostrophes'\x08\x0c\x1f\x7f\u2028",
    "İstanbul STRASSE straße",
    "\U0001d56f\U0001d594\U0001d59a\U0001d587\U0001d591\U0001d58a 🏳️‍🌈",
    "ﷺ" * 500,
    "x" * 500,
    "Long word " + "w" * 490,
]
GENRES = ["Fiction", "Classics", "Science fiction", "Поэзия", "詩", 'A "genre"', *(f"Genre {n}" for n in range(94))]


def fill(engine: Engine) -> None:
    """Fill a database that is at revision 0001."""
    tables = MetaData()
    with engine.execution_options(writes=True).begin() as connection:
        tables.reflect(connection, only=TABLES)
        rows = _rows()
        for name in TABLES:
            connection.execute(insert(tables.tables[name]), rows[name])
        _give_ids_up_to(connection, {"users": 3, "authors": AUTHORS, "genres": len(GENRES), "books": DELETED_ID})
        connection.execute(delete(tables.tables["books"]).where(tables.tables["books"].c.id == DELETED_ID))


def rows_of(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    """All that is in the tables, in order: the columns that revision 0001 has."""
    with engine.connect() as connection:
        return {name: [dict(row) for row in connection.execute(_all_of(name)).mappings()] for name in TABLES}


def _all_of(table: str) -> TextClause:
    key = "book_id, position" if table == "book_genres" else "id"
    return text(f"SELECT {', '.join(_rows()[table][0])} FROM {table} ORDER BY {key}")  # noqa: S608  (our own names)


def _give_ids_up_to(connection: Connection, last: dict[str, int]) -> None:
    """SQLite has counted by itself."""
    if connection.dialect.name == "postgresql":
        for table, last_id in last.items():
            connection.execute(
                text("SELECT setval(pg_get_serial_sequence(:table, 'id'), :last_id)"),
                {"table": table, "last_id": last_id},
            )


@cache
def _rows() -> dict[str, list[dict[str, Any]]]:
    genres = [{"id": n, "name": name, "name_key": name_key(name)} for n, name in enumerate(GENRES, 1)]
    books = [_book(number) for number in range(BOOKS)] + [_book(BOOKS) | {"id": DELETED_ID, "isbn": None}]
    return {
        "users": [_user(number) for number in (1, 2, 3)],
        "authors": [_author(number) for number in range(1, AUTHORS + 1)],
        "genres": genres,
        "books": books,
        "book_genres": [
            {"book_id": book["id"], "genre_id": genre, "position": position}
            for number, book in enumerate(books[:-1])
            for position, genre in enumerate(_genres_of(number))
        ],
    }


def _user(number: int) -> dict[str, Any]:
    name = f"User {number}"
    return {
        "id": number,
        "username": name,
        "username_key": name_key(name),
        "password_hash": f"hash {number}",
        "created_at": BEGAN,
    }


def _author(number: int) -> dict[str, Any]:
    name = NAMES[number - 1] if number <= len(NAMES) else f"Given{number % 40} Surname{number % 50}"
    fields = {
        "id": number,
        "name": name,
        "bio": [None, "", "A life\nin “lines” \\ and ünïcode ‎", "b" * 10_000][number % 4 if number < 200 else 0],
        "country": None if number % 3 else "España",
    }
    record = _record(number)
    document = _dump(fields | _times(record) | {"version": record["version"]})
    return fields | record | {"name_key": name_key(name), "document": document, "created_by": _owner(number)}


def _book(number: int) -> dict[str, Any]:
    """Ids have gaps; the last few books came after the one with a client-supplied id."""
    late = number - (BOOKS - 5)
    fields = {
        "id": BROUGHT_ID + late if late >= 0 else number * 3 + 1,
        "title": TITLES[number] if number < len(TITLES) else f"Title {number % 700} of many",
        "author_id": number * 7 % AUTHORS + 1,
        "isbn": None if number % 3 else isbn13(number),
        "published_year": [None, -750, 0, 1605, 2025, -5000][number % 6],
    }
    record = _record(number)
    document = _dump(
        fields
        | {"genres": [GENRES[genre - 1] for genre in _genres_of(number)]}
        | _times(record)
        | {"created_by": _owner(number), "version": record["version"]}
    )
    return fields | record | {"document": document, "created_by": _owner(number)}


def _genres_of(number: int) -> list[int]:
    """Between none and six, in an order that is not that of their ids; now and then a hundred."""
    if number == 1:
        return list(range(len(GENRES), 0, -1))
    return list(dict.fromkeys((number * step) % len(GENRES) + 1 for step in range(11, 11 + number % 7)))


def _owner(number: int) -> int | None:
    return (None, 1, 2, 3)[number % 4]


def _record(number: int) -> dict[str, Any]:
    created = BEGAN + timedelta(hours=number // 4, microseconds=number % 3 * 1000)
    return {
        "version": 1 + number % 9,
        "created_at": created,
        "updated_at": created + timedelta(seconds=number % 9, microseconds=number % 2 * 120),
    }


def _times(record: dict[str, Any]) -> dict[str, str]:
    return {name: _wire(record[name]) for name in ("created_at", "updated_at")}


def _wire(moment: datetime) -> str:
    """As pydantic writes it: with six digits of a second's fraction, or none."""
    return moment.replace(tzinfo=None).isoformat() + "Z"


def _dump(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
