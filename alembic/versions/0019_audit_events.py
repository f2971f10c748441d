"""The audit log as a table."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.migration_effects import Effects

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

EFFECTS = Effects("Adds the table of the audit log, empty at first.", reads=True, writes=True)

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ORDER = ["at", "id"]


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "audit_events",
        sa.Column("id", BIG_ID, sa.Identity(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event", sa.String(40), nullable=False),
        sa.Column("user_id", sa.BigInteger()),
        sa.Column("by_user", sa.BigInteger()),
        sa.Column("via", sa.String(20)),
        sa.Column("session_id", sa.BigInteger()),
        sa.Column("key_id", sa.BigInteger()),
        sa.Column("address", sa.String(64)),
        sa.Column("request_id", sa.String(128)),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_events"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_events_at_id", "audit_events", ORDER)
    for column in ("user_id", "by_user", "event", "address"):
        op.create_index(f"ix_audit_events_{column}_at_id", "audit_events", [column, *ORDER])


def downgrade() -> None:
    """Drop it. What it had is in the log only, as far as the operator keeps that."""
    op.drop_table("audit_events")
