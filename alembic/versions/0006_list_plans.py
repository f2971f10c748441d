"""Indexes for lists that are filtered one way and sorted another."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.migration_effects import Effects

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

EFFECTS = Effects(
    "Adds indexes for filtered lists. On PostgreSQL, books cannot be read while those of languages are rebuilt.",
    reads=False,
    writes=False,
    seconds={"books": 10},
)


def upgrade() -> None:
    """Create the indexes; on PostgreSQL, language tags are compared by code point from now on."""
    _compare_tags("C")
    op.create_index("ix_books_language_title_key_id", "books", ["language", "title_key", "id"])
    op.create_index("ix_book_contributors_role_book_id", "book_contributors", ["role", "book_id"])


def downgrade() -> None:
    """Drop the indexes."""
    op.drop_index("ix_book_contributors_role_book_id", "book_contributors")
    op.drop_index("ix_books_language_title_key_id", "books")
    _compare_tags(None)


def _compare_tags(collation: str | None) -> None:
    """SQLite always compares by code point. PostgreSQL rebuilds the indexes of the column, but not the table."""
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("books", "language", type_=sa.String(35, collation=collation))
