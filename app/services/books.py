"""The rules about books."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import MISSING
from sqlalchemy import select

from app.db.locks import NAMES, lock_shared
from app.domain.clean_text import same_text
from app.domain.relators import AUTHOR
from app.errors import AuthorMissing, BookNotFound, Fault
from app.models import Author, Book, FormerName
from app.schemas.books import BookCreate
from app.schemas.contributors import ContributorGiven
from app.schemas.validation_errors import invalid_body
from app.search.index import SearchIndex, entry_of_book
from app.services.genres import GenreService
from app.services.leftovers import note_leftovers, words_of
from app.services.read_only import require_as_read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from app.schemas.books import BookUpdate

ELSEWHERE = frozenset({"author_id", "contributors", "genres"})
"""The fields that cannot be copied to columns unchanged."""
COLUMNS = BookCreate.model_fields.keys() - ELSEWHERE
SEARCHED = frozenset({"title", "subtitle", "series"}) | ELSEWHERE
"""The fields whose words are searched."""


class BookService:
    """Writes books."""

    def __init__(self, db: Session, *, index_later: bool = False) -> None:
        """Args: index_later: leaves it to the caller to update the search index."""
        self.db = db
        self.genres = GenreService(db)
        self.index_later = index_later

    def get(self, book_id: int) -> Book:
        """The book, locked until the transaction ends.

        Raises:
            BookNotFound: there is none with that id.
        """
        lock_shared(self.db, NAMES)
        book = self.db.get(Book, book_id, with_for_update=True)
        if book is None:
            raise BookNotFound
        return book

    def create(self, data: BookCreate, owner_id: int | None) -> Book:
        """Add a book.

        Raises:
            AuthorMissing: there is no author with that id.
            IdTaken, IsbnTaken: another book has the id or the ISBN.
        """
        lock_shared(self.db, NAMES)
        book = Book(**data.model_dump(include=COLUMNS), created_by=owner_id)
        self._set_people(book, data)
        book.set_genres(self.genres.named(data.genres))
        self.db.add(book)
        self._flush(book)
        return book

    def update(self, book: Book, changes: BookUpdate, editor_id: int | None) -> None:
        """Change the given fields.

        Raises:
            AuthorMissing: there is no author with that id.
            IsbnTaken: another book has the ISBN.
            VersionMismatch, InvalidRequest: a read-only field differs from the book.
        """
        require_as_read(book, changes)
        had = words_of(entry_of_book(book)) if changes.model_fields_set & SEARCHED else set()
        genres = None if changes.genres is MISSING else self.genres.named(changes.genres or [])
        for field, value in changes.changed(but=ELSEWHERE).items():
            setattr(book, field, value)
        self._set_people(book, changes)
        if genres is not None:
            kept = {genre.id for genre in genres}
            note_leftovers(self.db, (link.genre_id for link in book.genre_links if link.genre_id not in kept))
            book.set_genres(genres)
        book.touch_by(editor_id)
        self._flush(book)
        if had:
            note_leftovers(self.db, words=had - words_of(entry_of_book(book)))

    def delete(self, book: Book) -> None:
        """Delete the book."""
        note_leftovers(self.db, (link.genre_id for link in book.genre_links), words_of(entry_of_book(book)))
        self.db.delete(book)
        self.db.flush()

    def _flush(self, book: Book) -> None:
        self.db.flush()
        if not self.index_later:
            SearchIndex(self.db, "book").put([entry_of_book(book)])

    def _set_people(self, book: Book, data: BookCreate | BookUpdate) -> None:
        """Set the contributors. A client that sends only `author_id` changes the main author and no other."""
        if data.contributors is not MISSING:
            parts = list(data.contributors)
            kept = book.author_id if book.author_id in {part.author_id for part in parts} else _main_author(parts)
            main = kept if data.author_id is MISSING else data.author_id
        elif data.author_id is not MISSING:
            main = data.author_id
            parts = _with_main_author(book, main)
        else:
            return
        people = self._people([part.author_id for part in parts], by_id=data.contributors is MISSING)
        self._require_right_names(parts, people)
        book.author_id = main
        book.set_contributors((people[part.author_id], part.role) for part in parts)

    def _require_right_names(self, parts: Sequence[ContributorGiven], people: dict[int, Author]) -> None:
        """Check names sent with ids, which guard against wrong ids. Former names of the author are accepted, too."""
        differing = {
            place: part
            for place, part in enumerate(parts)
            if part.name is not None and not same_text(part.name, people[part.author_id].name)
        }
        if not differing:
            return
        ids = {part.author_id for part in differing.values()}
        former = self.db.execute(
            select(FormerName.author_id, FormerName.name).where(FormerName.author_id.in_(ids))
        ).all()
        faults = [
            Fault(f"/contributors/{place}/name", "is not the name of the author with that author_id")
            for place, part in differing.items()
            if not any(row.author_id == part.author_id and same_text(row.name, part.name or "") for row in former)
        ]
        if faults:
            raise invalid_body(*faults)

    def _people(self, author_ids: Sequence[int], *, by_id: bool) -> dict[int, Author]:
        found = self.db.scalars(select(Author).where(Author.id.in_(author_ids)))
        people = {author.id: author for author in found}
        missing = [place for place, author_id in enumerate(author_ids) if author_id not in people]
        if missing:
            raise AuthorMissing(["/author_id"] if by_id else [f"/contributors/{place}/author_id" for place in missing])
        return people


def _main_author(parts: Sequence[ContributorGiven]) -> int:
    """The first contributor with the role of author, or else the first contributor."""
    return next((part.author_id for part in parts if part.role == AUTHOR), parts[0].author_id)


def _with_main_author(book: Book, author_id: int) -> list[ContributorGiven]:
    """The contributors of a book after its main author changes."""
    parts = [(part.author_id, part.role) for part in book.contributors]
    was = next((place for place, (person, _) in enumerate(parts) if person == book.author_id), None)
    if author_id in {person for person, _ in parts}:
        return _given(parts)
    if was is None:
        return _given([(author_id, AUTHOR), *parts])
    return _given([*parts[:was], (author_id, parts[was][1]), *parts[was + 1 :]])


def _given(parts: Sequence[tuple[int, str]]) -> list[ContributorGiven]:
    return [ContributorGiven(author_id=person, role=role) for person, role in parts]
