"""What books refer to: authors and genres, read in one statement, which also takes the locks of a write and gives ids.

On PostgreSQL the statement sees what was committed before it waited for its locks. So it locks the rows, too, as their
references will, and gets the newest version of each: an author cannot be renamed or deleted before the commit, a genre
cannot be deleted.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, text

from app.db.bulk import is_postgres
from app.db.driver_statements import fetch
from app.db.ids import IDS, next_ids
from app.db.locks import NAMES, WORDS, have_shared, share
from app.db.types import TextArray
from app.models import Book
from app.models.drafts import NamedGenre

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session

MOST = 10_000_000
"""More than any write names."""


def each_of(parameter: str, of_type: str) -> str:
    """A query of the values of an array, which hides from the planner how many they are.

    PostgreSQL plans a statement again for each execution if it expects a better plan for the values: that took twice
    as long as the rest. It expects few rows from a limit that it does not know, and so looks each up in the index.
    """
    return f"SELECT unnest(CAST(:{parameter} AS {of_type}[])) LIMIT (SELECT {MOST})"


_READ = {
    "postgresql": text(f"""
        WITH locked AS MATERIALIZED (SELECT {share(NAMES)}, {share(WORDS)}),
        ids AS MATERIALIZED (SELECT {share(Book.__tablename__, IDS)} FROM locked),
        people AS (
            SELECT authors.id, name FROM locked, authors WHERE authors.id IN ({each_of("author_ids", "bigint")})
            ORDER BY authors.id FOR KEY SHARE OF authors
        ),
        named AS (
            SELECT genres.id, name, name_key FROM locked, genres WHERE name_key IN ({each_of("genre_keys", "text")})
            ORDER BY genres.id FOR KEY SHARE OF genres
        )
        SELECT 'locks' AS kind, 0 AS id, NULL AS name, NULL AS name_key FROM locked
        UNION ALL SELECT 'author', id, name, NULL FROM people
        UNION ALL SELECT 'genre', id, name, name_key FROM named
        UNION ALL SELECT 'book', nextval(pg_get_serial_sequence('books', 'id')), NULL, NULL
            FROM ids, generate_series(1, (SELECT CAST(:new AS integer)))
    """).bindparams(bindparam("author_ids", type_=TextArray()), bindparam("genre_keys", type_=TextArray())),  # noqa: S608  (our own names)
    "sqlite": text("""
        SELECT 'author' AS kind, id, name, NULL AS name_key FROM authors
            WHERE id IN (SELECT value FROM json_each(:author_ids))
        UNION ALL SELECT 'genre', id, name, name_key FROM genres
            WHERE name_key IN (SELECT value FROM json_each(:genre_keys))
    """),
}


@dataclass
class References:
    """Names of authors by their ids, genres by their keys, and the ids of new books."""

    names: dict[int, str] = field(default_factory=dict)
    genres: dict[str, NamedGenre] = field(default_factory=dict)
    ids: list[int] = field(default_factory=list)


def read_references(db: Session, author_ids: Collection[int], genre_keys: Collection[str], new: int = 0) -> References:
    """Read authors and genres, those that exist, and take the ids of so many new books.

    Until the transaction ends, it has NAMES and WORDS in shared mode, and none of the rows is deleted.
    """
    connection, found = db.connection(), References()
    if is_postgres(connection):
        given: dict[str, Any] = {"author_ids": [*map(str, author_ids)], "genre_keys": genre_keys, "new": new}
        have_shared(connection, NAMES, WORDS)
    else:
        given = {"author_ids": json.dumps(list(author_ids)), "genre_keys": json.dumps(list(genre_keys))}
        found.ids = next_ids(connection, Book.__tablename__, new)
    for kind, row_id, name, name_key in fetch(connection, _READ[connection.dialect.name], given):
        if kind == "author":
            found.names[row_id] = name
        elif kind == "genre":
            found.genres[name_key] = NamedGenre(row_id, name)
        elif kind == "book":
            found.ids.append(row_id)
    return found
