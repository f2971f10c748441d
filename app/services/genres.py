"""The rules about genres."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, exists, select
from sqlalchemy.dialects import postgresql, sqlite

from app.domain.names import name_key
from app.domain.sort_keys import filter_key
from app.models import BookGenre, Genre
from app.models.drafts import NamedGenre
from app.services.locked_references import read_references

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sqlalchemy import Connection, Table
    from sqlalchemy.orm import Session


GENRES: Table = Genre.__table__  # type: ignore[assignment]  # SQLAlchemy's type is wider
INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}
NEW_GENRES, NEW_GENRES_OF_ONE = 100, 5
"""How many new genres a batch may bring, and how many more for each of its books. A single book has at most 100."""
MOST_NEW_GENRES = 1_000
"""And how many a batch may bring in all: 5,000 cost a second. Each chunk of an import may bring more."""
HAS_BOOKS = exists().where(BookGenre.genre_id == Genre.id)


class GenreService:
    """Genres, which are created when a book first names them."""

    def __init__(self, db: Session) -> None:
        self.db = db
        self._added: list[int] = []
        self._key = cache(name_key)
        self._known: dict[str, NamedGenre] = {}
        """The genres that were looked up before, by key; they remain until the transaction ends."""
        self._looked_up: set[str] = set()
        """The keys that were looked up; a key without a known genre has none yet."""

    def keys_of(self, lists: Iterable[Sequence[str]]) -> set[str]:
        """The keys of these names."""
        return {self._key(name) for names in lists for name in names}

    def know(self, genres: Mapping[str, NamedGenre], of_keys: Collection[str]) -> None:
        """Use genres that the transaction has read, and locked: those that exist of these keys."""
        self._known |= genres
        self._looked_up.update(of_keys)

    def named(self, names: Sequence[str]) -> list[NamedGenre]:
        """The genres with these names, in this order; missing ones are created. None is deleted before the commit."""
        wanted = {self._key(name): name for name in names}
        self._look_up(wanted.keys() - self._looked_up)
        while missing := wanted.keys() - self._known.keys():  # again if others add some and delete them at once
            self._add({key: wanted[key] for key in missing})
            self._look_up(missing - self._known.keys())
        return [self._known[key] for key in wanted]

    def add_for_all(self, lists: Sequence[Sequence[str]], most: int | None = None) -> list[bool]:
        """Create the missing genres of many books in one statement, as many as such books may bring.

        Args:
            lists: the names for each book.
            most: how many may be new in all.

        Returns: for each book whether it has all of its genres.
        """
        by_book = [{self._key(name): name for name in names} for names in lists]
        self._look_up(self.keys_of(lists) - self._looked_up)
        room = NEW_GENRES + NEW_GENRES_OF_ONE * len(lists)
        room = room if most is None else min(room, most)
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

    def existing(self, names: Sequence[str]) -> list[str]:
        """Those of these names that are of genres which were looked up or added."""
        return [name for name in names if self._key(name) in self._known]

    def drop_unused(self) -> None:
        """Delete the genres that this service created but no book uses."""
        if not self._added:
            return
        self.db.execute(delete(Genre).where(Genre.id.in_(self._added), ~HAS_BOOKS))

    def _look_up(self, keys: Collection[str]) -> None:
        """Find existing ones, and lock them."""
        if keys:
            self.know(read_references(self.db, (), keys).genres, keys)

    def _add(self, names: dict[str, str]) -> None:
        """Insert genres. If several transactions add the same genre, the first inserts it and the others wait for it.

        All insert in the order of the keys, to avoid deadlock.
        """
        connection = self.db.connection()
        insert = (
            INSERT[connection.dialect.name](GENRES).on_conflict_do_nothing().returning(GENRES.c.id, GENRES.c.name_key)
        )
        rows = [{"name": names[key], "name_key": key, "filter_key": filter_key(names[key])} for key in sorted(names)]
        for genre_id, key in connection.execute(insert, rows):
            self._added.append(genre_id)
            self._known[key] = NamedGenre(genre_id, names[key])


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
