"""What the chunks of a dry run would have changed, for the chunks after them."""

from __future__ import annotations

import json
import pickle
import sqlite3
from typing import TYPE_CHECKING

from app.domain.names import name_key
from app.services.authors_by_name import keys_of
from app.services.imports.matching import Known

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from app.schemas.authors import AuthorCreate
    from app.schemas.imported_books import BookRow
    from app.services.imports.authors import KnownAuthor


class Rehearsal:
    """New and changed records, by what they are found by, in a temporary file: a dry run may have millions of rows."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.execute("CREATE TABLE marks (mark TEXT, key TEXT, PRIMARY KEY (mark, key)) WITHOUT ROWID")
        self._db.execute("CREATE TABLE books (key TEXT PRIMARY KEY, known BLOB) WITHOUT ROWID")
        self._db.execute("CREATE TABLE authors (key TEXT PRIMARY KEY, known BLOB) WITHOUT ROWID")
        self._db.execute("PRAGMA journal_mode = OFF")

    def keep(self, books: Iterable[Known]) -> None:
        """Keep what a chunk would have changed."""
        for known in books:
            known.draft.before = None
            self._db.execute("INSERT OR REPLACE INTO books VALUES (?, ?)", (str(known), pickle.dumps(known)))
            marks = [(mark, str(known)) for mark in _marks(known.draft.isbn, known.draft.title)]
            self._db.executemany("INSERT OR IGNORE INTO marks VALUES (?, ?)", marks)

    def overlay(self, known: Sequence[Known], rows: Sequence[BookRow]) -> Iterator[Known]:
        """The books of the catalogue as they would be, and those that rows may be and that would be there.

        Args:
            known: books of the catalogue, as they are.
            rows: the books of rows.
        """
        marks = json.dumps([mark for row in rows for mark in _marks(row.isbn, row.title)])
        found = "SELECT known FROM books WHERE key IN (SELECT value FROM json_each(?))"
        by_marks = "SELECT key FROM marks WHERE mark IN (SELECT value FROM json_each(?))"
        keys = {key for (key,) in self._db.execute(by_marks, (marks,))} | {str(one) for one in known}
        kept = [pickle.loads(blob) for (blob,) in self._db.execute(found, (json.dumps([*keys]),))]  # noqa: S301  (our own)
        yield from kept
        are_kept = set(map(str, kept))
        yield from (one for one in known if str(one) not in are_kept)

    def keep_authors(self, authors: Iterable[KnownAuthor]) -> None:
        """Keep the authors that a chunk would have created or changed."""
        keys = [(str(known.id) if known.id > 0 else name_key(known.name), pickle.dumps(known)) for known in authors]
        self._db.executemany("INSERT OR REPLACE INTO authors VALUES (?, ?)", keys)

    def authors(self, ids: Iterable[int], rows: Sequence[AuthorCreate]) -> Iterator[KnownAuthor]:
        """Those with these ids, as far as they would be changed; and the new ones whom rows describe."""
        keys = [*map(str, ids), *(key for row in rows for key in keys_of(row.name))]
        found = "SELECT known FROM authors WHERE key IN (SELECT value FROM json_each(?))"
        for (blob,) in self._db.execute(found, (json.dumps(keys),)).fetchall():
            yield pickle.loads(blob)  # noqa: S301  (our own)

    def close(self) -> None:
        """Remove the file."""
        self._db.close()


def _marks(isbn: str | None, title: str) -> list[str]:
    return [name_key(title), *([isbn] if isbn else [])]
