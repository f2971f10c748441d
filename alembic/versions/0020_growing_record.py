"""More fields: sort title, date, identifiers, links, call number and location of books, other names of authors."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from pydantic_core import to_json

from app.db.migration_effects import Effects
from app.db.migration_steps import in_slices, run_steps
from app.domain.sort_keys import sort_key
from app.domain.sort_titles import sort_title_of

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

EFFECTS = Effects(
    "Adds fields to books and authors, derives sort titles, and writes the fields to all documents.",
    reads=True,
    writes=False,
    seconds={"books": 170, "authors": 50},
)

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COLUMNS = {
    "sort_title": sa.String(500),
    "published": sa.String(11),
    "identifiers": sa.Text(),
    "links": sa.Text(),
    "call_number": sa.String(255),
    "location": sa.String(255),
}
LISTS_OF_AUTHORS = ("aliases", "identifiers")
PLACES = {
    "ix_books_series_place_id": "coalesce(series_position, 10000000)",
    "ix_books_series_place_back_id": "coalesce(-series_position, 10000000)",
}
FIELDS = ',"sort_title":{},"published":null,"identifiers":[],"links":[],"call_number":null,"location":null'
NEXT = ',"created_at":'
"""The field before which the new ones come. No text of a client contains it: there, quotes are escaped."""
SET = f"""
UPDATE books SET sort_title = {{sort_title}}, title_key = coalesce({{title_key}}, books.title_key),
    document = replace(document, '{NEXT}', {{fields}} || '{NEXT}')
"""  # noqa: S608  (our own names)
NEW = {name: f"new.{name}" for name in ("sort_title", "title_key", "fields")}
ARRAYS = ", ".join(["CAST(:row_id AS bigint[])", *(f"CAST(:{name} AS text[])" for name in NEW)])
FILL = {
    "postgresql": f"{SET.format(**NEW)} FROM unnest({ARRAYS}) AS new (row_id, {', '.join(NEW)}) WHERE id = row_id",
    "sqlite": f"{SET.format(**{name: f':{name}' for name in NEW})} WHERE id = :row_id",
}
"""PostgreSQL updates a slice in one statement with arrays: one statement per row takes four times as long."""
OF_AUTHORS = f"""
UPDATE authors SET document = replace(document, '{NEXT}', ',"aliases":[],"identifiers":[]{NEXT}')
WHERE id BETWEEN :first AND :last
"""  # noqa: S608  (likewise)
FIRST = {"books": ',"sort_title":', "authors": ',"aliases":'}
"""The first new field of a document."""
REMOVE = f"""
UPDATE {{table}} SET document = substr(document, 1, {{place}}(document, '{{first}}') - 1)
    || substr(document, {{place}}(document, '{NEXT}'))
WHERE {{place}}(document, '{{first}}') > 0
"""  # noqa: S608  (likewise)
AT_ONCE = 5_000


def upgrade() -> None:
    """Add the columns, and the fields to the documents. Versions and times do not change."""
    steps = {
        "add columns to books": _add_columns,
        "add columns to authors": _add_columns_to_authors,
        "add identifiers": _add_identifiers,
        "add aliases": _add_aliases,
        "derive sort titles and write documents": _fill,
        "write documents of authors": _fill_authors,
        "create indexes": _create_indexes,
    }
    run_steps(revision, steps)


def _add_identifiers() -> None:
    op.create_table(
        "book_identifiers",
        sa.Column("book_id", BIG_ID, nullable=False),
        sa.Column("type", sa.String(20), nullable=False),
        sa.Column("value", sa.String(255), nullable=False),
        sa.PrimaryKeyConstraint("book_id", "type", "value", name="pk_book_identifiers"),
        sa.ForeignKeyConstraint(
            ["book_id"], ["books.id"], name="fk_book_identifiers_book_id_books", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_book_identifiers_type_value_book_id", "book_identifiers", ["type", "value", "book_id"])


def _add_columns() -> None:
    for name, of_type in COLUMNS.items():
        op.add_column("books", sa.Column(name, of_type))


def _add_columns_to_authors() -> None:
    """In a step of its own: a migration that locks both tables at once could deadlock with a read of both."""
    for name in LISTS_OF_AUTHORS:
        op.add_column("authors", sa.Column(name, sa.Text()))


def _add_aliases() -> None:
    op.create_table(
        "author_aliases",
        sa.Column("author_id", BIG_ID, nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("author_id", "name_key", name="pk_author_aliases"),
        sa.ForeignKeyConstraint(
            ["author_id"], ["authors.id"], name="fk_author_aliases_author_id_authors", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_author_aliases_name_key_author_id", "author_aliases", ["name_key", "author_id"])


def _fill_authors() -> None:
    for rows in in_slices("SELECT id FROM authors", "authors", AT_ONCE):
        op.get_bind().execute(sa.text(OF_AUTHORS), {"first": rows[0].id, "last": rows[-1].id})


def _fill() -> None:
    connection = op.get_bind()
    update = sa.text(FILL[connection.dialect.name])
    for rows in in_slices("SELECT id, title, language FROM books", "books", AT_ONCE):
        titles = [sort_title_of(row.title, row.language) for row in rows]
        new = {
            "row_id": [row.id for row in rows],
            "sort_title": titles,
            "title_key": [sort_key(one) if one != row.title else None for one, row in zip(titles, rows, strict=True)],
            "fields": [FIELDS.format(to_json(title).decode()) for title in titles],
        }
        if connection.dialect.name == "postgresql":
            connection.execute(update, new)
        else:
            connection.execute(update, [dict(zip(new, row, strict=True)) for row in zip(*new.values(), strict=True)])


def _create_indexes() -> None:
    in_series = sa.text("series_key IS NOT NULL")
    for name, place in PLACES.items():
        columns = [sa.text(column) for column in ("series_key", place, "id")]
        op.create_index(name, "books", columns, postgresql_where=in_series, sqlite_where=in_series)


def downgrade() -> None:
    """Drop the columns, and remove the fields from the documents."""
    for name in PLACES:
        op.drop_index(name, "books")
    op.drop_table("book_identifiers")
    place = "strpos" if op.get_context().dialect.name == "postgresql" else "instr"
    for table, first in FIRST.items():
        op.execute(REMOVE.format(table=table, first=first, place=place))
    _sort_by_titles()
    op.drop_table("author_aliases")
    for name in LISTS_OF_AUTHORS:
        op.drop_column("authors", name)
    for name in COLUMNS:
        op.drop_column("books", name)


def _sort_by_titles() -> None:
    """Restore the keys of titles with an article."""
    connection = op.get_bind()
    update = sa.text("UPDATE books SET title_key = :title_key WHERE id = :row_id")
    for rows in in_slices("SELECT id, title, sort_title FROM books", "books", AT_ONCE):
        changed = [row for row in rows if row.sort_title != row.title]
        if changed:
            connection.execute(update, [{"row_id": row.id, "title_key": sort_key(row.title)} for row in changed])
