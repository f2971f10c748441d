"""Batches of books, each of which is created, or updated if its ISBN exists."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from pydantic import MISSING, ValidationError
from sqlalchemy import select

from app.db.bulk import among
from app.db.ids import BatchIds
from app.db.locks import BATCHES, NAMES, lock_exclusive, lock_shared
from app.db.text_size import text_size
from app.domain.title_matching import titles_agree
from app.errors import BatchTooLarge, BooksError, Fault, IdTaken, IsbnTaken, TooManyNewGenres
from app.events.deletions import first_versions
from app.models import Book
from app.schemas.batches import EXISTING_BOOK_FIELDS, BookItem
from app.schemas.books import BookUpdate
from app.schemas.validation_errors import MOST_FAULTS, invalid_body, rejected_body
from app.services import book_rows
from app.services.books import BookService
from app.services.genres import MOST_NEW_GENRES
from app.services.policy import require_editor, require_moderate_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from app.models.drafts import BookDraft
    from app.security.identity import Principal
    from app.services.policy import Editing
    from app.services.quota import Quota

MOST_FIELDS = 2 * len(BookItem.model_fields)
"""An item with more has mostly unknown ones, which are not worth naming."""


MOST_EXISTING = 10_000_000
"""Bytes of the documents of existing books that a batch may change; each counts as often as it is named."""


@dataclass(frozen=True)
class Outcome:
    """The result of one item: the book, or the error."""

    book: BookDraft | None = None
    created: bool = False
    error: BooksError | None = None


class BatchService:
    """Applies the items of a batch in order, in memory, and then writes all of their books together."""

    def __init__(self, db: Session, principal: Principal, editing: Editing, quota: Quota) -> None:
        """Args: editing: who may change an existing book. quota: how many books the principal may add."""
        self.db = db
        self.quota = quota
        self.principal = principal
        self.editing: Editing = editing
        self.books = BookService(db, quota)
        self._new: list[BookDraft] = []
        self._by_isbn: dict[str, BookDraft] = {}
        self._taken: set[int] = set()
        """The ids that items supply and books have."""
        self._first_versions: dict[int, int] = {}
        self._ids: BatchIds

    def apply(self, items: Sequence[dict[str, Any]], *, atomic: bool) -> list[Outcome]:
        """Create or update the books.

        Raises:
            InvalidRequest: `atomic`, and an item is invalid; with every fault of all items.
        """
        outcomes = [self._apply(data) for data in self._look_up(_read_all(items))]
        if atomic:
            _require_all(outcomes)
        taken = {id(book) for book in self._write()}
        outcomes = [
            Outcome(error=_taken(outcome.book)) if id(outcome.book) in taken else outcome for outcome in outcomes
        ]
        if atomic:
            _require_all(outcomes)
        self.books.genres.drop_unused()
        self.books.index([book for book in self._written() if id(book) not in taken])
        return outcomes

    def _look_up(self, read: list[BookItem | BooksError]) -> list[BookItem | BooksError]:
        """Lock and read what the items need. Returns: the items; some of them bring too many new genres.

        Existing books are locked before genres are added: other writers lock a book first, then wait for a new genre.
        """
        lock_exclusive(self.db, BATCHES)
        lock_shared(self.db, NAMES)
        read = self._moderate(read)
        right = [data for data in read if isinstance(data, BookItem)]
        if isbns := {data.isbn for data in right if data.isbn}:
            existing = book_rows.load(self.db, among(self.db, book_rows.BOOKS.c.isbn, isbns))
            self._by_isbn = {book.isbn: book for book in existing if book.isbn}
        self.books.look_up_names(right)
        supplied = {data.id for data in right if data.id is not None}
        new = len([data for data in right if not data.isbn]) + len(isbns - self._by_isbn.keys())
        self._ids = BatchIds(self.db.connection(), book_rows.BOOKS.name, new, mixed=bool(supplied))
        self.books.look_up(right)
        complete = iter(self.books.genres.add_for_all([data.genres for data in right], MOST_NEW_GENRES))
        if supplied:
            self._taken = set(self.db.scalars(select(Book.id).where(among(self.db, Book.id, supplied))))
            self._first_versions = first_versions(self.db, "book", supplied)
        return [data if isinstance(data, BooksError) or next(complete) else TooManyNewGenres() for data in read]

    def _moderate(self, read: list[BookItem | BooksError]) -> list[BookItem | BooksError]:
        """The items, but for those whose books, which may be larger than a body, are too much to read and to return."""
        isbns = {data.isbn for data in read if isinstance(data, BookItem) and data.isbn}
        if not isbns:
            return read
        size = select(Book.isbn, text_size(Book.document)).where(among(self.db, Book.isbn, isbns))
        sizes = {isbn: octets for isbn, octets in self.db.execute(size)}  # noqa: C416  (rows are no pairs to `dict`)
        of_each = (0 if isinstance(data, BooksError) else sizes.get(data.isbn, 0) for data in read)
        return [
            BatchTooLarge() if isinstance(data, BookItem) and data.isbn in sizes and total > MOST_EXISTING else data
            for data, total in zip(read, accumulate(of_each), strict=True)
        ]

    def _apply(self, data: BookItem | BooksError) -> Outcome:
        if isinstance(data, BooksError):
            return Outcome(error=data)
        existing = self._by_isbn.get(data.isbn) if data.isbn else None
        try:
            return self._create(data) if existing is None else self._update(existing, data)
        except BooksError as error:
            return Outcome(error=error)

    def _create(self, data: BookItem) -> Outcome:
        if data.id in self._taken:
            raise IdTaken
        if known := sorted(EXISTING_BOOK_FIELDS & data.model_fields_set):
            raise invalid_body(*(Fault(f"/{name}", "is set by the service for a new book") for name in known))
        require_moderate_id(data.id, self.principal)
        self.quota.require_room()
        book = self.books.prepared(data, self.principal.id)
        self.quota.use()
        book.id = self._ids.use(data.id)
        book.version = self._first_versions.get(book.id, 1)
        self._taken.add(book.id)
        book.write_document()
        self._new.append(book)
        if book.isbn:
            self._by_isbn[book.isbn] = book
        return Outcome(book, created=True)

    def _update(self, book: BookDraft, data: BookItem) -> Outcome:
        if data.id not in {None, book.id}:
            raise IdTaken
        require_editor(book, self.principal, self.editing)
        if data.id is None and not titles_agree(book.title, data.title):
            msg = f"Book {book.id}, “{book.title}”, has that ISBN and another title. To rename it, send its id as well."
            raise IsbnTaken(msg)
        given = {name: getattr(data, name) for name in data.model_fields_set if name in BookUpdate.model_fields}
        changes = BookUpdate.model_construct(
            _fields_set=set(given), **dict.fromkeys(BookUpdate.model_fields, MISSING) | given
        )
        self.books.change(book, changes, self.principal.id)
        return Outcome(book)

    def _write(self) -> list[BookDraft]:
        """Write the books. Returns: those whose ISBN a request outside of batches has just taken."""
        self._ids.finish()
        taken = book_rows.insert(self.db, self._new, skip_taken=True)
        book_rows.update(self.db, self._existing())
        return taken

    def _existing(self) -> list[BookDraft]:
        return [book for book in self._by_isbn.values() if book.before]

    def _written(self) -> list[BookDraft]:
        return [*self._new, *self._existing()]


def _taken(book: BookDraft | None) -> BooksError:
    return IsbnTaken() if book and book.isbn else IdTaken()


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
