"""The change log of the catalogue."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.migration_effects import Effects

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

EFFECTS = Effects("Adds tables of changes and of batches.", reads=True, writes=True)

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables. The log begins with the next change: earlier ones are not known."""
    op.create_table(
        "batches",
        sa.Column("id", BIG_ID, sa.Identity(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("actor_id", sa.BigInteger()),
        sa.Column("via", sa.String(10), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_batches"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "changes",
        sa.Column("id", BIG_ID, sa.Identity(), nullable=False),
        sa.Column("position", sa.BigInteger()),
        sa.Column("at", TIME, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(10), nullable=False),
        sa.Column("actor_id", sa.BigInteger()),
        sa.Column("via", sa.String(10), nullable=False),
        sa.Column("request_id", sa.String(128)),
        sa.Column("batch_id", sa.BigInteger()),
        sa.Column("created_by", sa.BigInteger()),
        sa.Column("before", sa.Text()),
        sa.Column("after", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_changes"),
        sa.UniqueConstraint("position", name="uq_changes_position"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_changes_kind_record_id_id", "changes", ["kind", "record_id", "id"])
    _create_partial_index("ix_changes_unpublished", ["id"], "position IS NULL")
    _create_partial_index("ix_changes_batch_id_id", ["batch_id", "id"], "batch_id IS NOT NULL")


def _create_partial_index(name: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, "changes", columns, postgresql_where=where, sqlite_where=where)


def downgrade() -> None:
    """Drop the tables, and with them what can be undone."""
    op.drop_table("changes")
    op.drop_table("batches")
