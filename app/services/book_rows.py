"""Reading and writing the rows of books: one statement for each table, for one book or for a thousand."""

from __future__ import annotations

from copy import copy
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, null, select

from app.db.bulk import among, insert_records, insert_rows, update_rows
from app.db.copying import DerivedRows
from app.db.ids import next_ids
from app.db.locks import NAMES, WORDS, have_shared, with_shared
from app.events.changes import document_of, note_change, set_origin
from app.models import Author, Book, BookGenre, BookIdentifier, Contributor, Genre
from app.models.drafts import FIELDS, AuthorDraft, BookDraft, Part
from app.search.index import SearchIndex, entry_of_author, entry_of_book, remembered_words
from app.services.cleanup.after_write import note_candidates, words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import ColumnElement, Table
    from sqlalchemy.orm import Session

    from app.events.changes import Action, Origin

FEW = 20
"""Deletions after which words of search that no record has are removed at once; after more, the sweep removes them."""
BOOKS: Table = Book.__table__  # type: ignore[assignment]  # SQLAlchemy's type is wider
CONTRIBUTORS: Table = Contributor.__table__  # type: ignore[assignment]  # likewise
GENRES: Table = BookGenre.__table__  # type: ignore[assignment]  # likewise
IDENTIFIERS: Table = BookIdentifier.__table__  # type: ignore[assignment]  # likewise


def load(db: Session, which: ColumnElement[bool]) -> list[BookDraft]:
    """The books that meet a condition, locked in the order of their ids until the transaction ends; before them NAMES.

    What belongs to them is read with another statement, which sees what was committed before the locks were there.
    """
    connection = db.connection()
    rows = with_shared(connection, select(*(BOOKS.c[name] for name in FIELDS)), NAMES, WORDS)
    rows = rows.where(which).order_by(BOOKS.c.id).with_for_update(of=BOOKS)
    books = {row.id: BookDraft(**row._mapping) for row in connection.execute(rows)}  # noqa: SLF001  (SQLAlchemy's own name)
    if not books:
        return []
    have_shared(connection, NAMES, WORDS)
    people = select(Contributor.book_id, Contributor.position, Contributor.author_id, Author.name, Contributor.role)
    people = people.join(Contributor.author).where(among(connection, Contributor.book_id, books))
    genres = select(BookGenre.book_id, BookGenre.position, Genre.id, Genre.name, null())
    genres = genres.join(BookGenre.genre).where(among(connection, BookGenre.book_id, books))
    for book_id, _, of_id, name, role in connection.execute(people.union_all(genres).order_by("position")):
        if role is None:
            books[book_id].genre_ids.append(of_id)
            books[book_id].genres.append(name)
        else:
            books[book_id].contributors.append(Part(of_id, name, role))
    for book in books.values():
        book.before = copy(book)
    return list(books.values())


def insert(
    db: Session,
    books: Sequence[BookDraft],
    *,
    skip_taken: bool = False,
    action: Action = "created",
    origins: Mapping[int, Origin] = MappingProxyType({}),
) -> list[BookDraft]:
    """Insert new books. Those without an id get the next ones; the others' are reserved by the caller.

    Args:
        db: in a transaction.
        books: the books.
        skip_taken: leave out the books whose ISBN or id another transaction has just taken.
        action: what the change log says.
        origins: by the ids of books: who adds them, if the transaction has no common origin.

    Returns: the books that were left out.

    Raises:
        IdTaken, IsbnTaken: another book has the id or the ISBN.
    """
    connection = db.connection()
    unnumbered = [book for book in books if not book.id]
    for book, given in zip(unnumbered, next_ids(connection, BOOKS.name, len(unnumbered)), strict=True):
        book.id = given
    rows = DerivedRows(books, _row_of_new)
    parts = {CONTRIBUTORS: _contributors(books), GENRES: _genres(books), IDENTIFIERS: _identifiers(books)}
    left_out = insert_records(connection, BOOKS, rows, parts, skip_taken=skip_taken)
    for book in books:
        if book.id not in left_out:
            if origins:
                set_origin(db, origins[book.id])
            note_change(db, "book", None, document_of(book), action=action)
    return [book for book in books if book.id in left_out]


def update(db: Session, books: Sequence[BookDraft]) -> None:
    """Write the loaded books that have changed, and note what they leave behind.

    Raises:
        IsbnTaken: another book has the ISBN.
    """
    connection = db.connection()
    changed = [(book, book.before) for book in books if book.before and book.document != book.before.document]
    people = [book for book, before in changed if book.contributors != before.contributors]
    genres = [book for book, before in changed if book.genre_ids != before.genre_ids]
    identifiers = [book for book, before in changed if book.identifiers != before.identifiers]
    for table, of_books in ((CONTRIBUTORS, people), (GENRES, genres), (IDENTIFIERS, identifiers)):
        if of_books:
            connection.execute(delete(table).where(among(db, table.c.book_id, [book.id for book in of_books])))
    update_rows(connection, BOOKS, [book.row() for book, _ in changed], (before.row() for _, before in changed))
    insert_rows(connection, CONTRIBUTORS, _contributors(people))
    insert_rows(connection, GENRES, _genres(genres))
    insert_rows(connection, IDENTIFIERS, _identifiers(identifiers))
    for book, before in changed:
        note_change(db, "book", document_of(before), document_of(book))
        note_candidates(db, genre_ids=set(before.genre_ids).difference(book.genre_ids))


def index(
    db: Session,
    books: Sequence[BookDraft],
    newcomers: Sequence[AuthorDraft] = (),
    words: Callable[[str], list[str]] | None = None,
    *,
    writes: int | None = 1,
) -> None:
    """Store the words of new texts. Call it last: its locks come after all others.

    Args:
        db: in a transaction.
        books: the books.
        newcomers: authors that they brought. Their words are among those of the books.
        words: splits texts, if it already knows some of them.
        writes: of how many requests the books are: each may bring as many new words as real ones do. None: they are
            the operator's, and typos of all new words are tolerated.
    """
    words, changed = words or remembered_words(), []
    SearchIndex(db, "author").keep(map(entry_of_author, newcomers), words, are_new=True)
    for book in books:
        if book.before and (entry := entry_of_book(book)) != (before := entry_of_book(book.before)):
            changed.append(entry)
            note_candidates(db, words=set(before.everything(words)).difference(entry.everything(words)))
    new = [entry_of_book(book) for book in books if not book.before]
    SearchIndex(db, "book").put(changed, words, new=new, writes=writes)


def remove(db: Session, books: Sequence[BookDraft]) -> None:
    """Delete loaded books; the database deletes what belongs to them."""
    if not books:
        return
    for book in books:
        note_change(db, "book", document_of(book.before or book), None)
        note_candidates(db, book.genre_ids, words_of(entry_of_book(book)) if len(books) <= FEW else ())
    db.connection().execute(delete(BOOKS).where(among(db, BOOKS.c.id, [book.id for book in books])))


def _row_of_new(book: BookDraft) -> dict[str, Any]:
    if not book.document:
        book.write_document()
    return book.row()


def _contributors(books: Sequence[BookDraft]) -> list[dict[str, Any]]:
    return [
        {"book_id": book.id, "author_id": part.author_id, "role": part.role, "position": place}
        for book in books
        for place, part in enumerate(book.contributors)
    ]


def _genres(books: Sequence[BookDraft]) -> list[dict[str, Any]]:
    return [
        {"book_id": book.id, "genre_id": genre_id, "position": place}
        for book in books
        for place, genre_id in enumerate(book.genre_ids)
    ]


def _identifiers(books: Sequence[BookDraft]) -> list[dict[str, Any]]:
    return [{"book_id": book.id, **identifier} for book in books for identifier in book.identifiers]
