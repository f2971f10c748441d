"""New books of several requests, perhaps of several users, in one transaction.

A book whose creation would fail, or is unusual, is left out: its request must be carried out alone.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, text

from app.db.bulk import is_postgres
from app.db.driver_statements import fetch
from app.db.locks import BATCHES, try_to_share
from app.db.types import TextArray
from app.errors import BooksError
from app.search.index import NEW_WORDS, NEW_WORDS_OF_ONE, entry_of_book, remembered_words
from app.services import book_rows
from app.services.books import BookService
from app.services.contributors import names_without_ids
from app.services.locked_references import each_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection
    from sqlalchemy.orm import Session

    from app.events.changes import Origin
    from app.models.drafts import BookDraft
    from app.schemas.books import BookCreate

MOST_WORDS = NEW_WORDS + NEW_WORDS_OF_ONE
"""Words of a book, all of which one write may bring."""
_LOOK_UP = {
    "postgresql": text(f"""
        SELECT 'lock' AS kind, '' AS value WHERE {try_to_share(BATCHES)}
        UNION ALL SELECT 'isbn', isbn FROM books WHERE isbn IN ({each_of("isbns", "text")})
        UNION ALL SELECT 'genre', name_key FROM genres WHERE name_key IN ({each_of("keys", "text")})
    """).bindparams(bindparam("isbns", type_=TextArray()), bindparam("keys", type_=TextArray())),  # noqa: S608  (our own names)
    "sqlite": text("""
        SELECT 'isbn' AS kind, isbn AS value FROM books WHERE isbn IN (SELECT value FROM json_each(:isbns))
        UNION ALL SELECT 'genre', name_key FROM genres WHERE name_key IN (SELECT value FROM json_each(:keys))
    """),
}


@dataclass(frozen=True, eq=False)
class Creation:
    """A request to add a book."""

    data: BookCreate
    origin: Origin


def suits(data: BookCreate) -> bool:
    """Whether a book can be created with others: it brings no id of its own, and names no person without an id."""
    return data.id is None and not names_without_ids([data])


def create_together(db: Session, creations: Sequence[Creation], largest: int) -> list[BookDraft | None]:
    """Add books.

    Args:
        db: in a transaction, as its first statements.
        creations: the requests, whose data suit.
        largest: characters of a document from which on a book is left out.

    Returns: for each request its book. None: it is left out, since it would fail, or bring a genre, or is large, or has
        so many words that one write cannot bring them all: it would do so at the expense of others.
    """
    service, words = BookService(db), remembered_words()
    chosen = _without_conflicts(db, service, creations)
    ids = service.look_up([creation.data for creation in chosen], new=len(chosen))
    made: dict[Creation, BookDraft] = {}
    for creation, book_id in zip(chosen, ids, strict=True):
        book = _prepared(service, creation, book_id)
        if (
            book is not None
            and len(book.document) < largest
            and len(set(entry_of_book(book).everything(words))) <= MOST_WORDS
        ):
            made[creation] = book
    # Two transactions with the same two ISBNs would deadlock if each inserted them in another order.
    books = sorted(made.values(), key=lambda book: book.isbn or "")
    book_rows.insert(db, books, origins={book.id: creation.origin for creation, book in made.items()})
    book_rows.index(db, books, words=words, writes=len(books))
    return [made.get(creation) for creation in creations]


def _without_conflicts(db: Session, service: BookService, creations: Sequence[Creation]) -> list[Creation]:
    """Those with a free ISBN and known genres: the others would use up ids. None while a batch is being written."""
    isbns = {creation.data.isbn for creation in creations if creation.data.isbn}
    keys = service.genres.keys_of([creation.data.genres for creation in creations])
    if len(creations) == 1 and not isbns and not keys:
        return list(creations)
    taken, known, no_batch = _looked_up(db.connection(), isbns, keys)
    if len(creations) > 1 and not no_batch:
        return []
    chosen = []
    for creation in creations:
        data = creation.data
        if data.isbn not in taken and service.genres.keys_of([data.genres]) <= known:
            chosen.append(creation)
            taken.update([data.isbn] if data.isbn else [])
    return chosen


def _looked_up(connection: Connection, isbns: set[str], keys: set[str]) -> tuple[set[str], set[str], bool]:
    """The ISBNs that books have, the keys that genres have, and whether no batch is being written."""
    given: dict[str, Any] = {"isbns": [*isbns], "keys": [*keys]}
    if not is_postgres(connection):
        given = {name: json.dumps(values) for name, values in given.items()}
    found: dict[str, set[str]] = {"isbn": set(), "genre": set(), "lock": set()}
    for kind, value in fetch(connection, _LOOK_UP[connection.dialect.name], given):
        found[kind].add(value)
    return found["isbn"], found["genre"], not is_postgres(connection) or bool(found["lock"])


def _prepared(service: BookService, creation: Creation, book_id: int) -> BookDraft | None:
    names = creation.data.genres
    if len(service.genres.existing(names)) < len(names):  # one has just been deleted
        return None
    try:
        book = service.prepared(creation.data, creation.origin.actor_id)
    except BooksError:
        return None
    book.id = book_id
    book.write_document()
    return book
