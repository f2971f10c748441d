"""An index for an author's books in one role."""

from __future__ import annotations

from alembic import op

from app.db.migration_effects import Effects

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

EFFECTS = Effects(
    "Adds an index for the books of an author in one role.", reads=True, writes=False, seconds={"books": 4}
)

INDEX = "ix_book_contributors_author_id_role_book_id"


def upgrade() -> None:
    """Create the index: without it, all books of the author are read to find those in the role."""
    op.create_index(INDEX, "book_contributors", ["author_id", "role", "book_id"])


def downgrade() -> None:
    """Drop the index."""
    op.drop_index(INDEX, "book_contributors")
