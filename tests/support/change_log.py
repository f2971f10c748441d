"""What a piece of work changes in the catalogue, and what it leaves in the change log: each must say the same."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sqlalchemy import select

from app.models import Author, Book, Change

if TYPE_CHECKING:
    from sqlalchemy import Connection

Key = tuple[Literal["book", "author"], int]


@dataclass(frozen=True)
class Catalogue:
    """The documents of all records, and the last change, at one moment."""

    documents: dict[Key, str]
    last_change: int

    @classmethod
    def of(cls, connection: Connection) -> Catalogue:
        """The catalogue now."""
        books, authors = (connection.execute(select(kind.id, kind.document)) for kind in (Book, Author))
        documents: dict[Key, str] = {("book", book_id): document for book_id, document in books}
        documents |= {("author", author_id): document for author_id, document in authors}
        return cls(documents, connection.scalar(select(Change.id).order_by(Change.id.desc()).limit(1)) or 0)

    def require_logged(self, connection: Connection) -> list[Key]:
        """Fail the test unless there is one change for each record that differs by now, and no other.

        Returns: the records that differ.
        """
        now = Catalogue.of(connection).documents
        changed = [key for key in sorted(self.documents | now) if self.documents.get(key) != now.get(key)]
        logged = connection.execute(select(Change).where(Change.id > self.last_change)).all()
        changes = Counter((change.kind, change.record_id) for change in logged)
        assert changes == Counter(changed), "each record that changed has one change"
        for change in logged:
            key = (change.kind, change.record_id)
            assert (change.before, change.after) == (self.documents.get(key), now.get(key))
        return changed
