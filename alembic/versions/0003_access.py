"""Sessions, API keys, roles, disabled users and password resets.

All accounts are kept. Users have to sign in again: earlier tokens belong to no session.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.migration_effects import Effects
from app.db.migrations import changed_table

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

EFFECTS = Effects(
    "Adds sessions, API keys and roles. All users have to sign in again.",
    reads=True,
    writes=False,
)

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Give every user a role, and create the tables."""
    op.add_column("users", sa.Column("role", sa.String(10)))
    op.add_column("users", sa.Column("disabled_at", TIME))
    op.add_column("users", sa.Column("reset_hash", sa.String(64)))
    op.add_column("users", sa.Column("reset_expires_at", TIME))
    op.execute("UPDATE users SET role = 'member'")
    with changed_table("users") as users:
        users.alter_column("role", nullable=False, existing_type=sa.String(10))
        users.create_check_constraint(op.f("ck_users_role"), "role IN ('member', 'admin')")
    op.create_index("ix_users_reset_hash", "users", ["reset_hash"], unique=True)
    op.create_table(
        "sessions",
        sa.Column("id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("user_id", BIG_ID, nullable=False),
        sa.Column("user_agent", sa.String(200)),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("last_used_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_sessions_user_id_users", ondelete="CASCADE"),
    )
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"])
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"])
    op.create_table(
        "refresh_tokens",
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("session_id", BIG_ID, nullable=False),
        sa.Column("issued_at", TIME, nullable=False),
        sa.Column("spent_at", TIME),
        sa.PrimaryKeyConstraint("hash", name="pk_refresh_tokens"),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name="fk_refresh_tokens_session_id_sessions", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_refresh_tokens_session_id", "refresh_tokens", ["session_id"])
    op.create_table(
        "api_keys",
        sa.Column("id", BIG_ID, sa.Identity(), nullable=False),
        sa.Column("user_id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("prefix", sa.String(20), nullable=False),
        sa.Column("scopes", sa.String(200), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME),
        sa.Column("last_used_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.UniqueConstraint("hash", name="uq_api_keys_hash"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_api_keys_user_id_users", ondelete="CASCADE"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_api_keys_user_id_id", "api_keys", ["user_id", "id"])


def downgrade() -> None:
    """Drop them: keys, sessions and roles are lost, and disabled users may sign in again."""
    for table in ("api_keys", "refresh_tokens", "sessions"):
        op.drop_table(table)
    op.drop_index("ix_users_reset_hash", "users")
    with changed_table("users") as users:
        users.drop_constraint(op.f("ck_users_role"), type_="check")
        for name in ("role", "disabled_at", "reset_hash", "reset_expires_at"):
            users.drop_column(name)
