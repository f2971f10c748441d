"""More fields of books: the date of publication, the call number and the location."""

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

COLUMNS = {"published": sa.String(11), "call_number": sa.String(255), "location": sa.String(255)}
NEW = "".join(f',"{name}":null' for name in COLUMNS)
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
    run_steps(revision, {"add columns": _add_columns, "rewrite documents": _rewrite_documents})


def _add_columns() -> None:
    for name, of_type in COLUMNS.items():
        op.add_column("books", sa.Column(name, of_type))


def _rewrite_documents() -> None:
    for rows in in_slices("SELECT id FROM books", "books", DOCUMENTS_AT_ONCE):
        places = {"first": rows[0].id, "last": rows[-1].id}
        op.get_bind().execute(sa.text(ADD), {"next": NEXT, "new": NEW, **places})


def downgrade() -> None:
    """Drop the columns, and remove the fields from the documents."""
    place = "strpos" if op.get_context().dialect.name == "postgresql" else "instr"
    op.execute(sa.text(REMOVE.format(place=place)).bindparams(next=NEXT))
    for name in COLUMNS:
        op.drop_column("books", name)
