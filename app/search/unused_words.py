"""Words that no record has any more, and their removal from the table of misspellings.

Only deletions leave them: a write adds words, and does not know which other records have those that it removes.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, text

from app.db.locks import WORDS, try_lock_exclusive
from app.models import SearchWord
from app.models.search import KINDS
from app.search.postgres import tsquery
from app.search.query import Term
from app.search.typos import new_variants

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

_NOT_IN_ANY = {
    "postgresql": "NOT EXISTS (SELECT FROM {kind}_search WHERE everything @@ CAST(query AS tsquery))",
    "sqlite": "NOT EXISTS (SELECT 1 FROM {kind}_search WHERE {kind}_search MATCH 'everything : \"' || value || '\"')",
}
_GIVEN = {
    "postgresql": "SELECT word FROM unnest(CAST(:words AS text[]), CAST(:queries AS text[])) AS given (word, query)",
    "sqlite": "SELECT value FROM json_each(:words)",
}
_UNUSED = {
    dialect: text(f"{given} WHERE " + " AND ".join(_NOT_IN_ANY[dialect].format(kind=kind) for kind in sorted(KINDS)))
    for dialect, given in _GIVEN.items()
}
_FORGET = {
    "postgresql": text(
        "DELETE FROM search_words"
        " USING unnest(CAST(:variants AS text[]), CAST(:words AS text[])) AS gone (variant, word)"
        " WHERE search_words.variant = gone.variant AND search_words.word = gone.word"
    ),
    "sqlite": text("DELETE FROM search_words WHERE variant = :variant AND word = :word"),
}


def words_after(connection: Connection, word: str, limit: int) -> Sequence[str]:
    """The next words in the table of misspellings, in order."""
    following = select(SearchWord.word).where(SearchWord.variant > word, SearchWord.variant == SearchWord.word)
    return connection.scalars(following.order_by(SearchWord.variant).limit(limit)).all()


def unused_among(connection: Connection, words: Sequence[str]) -> list[str]:
    """Those of the words that no record has: one look-up in each index for each word."""
    given: dict[str, Any] = {"words": json.dumps(words, ensure_ascii=False)}
    if connection.dialect.name == "postgresql":
        given = {"words": list(words), "queries": [tsquery(Term(word)) for word in words]}
    return list(connection.scalars(_UNUSED[connection.dialect.name], given))


def forget_unused(connection: Connection, words: Sequence[str]) -> int | None:
    """Remove those of the words that no record has. It does not wait for writers.

    A writer that finds a word in the table relies on it until its commit, so words are removed under the exclusive
    lock, and only after they were looked up again.

    Args:
        connection: in a transaction.
        words: so few that writers can wait for their look-ups.

    Returns: how many were removed; None if writers have the lock: try again later.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL enable_seqscan = off"))  # estimates are wrong for words of no record
    unused = unused_among(connection, words)
    if not unused:
        return 0
    if not try_lock_exclusive(connection, WORDS):
        return None
    unused = unused_among(connection, unused)
    pairs = new_variants(unused)
    if not pairs:
        return 0
    variants, of_words = map(list, zip(*pairs, strict=True))
    gone = {"variants": variants, "words": of_words}
    one_by_one = [{"variant": variant, "word": word} for variant, word in pairs]
    connection.execute(
        _FORGET[connection.dialect.name], gone if connection.dialect.name == "postgresql" else one_by_one
    )
    return len(unused)
