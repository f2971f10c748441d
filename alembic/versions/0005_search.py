"""Search words: whole titles, initials and hyphenated words as one word, words with symbols, emoji.

They are rewritten, a thousand records at a time; no document changes. The previous release finds the same records with
them, since they include all of its words.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from alembic import op

from app.db.migration_effects import Effects
from app.db.migration_steps import in_slices, run_steps
from app.search.index import Entry, SearchIndex

if TYPE_CHECKING:
    from collections.abc import Callable

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

EFFECTS = Effects(
    "Rewrites the search index. Searches find only some of the records meanwhile.",
    reads=False,
    writes=False,
    seconds={"books": 600, "authors": 150},
)

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
    steps: dict[str, Callable[[], None]] = {}
    for kind, table in TABLES.items():
        steps |= {
            f"empty the index of {table}": partial(_empty, f"{kind}_search"),
            f"write words of {table}": partial(_write_words, kind, table),
            f"complete the index of {table}": partial(_complete, f"{kind}_search"),
        }
    if not op.get_context().as_sql:
        run_steps(revision, steps)


def _empty(search: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.drop_table(search)
        op.execute(FTS5.format(search=search, prefix="1 2 3 4"))
        return
    for column in COLUMNS:
        op.drop_index(f"ix_{search}_{column}", search)
    op.execute(f"TRUNCATE {search}")


def _complete(search: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"INSERT INTO {search} ({search}) VALUES ('optimize')")  # noqa: S608  (our own names)
        return
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


def _write_words(kind: str, table: str) -> None:
    index = SearchIndex(op.get_bind(), kind)
    for rows in in_slices(f"SELECT id, document FROM {table}", table):  # noqa: S608  (our own names)
        seen = index.keep(_entry(kind, row.id, json.loads(row.document)) for row in rows)
        index.learn(seen)  # all of them, unlike `put`, which limits what one request may add


def _entry(kind: str, record_id: int, document: dict[str, Any]) -> Entry:
    if kind == "author":
        return Entry(record_id, [document["name"]], [document["sort_name"]], [document["sort_name"]])
    names = [part["name"] for part in document["contributors"]]
    others = [document["subtitle"] or "", document["series"] or "", *names, *document["genres"]]
    return Entry(record_id, [document["title"]], others)
