"""Reading the rows of an import, chunk by chunk, while the database writes the last one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TYPE_CHECKING, Self

from app.models.books import KEYS
from app.search.titles import title_words
from app.search.words import words
from app.services.authors_by_name import keys_of
from app.services.imports.matching import title_keys

if TYPE_CHECKING:
    from collections.abc import Iterable
    from concurrent.futures import Future

    from app.schemas.imported_books import BookRow
    from app.transfer.rows import Row

MOST_WEIGHT = 2_000_000
"""Characters of a chunk: of large books it has fewer, so that its transaction takes as little memory and time."""
WEIGHT_OF_ENTRY = 400
"""Characters that each contributor, genre, identifier and link counts as."""
TEXTS = 2_048
"""Texts whose words are remembered: the titles, names and genres of a chunk are about as many."""


class Chunks:
    """The rows of a file, in chunks. One is read ahead, in a thread: a write leaves the processor to the database.

    Args:
        rows: the rows.
        size: the most rows of a chunk.
        keep_originals: whether rows keep what they are in the file.
    """

    def __init__(self, rows: Iterable[Row], size: int, *, keep_originals: bool = True) -> None:
        self._rows, self._size, self._keep_originals = iter(rows), size, keep_originals
        self.words = lru_cache(maxsize=TEXTS)(words)
        """Splits texts; those of a chunk have been split when it was read."""
        self._thread = ThreadPoolExecutor(1, "import-reader")
        self._ahead: Future[list[Row]] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._thread.shutdown()

    def read_ahead(self) -> None:
        """Begin to read the next chunk, unless that has begun."""
        if self._ahead is None:
            self._ahead = self._thread.submit(self._read)

    def take(self) -> list[Row]:
        """The next chunk; empty at the end.

        Raises:
            UnreadableFile: the file turns out to be damaged.
        """
        if self._ahead is None:
            return self._read()
        ahead, self._ahead = self._ahead, None
        return ahead.result()

    def _read(self) -> list[Row]:
        rows: list[Row] = []
        weight = 0
        while len(rows) < self._size and weight < MOST_WEIGHT and (row := next(self._rows, None)) is not None:
            if not self._keep_originals:
                row.original = ""
            if row.book is not None:
                self._prepare(row.book)
            weight += _weight(row)
            rows.append(row)
        return rows

    def _prepare(self, book: BookRow) -> None:
        """Derive the keys and words that the writing needs; what derives them remembers them."""
        names = [person.name for person in book.contributors]
        for name in names:
            keys_of(name)
        title_keys(book.title, book.sort_title)
        title_words(book.title)
        for source, key_of in KEYS.values():
            if text := getattr(book, source):
                key_of(text)
        for text in (book.title, book.subtitle, book.series, *names, *book.genres):
            if text:
                self.words(text)


def _weight(row: Row) -> int:
    """What a row takes of the memory and time of its transaction, in characters."""
    original = row.original
    of_file = sum(map(len, original)) if isinstance(original, list) else 0 if callable(original) else len(original)
    book = row.book
    if book is None:
        return of_file
    entries = len(book.contributors) + len(book.genres) + len(book.identifiers) + len(book.links)
    return of_file + len(book.description or "") + WEIGHT_OF_ENTRY * entries
