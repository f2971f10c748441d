"""Users, authors, books and their genres."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.db.migration_effects import Effects

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

EFFECTS = Effects("Creates the tables of users, authors, books and genres.", reads=True, writes=True)

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "users",
        _id(),
        sa.Column("username", sa.String(64), nullable=False),
        sa.Column("username_key", sa.Text, nullable=False),
        sa.Column("password_hash", sa.String(255), nullable=False),
        _time("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("username_key", name="uq_users_username_key"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "authors",
        _id(),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("name_key", sa.Text, nullable=False),
        sa.Column("bio", sa.Text),
        sa.Column("country", sa.String(100)),
        sa.Column("created_by", BIG_ID),
        *_record(),
        sa.PrimaryKeyConstraint("id", name="pk_authors"),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name="fk_authors_created_by_users"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_authors_name_key", "authors", ["name_key"])
    op.create_index("ix_authors_created_by", "authors", ["created_by"])
    op.create_table(
        "genres",
        _id(),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("name_key", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_genres"),
        sa.UniqueConstraint("name_key", name="uq_genres_name_key"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "books",
        _id(),
        sa.Column("title", sa.String(500), nullable=False),
        sa.Column("author_id", BIG_ID, nullable=False),
        sa.Column("isbn", sa.String(13)),
        sa.Column("published_year", sa.Integer),
        sa.Column("created_by", BIG_ID),
        *_record(),
        sa.PrimaryKeyConstraint("id", name="pk_books"),
        sa.UniqueConstraint("isbn", name="uq_books_isbn"),
        sa.ForeignKeyConstraint(["author_id"], ["authors.id"], name="fk_books_author_id_authors"),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name="fk_books_created_by_users"),
        sa.CheckConstraint("published_year >= -5000 AND published_year <= 9999", name=op.f("ck_books_published_year")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_books_author_id_id", "books", ["author_id", "id"])
    op.create_index("ix_books_created_by", "books", ["created_by"])
    op.create_table(
        "book_genres",
        sa.Column("book_id", BIG_ID, nullable=False),
        sa.Column("genre_id", BIG_ID, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("book_id", "genre_id", name="pk_book_genres"),
        sa.ForeignKeyConstraint(["book_id"], ["books.id"], name="fk_book_genres_book_id_books", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["genre_id"], ["genres.id"], name="fk_book_genres_genre_id_genres"),
    )
    op.create_index("ix_book_genres_genre_id_book_id", "book_genres", ["genre_id", "book_id"])


def downgrade() -> None:
    """Drop the tables and all their data."""
    for table in ("book_genres", "books", "genres", "authors", "users"):
        op.drop_table(table)


def _id() -> sa.Column[int]:
    return sa.Column("id", BIG_ID, sa.Identity(), nullable=False)


def _time(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _record() -> list[sa.Column[object]]:
    return [
        sa.Column("version", sa.Integer, nullable=False),
        _time("created_at"),
        _time("updated_at"),
        sa.Column("document", sa.Text, nullable=False),
    ]
