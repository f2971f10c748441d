"""Tables of search: the words of each record, in the form of each database; and words by their misspellings."""

from __future__ import annotations

from sqlalchemy import DDL, event
from sqlalchemy.orm import Mapped, mapped_column

from app.db.types import SortKey
from app.models.base import Base

KINDS = {"book": "books", "author": "authors"}
"""The kinds of searchable records, and their tables."""

TOKENIZER = "unicode61 remove_diacritics 0 categories 'L* N* Co M*'"
"""FTS5's tokenizer, configured to leave the words unchanged: they are already folded and split."""


class SearchWord(Base):
    """A word of the catalogue, by each of its variants: the word itself, and the word without one of its letters."""

    __tablename__ = "search_words"

    variant: Mapped[str] = mapped_column(SortKey, primary_key=True)
    word: Mapped[str] = mapped_column(SortKey, primary_key=True)


def tables_of_search(dialect: str) -> list[str]:
    """The statements that create the tables of search, which SQLAlchemy cannot express."""
    make = _for_postgres if dialect == "postgresql" else _for_sqlite
    return [statement for kind, table in KINDS.items() for statement in make(kind, table)]


def _for_postgres(kind: str, table: str) -> list[str]:
    """Disable parallel workers: starting them takes longer (15 ms) than a search."""
    search = f"{kind}_search"
    return [
        f"""
        CREATE TABLE {search} (
            id BIGINT CONSTRAINT pk_{search} PRIMARY KEY
                CONSTRAINT fk_{search}_id_{table} REFERENCES {table} (id) ON DELETE CASCADE,
            title TSVECTOR NOT NULL,
            everything TSVECTOR NOT NULL
        ) WITH (parallel_workers = 0)
        """,
        f"CREATE INDEX ix_{search}_title ON {search} USING gin (title)",
        f"CREATE INDEX ix_{search}_everything ON {search} USING gin (everything)",
    ]


def _for_sqlite(kind: str, table: str) -> list[str]:
    search = f"{kind}_search"
    forgets = f"DELETE FROM {search} WHERE rowid = old.id"  # noqa: S608  (our own names)
    columns = f"""title, everything, tokenize = "{TOKENIZER}", prefix = '1 2 3 4'"""
    return [
        f"CREATE VIRTUAL TABLE {search} USING fts5 ({columns})",
        f"CREATE TRIGGER {search}_forgets AFTER DELETE ON {table} BEGIN {forgets}; END",
    ]


for _dialect in ("postgresql", "sqlite"):
    for _statement in tables_of_search(_dialect):
        _make = DDL(_statement)  # type: ignore[no-untyped-call]  # SQLAlchemy's
        event.listen(Base.metadata, "after_create", _make.execute_if(dialect=_dialect))
    for _kind in KINDS:
        _drop = DDL(f"DROP TABLE IF EXISTS {_kind}_search")  # type: ignore[no-untyped-call]  # likewise
        event.listen(Base.metadata, "before_drop", _drop.execute_if(dialect=_dialect))
