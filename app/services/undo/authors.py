"""Undoing changes of authors."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import delete, exists, select

from app.db.bulk import among
from app.db.locks import NAMES, lock_exclusive
from app.events.changes import document_of, note_change
from app.models import Author, Contributor
from app.models.base import time_after
from app.schemas.authors import AuthorUpdate
from app.search.index import SearchIndex, entry_of_author
from app.services.authors import AuthorService, keep_aliases
from app.services.book_rows import FEW
from app.services.cleanup.after_write import note_leftovers, words_of
from app.services.undo.steps import existing_user, of_action, parsed, require_last

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy.orm import Session

    from app.services.undo.steps import Step

IN_USE = "the author is a contributor to other books"


class AuthorUndo:
    """Writes authors as they were. The names in the books of those who get a former name follow."""

    def __init__(self, db: Session, editor_id: int | None) -> None:
        self.db = db
        self.editor_id = editor_id

    def current(self, ids: Collection[int]) -> dict[int, Author]:
        """The authors as they are, by their ids, locked until the transaction ends."""
        lock_exclusive(self.db, NAMES)
        found = select(Author).where(among(self.db, Author.id, ids)).order_by(Author.id).with_for_update()
        return {author.id: author for author in self.db.scalars(found)}

    def take(self, steps: Sequence[Step]) -> None:
        """Take the steps.

        Raises:
            UndoConflict: an author who is to be deleted contributes to other books.
        """
        service = AuthorService(self.db)
        for step in of_action(steps, "updated"):
            service.update(step.now, step.former(AuthorUpdate), self.editor_id)
        restored = of_action(steps, "restored")
        require_last(self.db, restored)
        for step in restored:
            self._restore(step)
        self._delete(of_action(steps, "deleted"))

    def _restore(self, step: Step) -> None:
        before = parsed(step.of.before) or {}
        author = Author(
            **step.plan.fields,
            id=step.of.record_id,
            version=step.of.version + 1,
            created_by=existing_user(self.db, step.of.created_by),
            created_at=datetime.fromisoformat(before["created_at"]),
            updated_at=time_after(datetime.fromisoformat(before["updated_at"])),
            updated_by=self.editor_id,
        )
        self.db.add(author)
        self.db.flush()
        keep_aliases(self.db, author)
        SearchIndex(self.db, "author").put([entry_of_author(author)])

    def _delete(self, steps: Sequence[Step]) -> None:
        """Delete authors in one statement: an import has thousands."""
        by_id = {step.of.record_id: step for step in steps}
        if not by_id:
            return
        those = among(self.db, Author.id, by_id)
        used = select(Author.id).where(those, exists().where(Contributor.author_id == Author.id)).limit(1)
        in_use = self.db.scalar(used)
        if in_use is not None:
            raise by_id[in_use].conflict(name="", detail=IN_USE)
        for step in steps:
            note_change(self.db, "author", document_of(step.now), None)
            if len(steps) <= FEW:
                note_leftovers(self.db, words=words_of(entry_of_author(step.now)))
            self.db.expunge(step.now)
        self.db.execute(delete(Author).where(those), execution_options={"synchronize_session": False})
