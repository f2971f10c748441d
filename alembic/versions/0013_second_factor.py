"""Second factors, their recovery codes, and when a session was last confirmed.

Sessions from before the migration count as unconfirmed: sensitive operations ask them for the password once.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.migration_effects import Effects

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

EFFECTS = Effects(
    "Adds second factors. Sessions count as unconfirmed: sensitive operations ask for the password once.",
    reads=True,
    writes=True,
)

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the columns, all empty, and create the table."""
    op.add_column("users", sa.Column("totp_secret", sa.String(255)))
    op.add_column("users", sa.Column("totp_last_step", sa.BigInteger()))
    op.add_column("users", sa.Column("second_factor_since", TIME))
    op.add_column("sessions", sa.Column("confirmed_at", TIME))
    op.create_table(
        "recovery_codes",
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("user_id", BIG_ID, nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_recovery_codes"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_recovery_codes_user_id_users", ondelete="CASCADE"),
    )
    op.create_index("ix_recovery_codes_user_id", "recovery_codes", ["user_id"])


def downgrade() -> None:
    """Drop them: second factors are lost, and the password alone is enough again."""
    op.drop_table("recovery_codes")
    op.drop_column("sessions", "confirmed_at")
    for name in ("second_factor_since", "totp_last_step", "totp_secret"):
        op.drop_column("users", name)
