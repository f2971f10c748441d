"""The sweep: it removes what is of no more use, a few rows at a time, while the service runs.

These are genres and words of search that no record has, responses that were kept for retries and have expired, old
events of the audit log, and old deliveries of webhooks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from time import sleep
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from app.events.webhooks.retention import delete_old
from app.models import Genre, SearchWord
from app.search.unused_words import forget_unused, unused_among, words_after
from app.services.cleanup.audit_log import forget_old
from app.services.genres import HAS_BOOKS, delete_unused
from app.services.idempotency import remove_expired

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.database import Database

GENRES_AT_ONCE = 1_000
WORDS_AT_ONCE = 1_000
"""How many are looked up by one read, without any lock."""
WORDS_LOCKED = 100
"""How many are looked up again and removed under the lock for which writers wait: some milliseconds."""
ATTEMPTS, PAUSE = 100, 0.05
"""How often the lock is tried, and the seconds between: writers have it only for a moment before their commit."""


@dataclass
class Swept:
    """What a sweep did."""

    genres: int = 0
    words: int = 0
    responses: int = 0
    deliveries: int = 0
    """Of webhooks, done and older than 30 days."""
    skipped: int = 0
    """Words that remain, since writers had the lock all the time."""
    events: int = 0


@dataclass(frozen=True)
class Size:
    """How much there is to look at."""

    genres: int
    words: int


def size_of(database: Database) -> Size:
    """The numbers of genres and of words."""
    is_word = SearchWord.variant == SearchWord.word
    with database.transaction() as db:  # without the time limit of reads
        genres = db.scalar(select(func.count()).select_from(Genre)) or 0
        words = db.scalar(select(func.count()).select_from(SearchWord).where(is_word)) or 0
    return Size(genres, words)


def sweep(database: Database, progress: Callable[[int], object] = int, audit_keep: int | None = None) -> Swept:
    """Remove what is of no more use.

    Args:
        database: may be in use.
        audit_keep: how many days events are kept; None: all.
        progress: called with the number of genres or words that were looked at, after each step.
    """
    swept = Swept(deliveries=delete_old(database, datetime.now(UTC)))
    _sweep_genres(database, swept, progress)  # first: their words may be used by nothing else
    _sweep_words(database, swept, progress)
    _sweep_responses(database, swept)
    if audit_keep is not None:
        swept.events = forget_old(database, audit_keep)
    return swept


def _sweep_genres(database: Database, swept: Swept, progress: Callable[[int], object]) -> None:
    last = 0
    while True:
        some = select(Genre.id).where(Genre.id > last).order_by(Genre.id).limit(GENRES_AT_ONCE)
        with database.reading() as connection:
            ids = connection.scalars(some).all()
            unused = connection.scalars(select(Genre.id).where(Genre.id.in_(ids), ~HAS_BOOKS)).all() if ids else []
        if not ids:
            return
        if unused:
            with database.transaction() as db:
                swept.genres += delete_unused(db.connection(), unused)
        progress(len(ids))
        last = ids[-1]


def _sweep_words(database: Database, swept: Swept, progress: Callable[[int], object]) -> None:
    last = ""
    while True:
        with database.reading() as connection:
            words = words_after(connection, last, WORDS_AT_ONCE)
            unused = unused_among(connection, words) if words else []
        if not words:
            return
        for start in range(0, len(unused), WORDS_LOCKED):
            some = unused[start : start + WORDS_LOCKED]
            forgotten = _forget(database, some)
            swept.words += forgotten or 0
            swept.skipped += len(some) if forgotten is None else 0
        progress(len(words))
        last = words[-1]


def _sweep_responses(database: Database, swept: Swept) -> None:
    while True:
        with database.transaction() as db:
            removed = remove_expired(db.connection())
        if not removed:
            return
        swept.responses += removed


def _forget(database: Database, words: list[str]) -> int | None:
    for _ in range(ATTEMPTS):
        with database.transaction() as db:
            forgotten = forget_unused(db.connection(), words)
        if forgotten is not None:
            return forgotten
        sleep(PAUSE)
    return None
