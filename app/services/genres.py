"""The rules about genres."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, exists, select
from sqlalchemy.dialects import postgresql, sqlite

from app.db.bulk import among
from app.domain.names import name_key
from app.domain.sort_keys import filter_key
from app.models import BookGenre, Genre

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import Connection
    from sqlalchemy.orm import Session

INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}
NEW_GENRES, NEW_GENRES_OF_ONE = 100, 5
"""How many new genres a batch may bring, and how many more for each of its books. A single book has at most 100."""
HAS_BOOKS = exists().where(BookGenre.genre_id == Genre.id)


class GenreService:
    """Genres, which are created when a book first names them."""

    def __init__(self, db: Session) -> None:
        self.db = db
        self._added: list[int] = []
        self._key = cache(name_key)
        self._known: dict[str, Genre] = {}
        """Those that were asked for before, which remain until the transaction ends."""

    def named(self, names: Sequence[str]) -> list[Genre]:
        """The genres with these names, in this order; missing ones are created. None is deleted before the commit."""
        wanted = {self._key(name): name for name in names}
        self._know(wanted)
        while missing := wanted.keys() - self._known.keys():  # again if others add some and delete them at once
            self._add({key: wanted[key] for key in missing})
            self._know(missing)
        return [self._known[key] for key in wanted]

    def add_for_all(self, lists: Sequence[Sequence[str]]) -> list[bool]:
        """Create the missing genres of many books in one statement, as many as such books may bring.

        Args:
            lists: the names for each book.

        Returns: for each book whether it has all of its genres.
        """
        by_book = [{self._key(name): name for name in names} for names in lists]
        self._know({key for wanted in by_book for key in wanted})
        room = NEW_GENRES + NEW_GENRES_OF_ONE * len(lists)
        new: dict[str, str] = {}
        complete = []
        for wanted in by_book:
            missing = {key: wanted[key] for key in wanted if key not in self._known and key not in new}
            complete.append(len(missing) <= room)
            if complete[-1]:
                new |= missing
                room -= len(missing)
        self.named(list(new.values()))
        return complete

    def drop_unused(self) -> None:
        """Delete the genres that this service created but no book uses."""
        if not self._added:
            return
        self.db.execute(delete(Genre).where(Genre.id.in_(self._added), ~HAS_BOOKS))

    def _know(self, keys: Collection[str]) -> None:
        """Find existing ones, and lock them as a foreign key does: against deletion, but not against each other."""
        unknown = [key for key in keys if key not in self._known]
        if not unknown:
            return
        named = select(Genre).where(among(self.db, Genre.name_key, unknown)).order_by(Genre.id)
        found = self.db.scalars(named.with_for_update(read=True, key_share=True))
        self._known |= {genre.name_key: genre for genre in found}

    def _add(self, names: dict[str, str]) -> None:
        """Insert genres. If several transactions add the same genre, the first inserts it and the others wait for it.

        All insert in the order of the keys, to avoid deadlock.
        """
        insert = INSERT[self.db.get_bind().dialect.name](Genre).on_conflict_do_nothing().returning(Genre.id)
        rows = [{"name": names[key], "name_key": key, "filter_key": filter_key(names[key])} for key in sorted(names)]
        self._added += self.db.scalars(insert, rows)


def delete_unused(connection: Connection, genre_ids: Collection[int]) -> int:
    """Delete those of these genres that no book has. It waits for no writer: what one has locked is left alone.

    In two statements: the second sees the books of all writers that had a genre locked when the first began.

    Returns: how many were deleted.
    """
    unused = select(Genre.id).where(Genre.id.in_(genre_ids), ~HAS_BOOKS).order_by(Genre.id)
    locked = connection.scalars(unused.with_for_update(skip_locked=True)).all()
    if not locked:
        return 0
    return connection.execute(delete(Genre).where(Genre.id.in_(locked), ~HAS_BOOKS)).rowcount
