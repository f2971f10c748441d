"""Contributors, the richer fields of books and authors, sort keys, and search.

The documents and words of existing records are rewritten, a thousand records at a time.
"""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

from app.db.migration_effects import Effects
from app.db.migration_steps import in_slices, run_steps
from app.db.migrations import changed_table
from app.domain.names import name_key
from app.domain.sort_names import sort_name_of
from app.search.typos import new_variants, tolerates_typo
from app.search.words import words

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

EFFECTS = Effects(
    "Adds contributors and further fields; rewrites all documents, and builds the search index.",
    reads=False,
    writes=False,
    seconds={"books": 600, "authors": 200},
)

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SORT_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

BOOK_COLUMNS: list[tuple[str, Any]] = [
    ("title_key", SORT_KEY),
    ("subtitle", sa.String(500)),
    ("language", sa.String(35)),
    ("publisher", sa.String(255)),
    ("publisher_key", SORT_KEY),
    ("description", sa.Text()),
    ("pages", sa.Integer()),
    ("series", sa.String(500)),
    ("series_key", SORT_KEY),
    ("series_position", sa.Double()),
    ("cover_url", sa.Text()),
]
AUTHOR_COLUMNS: list[tuple[str, Any]] = [
    ("sort_name", sa.String(255)),
    ("sort_key", SORT_KEY),
    ("birth_year", sa.Integer()),
    ("death_year", sa.Integer()),
]
BOOK_INDEXES: dict[str, list[Any]] = {
    "ix_books_title_key_id": ["title_key", "id"],
    "ix_books_year_id": [sa.text("coalesce(published_year, 100000)"), "id"],
    "ix_books_year_back_id": [sa.text("coalesce(-published_year, 100000)"), "id"],
    "ix_books_created_at_id": ["created_at", "id"],
    "ix_books_updated_at_id": ["updated_at", "id"],
    "ix_books_language_id": ["language", "id"],
    "ix_books_publisher_key_id": ["publisher_key", "id"],
    "ix_books_series_key_id": ["series_key", "id"],
    "ix_books_created_by_id": ["created_by", "id"],
}
AUTHOR_INDEXES: dict[str, list[Any]] = {
    "ix_authors_sort_key_id": ["sort_key", "id"],
    "ix_authors_created_at_id": ["created_at", "id"],
    "ix_authors_updated_at_id": ["updated_at", "id"],
}

SEARCH = {
    "postgresql": [
        """
        CREATE TABLE {kind}_search (
            id BIGINT CONSTRAINT pk_{kind}_search PRIMARY KEY
                CONSTRAINT fk_{kind}_search_id_{table} REFERENCES {table} (id) ON DELETE CASCADE,
            title TSVECTOR NOT NULL,
            everything TSVECTOR NOT NULL
        ) WITH (parallel_workers = 0)
        """,
        "CREATE INDEX ix_{kind}_search_title ON {kind}_search USING gin (title)",
        "CREATE INDEX ix_{kind}_search_everything ON {kind}_search USING gin (everything)",
    ],
    "sqlite": [
        """
        CREATE VIRTUAL TABLE {kind}_search USING fts5 (
            title, everything,
            tokenize = "unicode61 remove_diacritics 0 categories 'L* N* Co M*'", prefix = '2 3 4'
        )
        """,
        """
        CREATE TRIGGER {kind}_search_forgets AFTER DELETE ON {table}
        BEGIN DELETE FROM {kind}_search WHERE rowid = old.id; END
        """,
    ],
}
OLD_BOOK = (
    "id",
    "title",
    "author_id",
    "isbn",
    "published_year",
    "genres",
    "created_at",
    "updated_at",
    "created_by",
    "version",
)
OLD_AUTHOR = ("id", "name", "bio", "country", "created_at", "updated_at", "version")


def upgrade() -> None:
    """Add the columns, and rewrite documents and search words."""
    run_steps(
        revision,
        {
            "add columns": _add_columns,
            "fill sort keys": _fill_keys,
            "add constraints, indexes and tables": _add_the_rest,
            "rewrite documents": _fill_documents,
        },
    )


def _add_columns() -> None:
    for table, added in (("authors", AUTHOR_COLUMNS), ("books", BOOK_COLUMNS)):
        for name, column_type in added:
            op.add_column(table, sa.Column(name, column_type))


def _add_the_rest() -> None:
    op.drop_index("ix_books_created_by", "books")
    with changed_table("authors") as authors:
        authors.alter_column("sort_name", nullable=False, existing_type=sa.String(255))
        authors.alter_column("sort_key", nullable=False, existing_type=SORT_KEY)
        for year in ("birth_year", "death_year"):
            authors.create_check_constraint(op.f(f"ck_authors_{year}"), f"{year} >= -5000 AND {year} <= 9999")
    with changed_table("books") as books:
        books.alter_column("title_key", nullable=False, existing_type=SORT_KEY)
        books.create_check_constraint(op.f("ck_books_pages"), "pages >= 1 AND pages <= 100000")
    for table, indexes in (("authors", AUTHOR_INDEXES), ("books", BOOK_INDEXES)):
        for name, columns in indexes.items():
            op.create_index(name, table, columns)
    op.create_table(
        "book_contributors",
        sa.Column("book_id", BIG_ID, nullable=False),
        sa.Column("author_id", BIG_ID, nullable=False),
        sa.Column("role", sa.String(3), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("book_id", "author_id", "role", name="pk_book_contributors"),
        sa.ForeignKeyConstraint(
            ["book_id"], ["books.id"], name="fk_book_contributors_book_id_books", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["author_id"], ["authors.id"], name="fk_book_contributors_author_id_authors"),
    )
    op.create_index("ix_book_contributors_author_id_book_id", "book_contributors", ["author_id", "book_id"])
    op.create_table(
        "search_words",
        sa.Column("variant", SORT_KEY, nullable=False),
        sa.Column("word", SORT_KEY, nullable=False),
        sa.PrimaryKeyConstraint("variant", "word", name="pk_search_words"),
    )
    for kind, table in (("book", "books"), ("author", "authors")):
        for statement in SEARCH[op.get_bind().dialect.name]:
            op.execute(statement.format(kind=kind, table=table))
    op.execute(
        "INSERT INTO book_contributors (book_id, author_id, role, position) SELECT id, author_id, 'aut', 0 FROM books"
    )


def downgrade() -> None:
    """Drop what was added; its data is lost."""
    _narrow_documents()
    if op.get_bind().dialect.name == "sqlite":
        for kind in ("book", "author"):
            op.execute(f"DROP TRIGGER {kind}_search_forgets")
    for name in ("author_search", "book_search", "search_words", "book_contributors"):
        op.drop_table(name)
    for table, indexes in (("authors", AUTHOR_INDEXES), ("books", BOOK_INDEXES)):
        for name in indexes:
            op.drop_index(name, table)
    with changed_table("books") as books:
        books.drop_constraint(op.f("ck_books_pages"), type_="check")
        for name, _ in BOOK_COLUMNS:
            books.drop_column(name)
    with changed_table("authors") as authors:
        for year in ("birth_year", "death_year"):
            authors.drop_constraint(op.f(f"ck_authors_{year}"), type_="check")
        for name, _ in AUTHOR_COLUMNS:
            authors.drop_column(name)
    op.create_index("ix_books_created_by", "books", ["created_by"])


def _narrow_documents() -> None:
    for table, kept in (("books", OLD_BOOK), ("authors", OLD_AUTHOR)):
        for rows in in_slices(f"SELECT id, document FROM {table}", table):  # noqa: S608  (our own names)
            documents = [(row.id, json.loads(row.document)) for row in rows]
            op.get_bind().execute(
                sa.text(f"UPDATE {table} SET document = :document WHERE id = :id"),  # noqa: S608  (our own names)
                [{"id": key, "document": _dump({name: doc[name] for name in kept})} for key, doc in documents],
            )


def _fill_keys() -> None:
    for rows in in_slices("SELECT id, name FROM authors", "authors"):
        names = [(row.id, sort_name_of(row.name)) for row in rows]
        op.get_bind().execute(
            sa.text("UPDATE authors SET sort_name = :sort_name, sort_key = :sort_key WHERE id = :id"),
            [{"id": key, "sort_name": name, "sort_key": name_key(name)} for key, name in names],
        )
    for rows in in_slices("SELECT id, title FROM books", "books"):
        op.get_bind().execute(
            sa.text("UPDATE books SET title_key = :title_key WHERE id = :id"),
            [{"id": row.id, "title_key": name_key(row.title)} for row in rows],
        )


def _fill_documents() -> None:
    """Write the documents, and the words for search."""
    connection = op.get_bind()
    for rows in in_slices("SELECT id, name, sort_name, document FROM authors", "authors"):
        connection.execute(
            sa.text("UPDATE authors SET document = :document WHERE id = :id"),
            [{"id": row.id, "document": _author_document(row)} for row in rows],
        )
        _index("author", [(row.id, words(row.name), words(row.name) + words(row.sort_name)) for row in rows])
    of_books = (
        "SELECT * FROM (SELECT books.id, books.author_id, authors.name, books.document FROM books"
        " JOIN authors ON authors.id = books.author_id) AS books_of_authors"
    )
    for rows in in_slices(of_books, "books"):
        documents = [(row, json.loads(row.document)) for row in rows]
        connection.execute(
            sa.text("UPDATE books SET document = :document WHERE id = :id"),
            [{"id": row.id, "document": _book_document(row, document)} for row, document in documents],
        )
        _index("book", [(row.id, words(doc["title"]), _words_of_book(row, doc)) for row, doc in documents])


def _words_of_book(row: sa.Row[Any], document: dict[str, Any]) -> list[str]:
    return [word for text in (document["title"], row.name, *document["genres"]) for word in words(text)]


def _author_document(row: sa.Row[Any]) -> str:
    old = json.loads(row.document)
    named = {"id": row.id, "name": row.name, "sort_name": row.sort_name, "bio": old["bio"], "country": old["country"]}
    return _dump({**named, "birth_year": None, "death_year": None, **{name: old[name] for name in OLD_AUTHOR[4:]}})


def _book_document(row: sa.Row[Any], old: dict[str, Any]) -> str:
    return _dump(
        {
            "id": row.id,
            "title": old["title"],
            "subtitle": None,
            "author_id": row.author_id,
            "contributors": [{"author_id": row.author_id, "name": row.name, "role": "aut"}],
            "isbn": old["isbn"],
            "published_year": old["published_year"],
            **dict.fromkeys(
                ("language", "publisher", "description", "pages", "series", "series_position", "cover_url")
            ),
            **{name: old[name] for name in OLD_BOOK[5:]},
        }
    )


def _index(kind: str, entries: list[tuple[int, list[str], list[str]]]) -> None:
    connection = op.get_bind()
    on_postgres = connection.dialect.name == "postgresql"
    statement = (
        f"INSERT INTO {kind}_search (id, title, everything)"  # noqa: S608  (our own names)
        " VALUES (:id, array_to_tsvector(CAST(:title AS text[])), array_to_tsvector(CAST(:everything AS text[])))"
        if on_postgres
        else f"INSERT INTO {kind}_search (rowid, title, everything) VALUES (:id, :title, :everything)"  # noqa: S608  (our own names)
    )
    kept = list if on_postgres else " ".join
    connection.execute(
        sa.text(statement),
        [{"id": key, "title": kept(title), "everything": kept(all_)} for key, title, all_ in entries],
    )
    pairs = new_variants({word for _, _, all_ in entries for word in all_ if tolerates_typo(word)})
    if pairs:
        connection.execute(
            sa.text("INSERT INTO search_words (variant, word) VALUES (:variant, :word) ON CONFLICT DO NOTHING"),
            [{"variant": variant, "word": word} for variant, word in pairs],
        )


def _dump(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
