"""Batches of books, each of which is created, or updated if its ISBN exists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import MISSING, ValidationError
from sqlalchemy import select

from app.db.ids import lock_ids
from app.db.locks import BATCHES, NAMES, lock_exclusive, lock_shared
from app.errors import BooksError, Fault, IdTaken, TooManyNewGenres
from app.models import Book
from app.schemas.batches import EXISTING_BOOK_FIELDS, BookItem
from app.schemas.books import BookUpdate
from app.schemas.validation_errors import MOST_FAULTS, invalid_body, rejected_body
from app.search.index import SearchIndex, entry_of_book
from app.services.books import BookService
from app.services.policy import require_editor, require_moderate_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from app.security.identity import Principal
    from app.services.policy import Editing
    from app.services.quota import Quota

MOST_FIELDS = 2 * len(BookItem.model_fields)
"""An item with more has mostly unknown ones, which are not worth naming."""


@dataclass(frozen=True)
class Outcome:
    """The result of one item: the book, or the error."""

    book: Book | None = None
    created: bool = False
    error: BooksError | None = None


class BatchService:
    """Applies the items of a batch in order, each in a savepoint of its own."""

    def __init__(self, db: Session, principal: Principal, editing: Editing, quota: Quota) -> None:
        """Args: editing: who may change an existing book. quota: how many books the principal may add."""
        self.db = db
        self.quota = quota
        self.principal = principal
        self.editing: Editing = editing
        self.books = BookService(db, index_later=True)

    def apply(self, items: Sequence[dict[str, Any]], *, atomic: bool) -> list[Outcome]:
        """Create or update the books.

        Raises:
            InvalidRequest: `atomic`, and an item is invalid; with every fault of all items.
        """
        read = _read_all(items)
        right = [data for data in read if isinstance(data, BookItem)]
        genres = self.books.genres
        lock_exclusive(self.db, BATCHES)
        lock_shared(self.db, NAMES)
        self._hold_books([data.isbn for data in right if data.isbn])
        complete = iter(genres.add_for_all([data.genres for data in right]))
        read = [data if isinstance(data, BooksError) or next(complete) else TooManyNewGenres() for data in read]
        if any(data.id is not None for data in right):
            lock_ids(self.db.connection(), Book.__tablename__)
        outcomes = [self._apply(data) if isinstance(data, BookItem) else Outcome(error=data) for data in read]
        if atomic:
            _require_all(outcomes)
        genres.drop_unused()
        written = {outcome.book.id: outcome.book for outcome in outcomes if outcome.book is not None}
        SearchIndex(self.db, "book").put(map(entry_of_book, written.values()))
        return outcomes

    def _hold_books(self, isbns: Sequence[str]) -> None:
        """Lock existing books before adding genres: other writers lock a book first, then wait for a new genre."""
        existing = select(Book.id).where(Book.isbn.in_(isbns)).order_by(Book.id)
        self.db.execute(existing.with_for_update())

    def _apply(self, data: BookItem) -> Outcome:
        try:
            with self.db.begin_nested():
                return self._create_or_update(data)
        except BooksError as error:
            return Outcome(error=error)

    def _create_or_update(self, data: BookItem) -> Outcome:
        book_id = data.isbn and self.db.scalar(select(Book.id).where(Book.isbn == data.isbn))
        if not book_id:
            if data.id is not None and self.db.get(Book, data.id) is not None:
                raise IdTaken  # the constraint would catch it too, but SQLAlchemy warns of a second object for one row
            if known := sorted(EXISTING_BOOK_FIELDS & data.model_fields_set):
                raise invalid_body(*(Fault(f"/{name}", "is set by the service for a new book") for name in known))
            require_moderate_id(data.id, self.principal)
            self.quota.require_room()
            book = self.books.create(data, self.principal.id)
            self.quota.use()
            return Outcome(book, created=True)
        if data.id not in {None, book_id}:
            raise IdTaken
        book = self.books.get(book_id)
        require_editor(book, self.principal, self.editing)
        given = {name: getattr(data, name) for name in data.model_fields_set if name in BookUpdate.model_fields}
        changes = BookUpdate.model_construct(
            _fields_set=set(given), **dict.fromkeys(BookUpdate.model_fields, MISSING) | given
        )
        self.books.update(book, changes, self.principal.id)
        return Outcome(book)


def _read_all(items: Sequence[dict[str, Any]]) -> list[BookItem | BooksError]:
    """The items, or why they are invalid. Only the first faults are listed: a batch has room for very many."""
    read: list[BookItem | BooksError] = []
    room = MOST_FAULTS
    for item in items:
        read.append(_read(item, room))
        room -= len(getattr(read[-1], "faults", ()))
    return read


def _read(item: dict[str, Any], room: int) -> BookItem | BooksError:
    if len(item) > MOST_FIELDS:
        return invalid_body(Fault("", f"must have at most {MOST_FIELDS} fields"))
    try:
        return BookItem.model_validate(item)
    except ValidationError as error:
        return rejected_body(error, room)


def _require_all(outcomes: Sequence[Outcome]) -> None:
    faults = [
        Fault(f"/books/{place}{fault.where}", fault.detail)
        for place, outcome in enumerate(outcomes)
        if outcome.error is not None
        for fault in outcome.error.faults or (Fault("", outcome.error.message),)
    ]
    if faults:
        raise invalid_body(*faults)
