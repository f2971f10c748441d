"""What a write leaves behind that no record has any more: genres, and words of search. It is removed after the commit.

In a transaction of its own, which waits for nothing: a write that fails or waits because of this would be worse than a
genre too many. What cannot be removed at once is left for `app.services.cleanup.full_sweep`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.search.typos import tolerates_typo
from app.search.unused_words import forget_unused
from app.services.genres import delete_unused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection
    from sqlalchemy.orm import Session

    from app.database import Database
    from app.search.index import Entry

KEY = "leftovers"
MOST_WORDS = 200
"""Words that are looked up after one write: some milliseconds, far more than the words of a real book."""


@dataclass
class Leftovers:
    """Candidates: genres that lost a book, and words that a record no longer has."""

    genre_ids: set[int] = field(default_factory=set)
    words: set[str] = field(default_factory=set)


def note_leftovers(db: Session, genre_ids: Iterable[int] = (), words: Iterable[str] = ()) -> None:
    """Note candidates during a write."""
    leftovers: Leftovers = db.info.setdefault(KEY, Leftovers())
    leftovers.genre_ids.update(genre_ids)
    leftovers.words.update(word for word in words if tolerates_typo(word))


def words_of(entry: Entry) -> set[str]:
    """The words of a record, which are candidates when it is deleted or changed."""
    return set(entry.everything())


def remove_leftovers(database: Database, db: Session) -> None:
    """Remove what nothing uses of the candidates of a transaction, after its commit. It never raises."""
    leftovers: Leftovers | None = db.info.pop(KEY, None)
    if leftovers is not None and (leftovers.genre_ids or leftovers.words):
        database.write_without_waiting(lambda connection: _remove(connection, leftovers))


def _remove(connection: Connection, leftovers: Leftovers) -> None:
    if leftovers.genre_ids:
        delete_unused(connection, leftovers.genre_ids)
    if leftovers.words:
        forget_unused(connection, sorted(leftovers.words)[:MOST_WORDS])
