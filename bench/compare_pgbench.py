"""The limit: the statements of our service, sent by pgbench, prepared, without any service."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from time import sleep
from typing import TYPE_CHECKING, Any

from psycopg.sql import Literal
from sqlalchemy import Engine, event

from app.database import Database
from app.queries.authors import AuthorReader
from app.queries.books import BookReader
from app.schemas.lists import BookFilters
from app.schemas.pages import PageQuery
from bench.compare_measuring import SETTLES_AFTER, Measured, used_by_each
from bench.compare_rows import AUTHOR, BY_ID, CREATE, FILTER, NESTED, PAGE
from devtools.databases import settings_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Connection

    from bench.catalogue import Size
    from bench.compare_measuring import DatabaseClock

CLIENTS = 16
"""More do no more on two cores."""
VALUE = 7
"""The id with which statements are recorded; a random one takes its place."""
TRANSACTIONS = re.compile(r"actually processed: (\d+)")
RATE = re.compile(r"tps = ([\d.]+)")
FAILED = re.compile(r"failed transactions: (\d+)")
PARAMETER = re.compile(r"%\((\w+)\)s")
NEW_BOOK = """
    WITH book AS (
        INSERT INTO books (id, title, sort_title, title_key, subtitle, author_id, isbn, published_year, published,
            language, publisher, publisher_key, description, pages, identifiers, links, call_number, location,
            created_by, version, created_at, updated_at, document, updated_by)
        SELECT next, 'The w' || :word, 'w' || :word || ', The', 'w' || :word || ' the', 'A subtitle of usual length',
            :author, (9790000000000 + next)::text, 1990, '1990-05', 'en', 'Some Press', 'some press', {description},
            300, '[{{"type":"oclc","value":"' || next || '"}}]', {links}, '823 ' || :author, 'Main Library',
            1, 1, now(), now(), {document}, 1
        FROM nextval(pg_get_serial_sequence('books', 'id')) AS next RETURNING id, document, created_at
    ), contributors AS (
        INSERT INTO book_contributors (book_id, author_id, role, position) SELECT id, :author, 'aut', 0 FROM book
    ), genres AS (
        INSERT INTO book_genres (book_id, genre_id, position)
        SELECT id, genre, genre - :genre::int
        FROM book, generate_series(:genre::int, :genre::int + 1) AS genre
    ), identifiers AS (
        INSERT INTO book_identifiers (book_id, type, value) SELECT id, 'oclc', id::text FROM book
    ), words AS (
        INSERT INTO book_search (id, title, everything)
        SELECT id, array_to_tsvector(ARRAY['the', 'w' || :word]),
            array_to_tsvector(
                ARRAY['the', 'a', 'subtitle', 'of', 'usual', 'length', 'fiction', 'history', 'w' || :word]
            )
        FROM book
    )
    INSERT INTO changes (at, kind, record_id, version, action, actor_id, via, request_id, created_by, after)
    SELECT created_at, 'book', id, 1, 'created', 1, 'session', gen_random_uuid(), 1, document FROM book;
"""
"""The rows that our service writes for a book, in one statement: book, contributor, two genres, identifier, search,
change log. Its words and genres are known. A test compares them with those of the service."""
LINKS = '[{"rel":"about","href":"https://books.example.org/1","type":null,"title":null}]'


@dataclass(frozen=True)
class Scripts:
    """The script of each row that has one: all but searches, whose statements must not be prepared."""

    by_row: dict[str, str]

    @classmethod
    def of(cls, url: str, size: Size) -> Scripts:
        """Record the statements of our readers."""
        database = Database.of(settings_for(url))
        filters = BookFilters.model_validate({"author_id": VALUE})
        reads: dict[str, tuple[int, Callable[[Connection], object]]] = {
            BY_ID.key: (size.books, lambda connection: BookReader(connection).find(VALUE)),
            PAGE.key: (size.books, lambda connection: BookReader(connection).page(BookFilters(), [VALUE])),
            FILTER.key: (size.authors, lambda connection: BookReader(connection).page(filters, None)),
            NESTED.key: (size.authors, _nested),
            AUTHOR.key: (size.authors, lambda connection: AuthorReader(connection).find(VALUE)),
        }
        scripts = {
            row: "".join([f"\\set value random(1, {most})\n", *_recorded(database, read)])
            for row, (most, read) in reads.items()
        }
        with database.reading() as connection:
            document = BookReader(connection).find(VALUE)
        database.engine.dispose()
        return cls(scripts | {CREATE.key: creating(size, document)})


def _nested(connection: Connection) -> None:
    AuthorReader(connection).find(VALUE)
    BookReader(connection).page_of_author(VALUE, PageQuery(), None)


def _recorded(database: Database, read: Callable[[Connection], object]) -> Iterator[str]:
    """The statements that a read sends, with the variable `value`."""
    sent: list[tuple[str, dict[str, Any]]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: dict[str, Any], *_rest: object) -> None:
        sent.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)  # readers have an engine of their own
    try:
        with database.reading() as connection:
            sent.clear()  # what the opening has sent
            read(connection)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    if not sent:
        msg = "no statement was recorded"
        raise RuntimeError(msg)
    for statement, parameters in sent:
        filled = PARAMETER.sub(lambda found: _text(parameters[found[1]]), statement)  # noqa: B023  (used at once)
        yield f"{' '.join(filled.replace('%%', '%').split())};\n"


def _text(value: object) -> str:
    return ":value" if value == VALUE else Literal(value).as_string()


def _without_colons(text: str) -> str:
    """A text as a literal without colons, with which variables of pgbench begin."""
    escaped = text.replace("\\", "\\\\").replace("'", "''").replace(":", "\\003A")
    return f"U&'{escaped}'"


def creating(size: Size, document: str) -> str:
    """The script that creates a book; every book has the same document."""
    values = {"document": _without_colons(document), "links": _without_colons(LINKS)}
    values["description"] = Literal("word " * 20).as_string()
    variables = {"author": size.authors, "genre": 38, "word": 1_000}
    lines = [f"\\set {name} random(1, {most})\n" for name, most in variables.items()]
    return "".join([*lines, " ".join(NEW_BOOK.format(**values).split()), "\n"])


@dataclass(frozen=True)
class Pgbench:
    """Runs pgbench."""

    program: Path
    scripts: Scripts
    clock: DatabaseClock

    def measure(self, row: str, url: str, folder: Path, seconds: float) -> Measured:
        """Run the script of a row for some seconds.

        Raises:
            RuntimeError: pgbench failed.
        """
        file = folder / f"{row}.sql"
        file.write_text(self.scripts.by_row[row])
        command = [
            *(str(self.program), "--no-vacuum", "--protocol", "prepared", "--client", str(CLIENTS)),
            *("--time", str(max(1, round(seconds))), "--file", str(file), url),
        ]
        before = self.clock.seconds()
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  (our own command)
        sleep(SETTLES_AFTER)  # until PostgreSQL has noticed that the connections have ended
        count, rate = TRANSACTIONS.search(done.stdout), RATE.search(done.stdout)
        if done.returncode or count is None or rate is None:
            msg = f"pgbench failed: {done.stdout}{done.stderr}"
            raise RuntimeError(msg)
        failed = FAILED.search(done.stdout)
        database = used_by_each(self.clock, before, max(1, int(count[1])))
        return Measured(float(rate[1]), None, None, int(failed[1]) if failed else 0, 0.0, database)
