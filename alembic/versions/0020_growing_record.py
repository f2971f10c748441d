"""More fields of books: date of publication, identifiers, links, call number and location."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.migration_effects import Effects
from app.db.migration_steps import in_slices, run_steps

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

EFFECTS = Effects(
    "Adds fields to books, and writes them to all documents.",
    reads=True,
    writes=False,
    seconds={"books": 150},
)

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COLUMNS = {
    "published": sa.String(11),
    "identifiers": sa.Text(),
    "links": sa.Text(),
    "call_number": sa.String(255),
    "location": sa.String(255),
}
PLACES = {
    "ix_books_series_place_id": "coalesce(series_position, 10000000)",
    "ix_books_series_place_back_id": "coalesce(-series_position, 10000000)",
}
LISTS = {"identifiers", "links"}
NEW = "".join(f',"{name}":{"[]" if name in LISTS else "null"}' for name in COLUMNS)
NEXT = ',"created_at":'
"""The field before which the new ones come. No text of a client contains it: there, quotes are escaped."""
ADD = "UPDATE books SET document = replace(document, :next, :new || :next) WHERE id BETWEEN :first AND :last"
REMOVE = """
UPDATE books SET document = substr(document, 1, {place}(document, ',"published":') - 1)
    || substr(document, {place}(document, :next))
WHERE {place}(document, ',"published":') > 0
"""
DOCUMENTS_AT_ONCE = 5_000


def upgrade() -> None:
    """Add the columns, and the fields to the documents. Versions and times do not change."""
    steps = {
        "add columns": _add_columns,
        "add identifiers": _add_identifiers,
        "rewrite documents": _rewrite_documents,
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


def _rewrite_documents() -> None:
    for rows in in_slices("SELECT id FROM books", "books", DOCUMENTS_AT_ONCE):
        places = {"first": rows[0].id, "last": rows[-1].id}
        op.get_bind().execute(sa.text(ADD), {"next": NEXT, "new": NEW, **places})


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
    op.execute(sa.text(REMOVE.format(place=place)).bindparams(next=NEXT))
    for name in COLUMNS:
        op.drop_column("books", name)
