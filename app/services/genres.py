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

    from sqlalchemy.orm import Session

INSERT: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


class GenreService:
    """Genres, which are created when a book first names them."""

    def __init__(self, db: Session) -> None:
        self.db = db
        self._added: list[int] = []

    def named(self, names: Sequence[str]) -> list[Genre]:
        """The genres with these names, in this order; missing ones are created."""
        wanted = {name_key(name): name for name in names}
        existing = self._find(wanted)
        if missing := wanted.keys() - existing.keys():
            self._add({key: wanted[key] for key in missing})
            existing = self._find(wanted)
        return [existing[key] for key in wanted]

    def drop_unused(self) -> None:
        """Delete the genres that this service created but no book uses."""
        if not self._added:
            return
        has_books = exists().where(BookGenre.genre_id == Genre.id)
        self.db.execute(delete(Genre).where(Genre.id.in_(self._added), ~has_books))

    def _find(self, keys: Collection[str]) -> dict[str, Genre]:
        if not keys:
            return {}
        found = self.db.scalars(select(Genre).where(Genre.name_key.in_(keys)))
        return {genre.name_key: genre for genre in found}

    def _add(self, names: dict[str, str]) -> None:
        """Insert genres. If several transactions add the same genre, the first inserts it and the others wait for it.

        All insert in the order of the keys, to avoid deadlock.
        """
        insert = INSERT[self.db.get_bind().dialect.name](Genre).on_conflict_do_nothing().returning(Genre.id)
        rows = [{"name": names[key], "name_key": key, "filter_key": filter_key(names[key])} for key in sorted(names)]
        self._added += self.db.scalars(insert, rows)
