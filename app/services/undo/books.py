"""Undoing changes of books."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.db.bulk import among
from app.errors import AuthorMissing
from app.models import Book
from app.models.base import time_after
from app.schemas.books import BookCreate, BookUpdate
from app.services import book_rows
from app.services.books import BookService
from app.services.undo.steps import existing_user, of_action, parsed, require_last

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy.orm import Session

    from app.models.drafts import BookDraft
    from app.services.undo.steps import Step

TAKEN = "another book has this ISBN now"
AUTHOR_DELETED = "a contributor has been deleted since"


class BookUndo:
    """Writes books as they were, those of all steps together."""

    def __init__(self, db: Session, editor_id: int | None) -> None:
        self.db = db
        self.editor_id = editor_id
        self.books = BookService(db)

    def current(self, ids: Collection[int]) -> dict[int, BookDraft]:
        """The books as they are, by their ids, locked until the transaction ends."""
        return {book.id: book for book in book_rows.load(self.db, among(self.db, book_rows.BOOKS.c.id, ids))}

    def take(self, steps: Sequence[Step]) -> None:
        """Take the steps.

        Raises:
            UndoConflict: an ISBN is taken, or a contributor has been deleted.
        """
        self._require_isbns_free(steps)
        updates = [(step, step.former(BookUpdate)) for step in of_action(steps, "updated")]
        restored = [(step, step.former(BookCreate)) for step in of_action(steps, "restored")]
        self.books.look_up([*(data for _, data in updates), *(data for _, data in restored)])
        for step, data in updates:
            try:
                self.books.change(step.now, data, self.editor_id)
            except AuthorMissing:
                raise step.conflict(name="contributors", detail=AUTHOR_DELETED) from None
        require_last(self.db, [step for step, _ in restored])
        new = [self._restored(step, data) for step, data in restored]
        changed = [step.now for step, _ in updates]
        book_rows.remove(self.db, [step.now for step in of_action(steps, "deleted")])
        book_rows.update(self.db, changed)
        book_rows.insert(self.db, new, action="restored")
        book_rows.index(self.db, [*changed, *new])

    def _restored(self, step: Step, data: BookCreate) -> BookDraft:
        try:
            book = self.books.prepared(data, existing_user(self.db, step.of.created_by))
        except AuthorMissing:
            raise step.conflict(name="contributors", detail=AUTHOR_DELETED) from None
        before = parsed(step.of.before) or {}
        book.id, book.version = step.of.record_id, step.of.version + 1
        book.created_at = datetime.fromisoformat(before["created_at"])
        book.updated_at = time_after(datetime.fromisoformat(before["updated_at"]))
        book.updated_by = self.editor_id
        return book

    def _require_isbns_free(self, steps: Sequence[Step]) -> None:
        """Check the ISBNs that books get back. A race with another client is left to the constraint."""
        by_isbn = {isbn: step for step in steps if (isbn := step.plan.fields.get("isbn"))}
        if not by_isbn:
            return
        given_up = {step.of.record_id for step in steps if step.plan.action == "deleted" or "isbn" in step.plan.fields}
        taken = select(Book.isbn, Book.id).where(among(self.db, Book.isbn, by_isbn))
        for isbn, book_id in self.db.execute(taken):
            if isbn is not None and book_id not in given_up:
                raise by_isbn[isbn].conflict(name="isbn", detail=TAKEN)
