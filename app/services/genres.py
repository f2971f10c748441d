"""The rules about genres."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, exists, select
from sqlalchemy.dialects import postgresql, sqlite

from app.domain.names import name_key
from app.domain.sort_keys import filter_key
from app.models import BookGenre, Genre

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import Connection
    from sqlalchemy.orm import Session

INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}
HAS_BOOKS = exists().where(BookGenre.genre_id == Genre.id)


class GenreService:
    """Genres, which are created when a book first names them."""

    def __init__(self, db: Session) -> None:
        self.db = db
        self._added: list[int] = []

    def named(self, names: Sequence[str]) -> list[Genre]:
        """The genres with these names, in this order; missing ones are created. None is deleted before the commit."""
        wanted = {name_key(name): name for name in names}
        existing = self._find(wanted)
        while missing := wanted.keys() - existing.keys():  # more than once if others add some and delete them again
            self._add({key: wanted[key] for key in missing})
            existing |= self._find(missing)
        return [existing[key] for key in wanted]

    def drop_unused(self) -> None:
        """Delete the genres that this service created but no book uses."""
        if not self._added:
            return
        self.db.execute(delete(Genre).where(Genre.id.in_(self._added), ~HAS_BOOKS))

    def _find(self, keys: Collection[str]) -> dict[str, Genre]:
        """The existing ones, locked as a foreign key locks them: against their deletion, but not against each other."""
        if not keys:
            return {}
        named = select(Genre).where(Genre.name_key.in_(keys)).order_by(Genre.id)
        found = self.db.scalars(named.with_for_update(read=True, key_share=True))
        return {genre.name_key: genre for genre in found}

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
