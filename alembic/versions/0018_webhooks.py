"""Webhooks, and their deliveries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.migration_effects import Effects

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

EFFECTS = Effects("Adds tables of webhooks and of their deliveries.", reads=True, writes=True)

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "webhooks",
        sa.Column("id", BIG_ID, sa.Identity(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("description", sa.String(255)),
        sa.Column("events", sa.Text()),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("former_secret", sa.Text()),
        sa.Column("former_secret_until", TIME),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("disabled_reason", sa.String(10)),
        sa.Column("failing_since", TIME),
        sa.Column("paused_until", TIME),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("replay_position", sa.BigInteger()),
        sa.Column("replay_until_position", sa.BigInteger()),
        sa.Column("replay_since", TIME),
        sa.Column("replay_until", TIME),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.Column("created_by", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_webhooks"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", BIG_ID, sa.Identity(), nullable=False),
        sa.Column("webhook_id", BIG_ID, nullable=False),
        sa.Column("message_id", sa.String(60), nullable=False),
        sa.Column("type", sa.String(30), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("step", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("hurried", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("next_attempt_at", TIME),
        sa.Column("leased_until", TIME),
        sa.Column("last_attempt_at", TIME),
        sa.Column("response_status", sa.Integer()),
        sa.Column("response_body", sa.String(1024)),
        sa.Column("error", sa.String(200)),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_deliveries"),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhooks.id"], name="fk_webhook_deliveries_webhook_id_webhooks", ondelete="CASCADE"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_webhook_deliveries_webhook_id_message_id", "webhook_deliveries", ["webhook_id", "message_id"], unique=True
    )
    op.create_index("ix_webhook_deliveries_webhook_id_id", "webhook_deliveries", ["webhook_id", "id"])
    pending = sa.text("next_attempt_at IS NOT NULL")
    op.create_index(
        "ix_webhook_deliveries_pending",
        "webhook_deliveries",
        ["webhook_id", "next_attempt_at", "id"],
        postgresql_where=pending,
        sqlite_where=pending,
    )
    op.create_index("ix_webhook_deliveries_created_at", "webhook_deliveries", ["created_at"])


def downgrade() -> None:
    """Drop the tables, and with them deliveries that were not made yet."""
    op.drop_table("webhook_deliveries")
    op.drop_table("webhooks")
