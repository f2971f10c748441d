"""Renaming a genre: its books move to the genre of the new name, some hundred in a transaction.

A genre's name never changes in its row, since the documents of books contain it. So each document says what the tables
say at every moment, and what was interrupted is continued by the same request.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.db.locks import BATCHES, NAMES, lock_exclusive, lock_shared
from app.db.text_size import fitting, text_size
from app.domain.names import name_key
from app.domain.sort_keys import filter_key
from app.errors import GenreExists, GenreMissing
from app.models import Book, BookGenre, Genre
from app.search.index import SearchIndex, entry_of_book
from app.search.words import words
from app.services.cleanup.after_write import note_candidates
from app.services.genres import GenreService, delete_unused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

BOOKS_AT_ONCE, LARGEST_AT_ONCE = 200, 2_000_000
"""Books in one transaction, for which other writes of many books wait, and the bytes of their documents."""
FORMER = "\x1f"
"""What follows the key of a former spelling. No name contains it."""


@dataclass(frozen=True)
class GenreRenaming:
    """A genre, and its new name. The steps are for one transaction each."""

    name: str
    new_name: str

    def begin(self, db: Session, *, merge: bool) -> None:
        """Check that it can be done. A name that only changes its spelling is set free for the new one.

        Raises:
            GenreMissing: no genre has the name.
            GenreExists: another genre has the new name, and the two are not to be merged.
        """
        lock_shared(db, NAMES)
        key, new_key = name_key(self.name), name_key(self.new_name)
        keys = select(Genre).where(Genre.name_key.in_({key, new_key})).order_by(Genre.id)
        found = {genre.name_key: genre for genre in db.scalars(keys.with_for_update())}
        if key not in found:
            raise GenreMissing
        if key != new_key and new_key in found and not merge:
            raise GenreExists
        if key == new_key and found[key].name != self.new_name:
            found[key].name_key = f"{key}{FORMER}{found[key].id}"
            db.flush()
            GenreService(db).named([self.new_name])

    def move_some(self, db: Session) -> int:
        """Move the next books. Returns: how many; 0 if none is left."""
        lock_exclusive(db, BATCHES)
        lock_shared(db, NAMES)
        former = self._former(db)
        some = _next_books(db, former)
        if not some:
            return 0
        books = db.scalars(select(Book).where(Book.id.in_(some)).order_by(Book.id).with_for_update()).all()
        [named] = GenreService(db).named([self.new_name])
        new = db.get_one(Genre, named.id)
        for book in books:
            genres = [new if link.genre_id in former else link.genre for link in book.genre_links]
            book.set_genres(dict.fromkeys(genres))
        db.flush()
        SearchIndex(db, "book").put(map(entry_of_book, books))
        return len(books)

    def finish(self, db: Session) -> bool:
        """Delete the former genre. Returns: False if writers have it, or gave it to further books."""
        former = self._former(db)
        note_candidates(db, words=words(self.name))
        return delete_unused(db.connection(), former) == len(former)

    def _former(self, db: Session) -> Sequence[int]:
        """The genre, unless it has the new name by now, and former spellings of either that still exist."""
        key, new_key = name_key(self.name), name_key(self.new_name)
        alike = {filter_key(self.name), filter_key(self.new_name)}
        rows = db.execute(select(Genre.id, Genre.name_key).where(Genre.filter_key.in_(alike))).all()
        return [
            genre_id for genre_id, found in rows if found.partition(FORMER)[0] in {key, new_key} and found != new_key
        ]


def _next_books(db: Session, genre_ids: Sequence[int]) -> list[int]:
    """The ids of some of the books of these genres, fewer of large ones."""
    ids = select(BookGenre.book_id).where(BookGenre.genre_id.in_(genre_ids)).distinct().order_by(BookGenre.book_id)
    some = ids.limit(BOOKS_AT_ONCE).subquery()
    sized = select(Book.id, text_size(Book.document)).join(some, some.c.book_id == Book.id).order_by(Book.id)
    rows = db.execute(sized).all()
    return [book_id for book_id, _ in rows[: fitting((size for _, size in rows), LARGEST_AT_ONCE)]]
