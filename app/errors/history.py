"""Errors of the history: what was deleted, is not kept any more, or cannot be undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.errors.availability import Unavailable
from app.errors.base import BooksError
from app.errors.records import AuthorNotFound, BookNotFound, Conflict, NotFound

if TYPE_CHECKING:
    from datetime import datetime


class BookDeleted(BookNotFound):
    code = "book_deleted"
    title = "Book deleted"
    message = "There is no book with that id any more: it was deleted."
    remedy = (
        "`deleted_at` says when. `GET /books/{id}/history` has its last state, and "
        "`POST /changes/{id}/undo` restores it under its id."
    )

    def __init__(self, deleted_at: datetime) -> None:
        super().__init__()
        self.deleted_at = deleted_at


class AuthorDeleted(AuthorNotFound):
    code = "author_deleted"
    title = "Author deleted"
    message = "There is no author with that id any more: the author was deleted."
    remedy = (
        "`deleted_at` says when. `GET /authors/{id}/history` has the last state, and "
        "`POST /changes/{id}/undo` restores the author under that id."
    )

    def __init__(self, deleted_at: datetime) -> None:
        super().__init__()
        self.deleted_at = deleted_at


class ChangeNotFound(NotFound):
    code = "change_not_found"
    title = "No such change"
    message = "There is no change with that id."
    remedy = "It may be older than what the operator keeps (`CHANGES_KEEP`). `GET /changes` lists the changes."


class BatchNotFound(NotFound):
    code = "batch_not_found"
    title = "No such batch"
    message = "There is no batch with that id, or its changes are not kept any more."
    remedy = "`GET /batches` lists the batches; a change of one has its `batch_id`."


class VersionNotFound(NotFound):
    code = "version_not_found"
    title = "No such version"
    message = "The record never had that version, or it is not kept any more."
    remedy = "`GET /books/{id}/history`, and likewise that of an author, lists the versions that are kept."


class CursorExpired(BooksError):
    code = "cursor_expired"
    title = "Cursor expired"
    message = "The changes after this cursor are not kept any more, or the catalogue was restored from a backup."
    remedy = "Copy the catalogue again: take a cursor with `since=now`, then page through the lists, then follow."


class TooManyFollowers(Unavailable):
    code = "too_many_followers"
    title = "Too many followers"
    message = "Too many clients are waiting for changes."
    remedy = "Ask again after the time in `Retry-After`, or without `wait`."


class UndoConflict(Conflict):
    code = "undo_conflict"
    title = "Changed since"
    message = "What is to be undone has been changed again since; nothing was undone."
    remedy = "`errors` lists the fields. Undo the later changes first, or change the record yourself."


class NothingToUndo(Conflict):
    code = "nothing_to_undo"
    title = "Nothing to undo"
    message = "The records are already as they were before."
    remedy = "Nothing needs to be done."
