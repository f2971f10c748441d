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
    """Genres come into being when a book names them."""

    def __init__(self, db: Session) -> None:
        self.db = db
        self._added: list[int] = []

    def named(self, names: Sequence[str]) -> list[Genre]:
        """The genres of these names, in this order; those that are not there yet come into being."""
        wanted = {name_key(name): name for name in names}
        existing = self._find(wanted)
        if missing := wanted.keys() - existing.keys():
            self._add({key: wanted[key] for key in missing})
            existing = self._find(wanted)
        return [existing[key] for key in wanted]

    def drop_unused(self) -> None:
        """Take out again what came into being here and no book is in after all."""
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
        """Several may name a new genre at once: one adds it, the others wait and find it there.

        All add in the order of the keys, so that no two wait for each other.
        """
        insert = INSERT[self.db.get_bind().dialect.name](Genre).on_conflict_do_nothing().returning(Genre.id)
        rows = [{"name": names[key], "name_key": key, "filter_key": filter_key(names[key])} for key in sorted(names)]
        self._added += self.db.scalars(insert, rows)
