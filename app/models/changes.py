"""The change log of the catalogue: one row for each change of a record, and the batches that several belong to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Identity, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.types import BigId
from app.models.base import Base


class Change(Base):
    """A change of a book or an author, written in the transaction of the change.

    `id` is taken while the record is locked, so for one record it follows the versions. Ids of different records are
    not in the order of their commits: `position` is, the place in the feed. It is given after the commit, without gaps
    (decision 30), and is null until then. `actor_id` and `created_by` are no references: they outlast their users.
    """

    __tablename__ = "changes"
    __table_args__ = (
        Index(None, "kind", "record_id", "id"),
        Index(
            "ix_changes_unpublished",
            "id",
            postgresql_where=text("position IS NULL"),
            sqlite_where=text("position IS NULL"),
        ),
        Index(
            "ix_changes_batch_id_id",
            "batch_id",
            "id",
            postgresql_where=text("batch_id IS NOT NULL"),
            sqlite_where=text("batch_id IS NOT NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigId, Identity(), primary_key=True)
    position: Mapped[int | None] = mapped_column(unique=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(10))
    record_id: Mapped[int]
    version: Mapped[int] = mapped_column(Integer)
    """Of the record after the change; of one that was deleted, the next number."""
    action: Mapped[str] = mapped_column(String(10))
    actor_id: Mapped[int | None]
    via: Mapped[str] = mapped_column(String(10))
    request_id: Mapped[str | None] = mapped_column(String(128))
    batch_id: Mapped[int | None]
    created_by: Mapped[int | None]
    """Of the record, for one that is restored."""
    before: Mapped[str | None] = mapped_column(Text)
    after: Mapped[str | None] = mapped_column(Text)


class Batch(Base):
    """Changes that were made together and can be undone together, such as an import."""

    __tablename__ = "batches"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(BigId, Identity(), primary_key=True)
    at: Mapped[datetime]
    actor_id: Mapped[int | None]
    via: Mapped[str] = mapped_column(String(10))
    summary: Mapped[str] = mapped_column(Text)
    """What was done, for people to read."""

    @property
    def created_by(self) -> int | None:
        """Who made the changes, and may undo them."""
        return self.actor_id
