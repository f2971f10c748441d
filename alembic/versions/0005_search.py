"""Search words: whole titles, initials and hyphenated words as one word, words with symbols, emoji.

They are rewritten, a thousand records at a time; no document changes. The previous release finds the same records with
them, since they include all of its words.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic import op

from app.domain.names import pluralize
from app.search.index import Entry, SearchIndex

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

AT_ONCE = 1_000
LINE_EVERY = 50_000
"""Records: some ten seconds of work."""
TABLES = {"author": "authors", "book": "books"}
COLUMNS = ("title", "everything")
FTS5 = """
CREATE VIRTUAL TABLE {search} USING fts5 (
    title, everything,
    tokenize = "unicode61 remove_diacritics 0 categories 'L* N* Co M*'", prefix = '{prefix}'
)
"""


def upgrade() -> None:
    """Rewrite the words, into empty tables: PostgreSQL's indexes are created afterwards.

    On SQLite the index segments of the batches are merged: without that, a search for a rare word took five times as
    long (300,000 books).
    """
    if op.get_context().as_sql:
        return
    connection = op.get_bind()
    for kind, table in TABLES.items():
        search = f"{kind}_search"
        if connection.dialect.name == "sqlite":
            op.drop_table(search)
            op.execute(FTS5.format(search=search, prefix="1 2 3 4"))
            _write_words(connection, kind, table)
            op.execute(f"INSERT INTO {search} ({search}) VALUES ('optimize')")  # noqa: S608  (our own names)
            continue
        for column in COLUMNS:
            op.drop_index(f"ix_{search}_{column}", search)
        op.execute(f"TRUNCATE {search}")
        _write_words(connection, kind, table)
        for column in COLUMNS:
            op.create_index(f"ix_{search}_{column}", search, [column], postgresql_using="gin")


def downgrade() -> None:
    """Keep the words: the additional ones do no harm. SQLite's tables are recreated as before."""
    if op.get_context().as_sql or op.get_bind().dialect.name != "sqlite":
        return
    for search in (f"{kind}_search" for kind in TABLES):
        op.execute(f"CREATE TABLE kept AS SELECT rowid AS id, title, everything FROM {search}")  # noqa: S608  (our own names)
        op.drop_table(search)
        op.execute(FTS5.format(search=search, prefix="2 3 4"))
        op.execute(
            f"INSERT INTO {search} (rowid, title, everything) SELECT id, title, everything FROM kept"  # noqa: S608  (our own names)
        )
        op.drop_table("kept")


def _write_words(connection: sa.Connection, kind: str, table: str) -> None:
    index = SearchIndex(connection, kind)
    done = 0
    for rows in _in_slices(connection, table):
        seen = index.keep(_entry(kind, row.id, json.loads(row.document)) for row in rows)
        index.learn(seen)  # all of them, unlike `put`, which limits what one request may add
        done += len(rows)
        if done % LINE_EVERY == 0:
            sys.stderr.write(f"0005: words of {pluralize(done, kind)}\n")


def _entry(kind: str, record_id: int, document: dict[str, Any]) -> Entry:
    if kind == "author":
        return Entry(record_id, [document["name"]], [document["sort_name"]], [document["sort_name"]])
    names = [part["name"] for part in document["contributors"]]
    others = [document["subtitle"] or "", document["series"] or "", *names, *document["genres"]]
    return Entry(record_id, [document["title"]], others)


def _in_slices(connection: sa.Connection, table: str) -> Iterator[Sequence[sa.Row[Any]]]:
    last = 0
    query = sa.text(f"SELECT id, document FROM {table} WHERE id > :last ORDER BY id LIMIT {AT_ONCE}")  # noqa: S608  (our own names)
    while rows := connection.execute(query, {"last": last}).all():
        yield rows
        last = rows[-1].id
