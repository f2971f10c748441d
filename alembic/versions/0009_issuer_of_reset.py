"""Who issued a password reset."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.migration_effects import Effects

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

EFFECTS = Effects(
    "Adds a column for who issued a password reset. Open resets become void.",
    reads=True,
    writes=True,
    loses="open password resets",
)


def upgrade() -> None:
    """Add the column. Who issued an open reset is unknown, so those become void."""
    op.add_column("users", sa.Column("reset_issued_by", sa.BigInteger()))
    op.execute("UPDATE users SET reset_hash = NULL, reset_expires_at = NULL WHERE reset_hash IS NOT NULL")


def downgrade() -> None:
    """Drop the column."""
    op.drop_column("users", "reset_issued_by")
