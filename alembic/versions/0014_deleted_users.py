"""Users whose account is deleted, of whom only the id remains; an index for the authors that a user added."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.migration_effects import Effects
from app.db.migrations import changed_table

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

EFFECTS = Effects("Lets users be deleted: their columns may be empty.", reads=True, writes=True, seconds={"authors": 2})

OF_ACCOUNTS = {"username": sa.String(64), "username_key": sa.Text(), "password_hash": sa.String(255)}
"""The columns that a deleted user no longer has."""


def upgrade() -> None:
    """Allow rows without a name and a password. No row changes."""
    with changed_table("users") as users:
        for name, existing in OF_ACCOUNTS.items():
            users.alter_column(name, nullable=True, existing_type=existing)
        users.create_check_constraint(
            op.f("ck_users_deleted"), "username IS NOT NULL OR role = 'member' AND disabled_at IS NOT NULL"
        )
    op.drop_index("ix_authors_created_by", "authors")
    op.create_index("ix_authors_created_by_id", "authors", ["created_by", "id"])


def downgrade() -> None:
    """Make deleted users disabled ones, with a name that cannot be registered and a hash that no password has."""
    op.drop_index("ix_authors_created_by_id", "authors")
    op.create_index("ix_authors_created_by", "authors", ["created_by"])
    op.execute(
        "UPDATE users SET username = 'deleted ' || id, username_key = 'deleted ' || id || ' ', password_hash = '-'"
        " WHERE username IS NULL"
    )
    with changed_table("users") as users:
        users.drop_constraint(op.f("ck_users_deleted"), type_="check")
        for name, existing in OF_ACCOUNTS.items():
            users.alter_column(name, nullable=False, existing_type=existing)
