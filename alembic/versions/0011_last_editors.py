"""Who last changed a record."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

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


def upgrade() -> None:
    """Add the column, and the field to the documents. Of records in a later version than the first it is unknown."""
    field = FIELD.format(editor=CREATOR)
    for table in RECORDS:
        op.add_column(table, sa.Column("updated_by", sa.BigInteger()))
        op.execute(ADD.format(table=table, editor=CREATOR, field=field, version=VERSION))


def downgrade() -> None:
    """Drop the column, and remove the field from the documents."""
    field = FIELD.format(editor="updated_by")
    for table in RECORDS:
        op.execute(REMOVE.format(table=table, field=field, version=VERSION))
        op.drop_column(table, "updated_by")
