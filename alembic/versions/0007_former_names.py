"""Former names of authors, so that a book can be sent back as it was read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.migration_effects import Effects

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

EFFECTS = Effects("Adds a table of former names of authors.", reads=True, writes=True)

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the table. Earlier names are not known."""
    op.create_table(
        "author_former_names",
        sa.Column("author_id", BIG_ID, nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.PrimaryKeyConstraint("author_id", "name", name="pk_author_former_names"),
        sa.ForeignKeyConstraint(
            ["author_id"], ["authors.id"], name="fk_author_former_names_author_id_authors", ondelete="CASCADE"
        ),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("author_former_names")
