"""How much a list reads: no combination of filters, sort, search and count goes through the table from end to end.

What is counted is the same on every machine: steps of SQLite's virtual machine, and rows that PostgreSQL takes from its
tables. The bounds of the plans are smaller here, and the catalogue is large beside them.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import combinations, cycle, islice, product
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert, text

from app.database import Database
from app.models import Author, Book, BookGenre, BookIdentifier, Contributor, Genre, User
from app.queries import filtered_lists, keyset
from app.queries.book_filters import ORDERS
from app.queries.books import BookReader
from app.queries.filtered_lists import Turn
from app.schemas.lists import BookFilters
from app.schemas.pages import PageQuery
from app.search import postgres_pages
from app.search.index import SearchIndex
from devtools.databases import settings_for
from devtools.templates import migrated_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

pytestmark = pytest.mark.slow

BOOKS = 30_000
BEGINNING = datetime(2024, 1, 1, tzinfo=UTC)
TURNS = (Turn(50, 200), Turn(200, 500), Turn(300, 0))
VALUES: dict[str, list[Any]] = {
    "author_id": [1, 2],
    "role": ["aut", "trl"],
    "genre": [["Half"], ["Few"]],
    "language": ["en", "pl"],
    "publisher": ["Press", "Small Press"],
    "series": ["Saga", "Short Saga"],
    "identifier": ["other:half", "other:few"],
    "id": [[5, 77, 29_000], [2]],
    "isbn": [["9780141439587"], ["9780141439587", "9780141439518"]],
    "missing": [["subtitle"], ["published_year", "language"]],
    "published_from": [1901, 2025],
    "published_to": [2020, 1901],
    "created_by": [1, 2],
    "updated_since": [BEGINNING.isoformat(), (BEGINNING + timedelta(seconds=BOOKS - 20)).isoformat()],
}
"""What half of the books have, and what few have."""
OTHERS = list(product([None, *ORDERS], [None, "t", "half", "tale pl", "few"], [None, "exact"]))
OF_EACH_PAIR = 3
MOST = {"sqlite": 0.75, "postgresql": 0.5}
"""What may be read at most, as a part of what it takes to check every book of the catalogue once by its id."""


@pytest.fixture(scope="module")
def catalogue(kind: str, server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Many books, of which half are alike, and few are otherwise; some of the few avoid each other."""
    folder = tmp_path_factory.mktemp("work")
    with migrated_url(kind, server_url, folder) as url:
        database = Database.of(settings_for(url, db_statement_timeout=0))
        with database.engine.begin() as connection:
            fill(connection)
        if kind == "postgresql":
            with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("ANALYZE"))
        yield database
        database.engine.dispose()


def fill(connection: Connection) -> None:
    """Write the rows themselves: through the service it would take minutes."""
    users = [{"id": number, "username": f"u{number}", "username_key": f"u{number}"} for number in (1, 2)]
    connection.execute(insert(User), [user | {"password_hash": "!", "created_at": BEGINNING} for user in users])
    genres = [("Half", 1), ("Few", 2)]
    keys = ("name_key", "filter_key")
    connection.execute(insert(Genre), [{"id": n, "name": g, **dict.fromkeys(keys, g.lower())} for g, n in genres])
    kept = {"version": 1, "created_at": BEGINNING, "updated_at": BEGINNING, "document": "{}"}
    names = ("name", "name_key", "sort_name", "sort_key")
    connection.execute(insert(Author), [{"id": n, **dict.fromkeys(names, f"a{n}"), **kept} for n in (1, 2, 3)])
    rows = [book(number) for number in range(1, BOOKS + 1)]
    connection.execute(insert(Book), [row | kept | {"updated_at": row["updated_at"]} for row in rows])
    parts = [(n, 1 + n % 2 * 2, "aut") for n in range(1, BOOKS + 1)]
    parts += [(n, 2, "trl") for n in range(7, BOOKS + 1, 300)]
    connection.execute(
        insert(Contributor), [{"book_id": n, "author_id": a, "role": r, "position": a} for n, a, r in parts]
    )
    links = [(n, 1) for n in range(2, BOOKS + 1, 2)] + [(n, 2) for n in range(3, BOOKS + 1, 300)]
    connection.execute(insert(BookGenre), [{"book_id": n, "genre_id": g, "position": g} for n, g in links])
    identifiers = [(n, "half") for n in range(1, BOOKS + 1, 2)] + [(n, "few") for n in range(11, BOOKS + 1, 300)]
    connection.execute(insert(BookIdentifier), [{"book_id": n, "type": "other", "value": v} for n, v in identifiers])
    index = SearchIndex(connection, "book")
    words = [{"id": row["id"], "title": row["title"].lower().split(), "number": row["id"]} for row in rows]
    put = [{"id": w["id"], **{c: w["title"] + more(c, w["id"]) for c in ("title", "everything")}} for w in words]
    index.backend.put(connection, index.table, put)


def book(number: int) -> dict[str, Any]:
    """The columns of a book."""
    title = f"{'Tale' if number % 3 else 'Few'} {number * 7919 % BOOKS:06d}"
    return {
        "id": number,
        "title": title,
        "title_key": title.lower(),
        "author_id": 1,
        "published_year": 1900 + number % 126,
        "language": "pl" if number % 300 == 1 else "en",
        **dict.fromkeys(("publisher", "publisher_key"), "small press" if number % 300 == 2 else "press"),
        **dict.fromkeys(("series", "series_key"), "short saga" if number % 300 == 5 else "saga"),
        "series_position": number % 50 if number % 11 else None,
        "created_by": 2 if number % 300 == 9 else 1,
        "updated_at": BEGINNING + timedelta(seconds=number),
    }


def more(column: str, number: int) -> list[str]:
    """Words that are not in the title."""
    return ["half"] * (column == "everything" and number % 2 == 0)


@pytest.fixture
def small_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounds that a catalogue of this size is large for."""
    monkeypatch.setattr(filtered_lists, "TURNS", TURNS)
    monkeypatch.setattr(filtered_lists, "SMALL", 0)
    monkeypatch.setattr(filtered_lists, "MOST_LOOK_UPS", 500)
    monkeypatch.setattr(filtered_lists, "LEAST_CHECKED", 200)
    monkeypatch.setattr(keyset, "MOST_COUNTED", 1_000)
    monkeypatch.setattr(postgres_pages, "PROBED", 200)


def work(connection: Connection, do: Callable[[], object]) -> int:
    """Steps on SQLite; rows taken from tables on PostgreSQL."""
    if connection.dialect.name == "postgresql":
        # In one transaction: PostgreSQL may reset its counters at the end of one.
        rows = text("SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_xact_user_tables")
        before = connection.scalar(rows)
        do()
        return int(connection.scalar(rows) - before)
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 100

    driver: Any = connection.connection.driver_connection
    driver.set_progress_handler(step, 100)
    do()
    driver.set_progress_handler(None, 0)
    return steps


def every_book(connection: Connection) -> int:
    """What it takes to check every book of the catalogue once by its id."""
    holds = "(SELECT title > '' FROM books AS one WHERE one.id = every.id)"
    return work(connection, lambda: connection.execute(text(f"SELECT count(*) FROM books AS every WHERE {holds}")))  # noqa: S608


def queries_with(*names: str) -> Iterator[dict[str, Any]]:
    """Queries with these filters: some of all sorts, searches and counts, others for each pair."""
    at = sum(map(ord, "".join(names)))
    others = islice(cycle(OTHERS), at, None, 13)
    for values in product(*(VALUES[name] for name in names)):
        for sort, q, count in islice(others, OF_EACH_PAIR):
            possible = sort if "series" in names or "series" not in (sort or "") else None
            query = dict(zip(names, values, strict=True)) | {"sort": possible, "q": q, "count": count}
            yield {name: value for name, value in query.items() if value is not None}


class TestNoList:
    def test_has_a_filter_that_is_not_tried(self) -> None:
        assert VALUES.keys() == BookFilters.model_fields.keys() - {*PageQuery.model_fields, "fields", "sort", "q"}

    @pytest.mark.usefixtures("small_bounds")
    @pytest.mark.parametrize("first", VALUES)
    def test_reads_the_table_from_end_to_end(self, catalogue: Database, first: str) -> None:
        names = list(VALUES)
        pairs = [(first,), *((one, other) for one, other in combinations(names, 2) if one == first)]
        with catalogue.reading_engine.connect().execution_options(isolation_level="SERIALIZABLE") as connection:
            most = every_book(connection) * MOST[connection.dialect.name]
            over = {}
            for query in (query for pair in pairs for query in queries_with(*pair)):
                filters = BookFilters.model_validate(query)
                BookReader(connection).page(filters, None)  # what is read once for each process does not count
                took = work(connection, partial(BookReader(connection).page, filters, None))
                if took > most:
                    over[str(query)] = f"{took / most:.1f} times what it may read"
            assert not over
