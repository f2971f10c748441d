"""Who last changed a record, and how usernames look."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.migration_effects import Effects
from app.db.migration_steps import in_slices, run_steps
from app.domain.lookalikes import shapes

revision = "0011"
down_revision = "0009"
branch_labels = None
depends_on = None

EFFECTS = Effects(
    "Adds who last changed a record, and writes it to all documents; computes how usernames look.",
    reads=True,
    writes=False,
    seconds={"books": 150, "authors": 50},
)

RECORDS = ("authors", "books")
VERSION = "',\"version\":' || CAST(version AS text) || '}'"
"""How the document of a record ends."""
FIELD = "',\"updated_by\":' || coalesce(CAST({editor} AS text), 'null')"
CREATOR = "CASE WHEN version = 1 THEN created_by END"
ADD = """
UPDATE {table} SET
    updated_by = {editor},
    document = substr(document, 1, length(document) - length({version})) || {field} || {version}
"""
REMOVE = """
UPDATE {table} SET document = substr(document, 1, length(document) - length({field} || {version})) || {version}
"""
SHAPES = ("shape_shown", "shape_folded")
DOCUMENTS_AT_ONCE = 5_000


def upgrade() -> None:
    """Add the columns, and the field to the documents. Of records in a later version than the first it is unknown."""
    run_steps(
        revision,
        {
            "add columns": _add_columns,
            "rewrite documents": _rewrite_documents,
            "compute shapes of usernames": _fill_shapes,
            "create indexes": _create_indexes,
        },
    )


def _add_columns() -> None:
    for table in RECORDS:
        op.add_column(table, sa.Column("updated_by", sa.BigInteger()))
    for name in SHAPES:
        op.add_column("users", sa.Column(name, sa.Text()))


def _rewrite_documents() -> None:
    for table in RECORDS:
        update = ADD.format(table=table, editor=CREATOR, field=FIELD.format(editor=CREATOR), version=VERSION)
        for rows in in_slices(f"SELECT id FROM {table}", table, DOCUMENTS_AT_ONCE):  # noqa: S608  (our own names)
            op.get_bind().execute(
                sa.text(f"{update} WHERE id BETWEEN :first AND :last"), {"first": rows[0].id, "last": rows[-1].id}
            )


def _create_indexes() -> None:
    for name in SHAPES:
        op.create_index(f"ix_users_{name}", "users", [name])


def downgrade() -> None:
    """Drop the columns, and remove the field from the documents."""
    for name in SHAPES:
        op.drop_index(f"ix_users_{name}", "users")
        op.drop_column("users", name)
    field = FIELD.format(editor="updated_by")
    for table in RECORDS:
        op.execute(REMOVE.format(table=table, field=field, version=VERSION))
        op.drop_column(table, "updated_by")


def _fill_shapes() -> None:
    update = sa.text("UPDATE users SET shape_shown = :shown, shape_folded = :folded WHERE id = :id")
    for rows in in_slices("SELECT id, username FROM users", "users"):
        op.get_bind().execute(update, [{"id": row.id, **shapes(row.username)._asdict()} for row in rows])
