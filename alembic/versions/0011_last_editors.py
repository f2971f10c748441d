"""Who last changed a record, and how usernames look."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.domain.lookalikes import shapes

revision = "0011"
down_revision = "0009"
branch_labels = None
depends_on = None

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
AT_ONCE = 1_000


def upgrade() -> None:
    """Add the columns, and the field to the documents. Of records in a later version than the first it is unknown."""
    field = FIELD.format(editor=CREATOR)
    for table in RECORDS:
        op.add_column(table, sa.Column("updated_by", sa.BigInteger()))
        op.execute(ADD.format(table=table, editor=CREATOR, field=field, version=VERSION))
    for name in SHAPES:
        op.add_column("users", sa.Column(name, sa.Text()))
    _fill_shapes()
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
    """Compute the shapes of existing names, a thousand at a time. With `--sql` the database is expected to be empty."""
    if op.get_context().as_sql:
        return
    some = sa.text(f"SELECT id, username FROM users WHERE id > :last ORDER BY id LIMIT {AT_ONCE}")  # noqa: S608  (a number)
    update = sa.text("UPDATE users SET shape_shown = :shown, shape_folded = :folded WHERE id = :id")
    last = 0
    while rows := op.get_bind().execute(some, {"last": last}).all():
        op.get_bind().execute(update, [{"id": row.id, **shapes(row.username)._asdict()} for row in rows])
        last = rows[-1].id
