"""The search index: one interface for both databases."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.bulk import among
from app.db.copying import DerivedRows
from app.db.locks import WORDS, lock_shared
from app.models import SearchWord
from app.search import postgres as on_postgres
from app.search import postgres_pages
from app.search import sqlite as on_sqlite
from app.search.titles import title_words
from app.search.typos import tolerates_typo
from app.search.words import words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sqlalchemy import ColumnElement, Connection, Select

    from app.models import Author, Book
    from app.models.drafts import AuthorDraft, BookDraft
    from app.search.backend import PageReader, RankedPageReader, WordStore
    from app.search.query import WordQuery

NEW_WORDS, NEW_WORDS_OF_ONE = 50, 10
"""How many new words a write may bring, and how many more for each of its records."""


@dataclass(frozen=True)
class Entry:
    """The searchable texts of a record: those of its title, and all others."""

    id: int
    title: list[str]
    others: list[str]
    also_titles: list[str] = field(default_factory=list)
    """Further texts that count as an exact title."""

    def everything(self, words: Callable[[str], list[str]] = words) -> list[str]:
        """The words of all texts."""
        return [word for text in (*self.title, *self.others) if text for word in words(text)]

    def words(self, words: Callable[[str], list[str]] = words) -> tuple[list[str], list[str]]:
        """The words of the title, including the tokens of the exact title, and the words of all texts."""
        title = [word for text in self.title for word in words(text)]
        wholes = [word for text in dict.fromkeys((*self.title, *self.also_titles)) for word in title_words(text)]
        return title + wholes, self.everything(words)


def remembered_words() -> Callable[[str], list[str]]:
    """`words`, which splits each text once: records that are written together share names and genres."""
    return cache(words)


def entry_of_book(book: Book | BookDraft) -> Entry:
    """Title; subtitle, series, contributors' names and genres."""
    names = [part.name for part in book.contributors]
    return Entry(book.id, [book.title], [book.subtitle or "", book.series or "", *names, *book.genres])


def entry_of_author(author: Author | AuthorDraft) -> Entry:
    """The name and other names; the name to file under."""
    return Entry(author.id, [author.name, *author.aliases], [author.sort_name], [author.sort_name])


class SearchIndex:
    """The words of all records of a kind: `book` or `author`."""

    def __init__(self, connection: Connection | Session, kind: str) -> None:
        dialect = getattr(connection, "dialect", None) or connection.get_bind().dialect  # type: ignore[union-attr]  # a Session
        self._postgres = dialect.name == "postgresql"
        self.backend: WordStore = on_postgres if self._postgres else on_sqlite
        self.pages: PageReader = postgres_pages if self._postgres else on_sqlite
        self.ranked_pages: RankedPageReader | None = postgres_pages if self._postgres else None
        self._connection = connection
        self.kind = kind
        self.table = self.backend.search_table(kind)
        self.id: ColumnElement[int] = self.backend.id_of(self.table)

    def parameters(self, query: WordQuery) -> dict[str, Any]:
        """The parameters of a statement that looks for a query's words."""
        return dict(self.backend.parameters(query))

    def ids(self, query: WordQuery) -> Select[int]:
        """The ids of the records that match a query anywhere. Not for queries with many matches."""
        return self.pages.all_ids(self.table).params(self.parameters(query))

    def has(self, record_id: ColumnElement[int], query: WordQuery) -> ColumnElement[bool]:
        """Whether the record with that id matches a query anywhere."""
        return self.pages.record_has(self.table, record_id, query)

    def collects_too_much(self, query: WordQuery) -> bool:
        """Whether a query has so many matches that `ids` would be slow."""
        are_frequent = self.pages.frequent(self.table)
        return are_frequent is not None and bool(self._connection.scalar(are_frequent, self.parameters(query)))

    def forgiving(self, query: WordQuery) -> WordQuery:
        """The query, extended by known words that differ from its words by one typo."""
        typos = sorted(query.typos())
        is_typo = among(self._connection, SearchWord.variant, typos)
        return query.forgiving(self._connection.scalars(select(SearchWord.word).where(is_typo)))

    def put(
        self,
        entries: Iterable[Entry],
        words: Callable[[str], list[str]] | None = None,
        *,
        new: Sequence[Entry] = (),
        writes: int | None = 1,
    ) -> None:
        """Store the words of these records, replacing what is stored, and learn the new ones.

        A client can send records of nothing but new words, and each that is learned takes up to 25 rows. So only as
        many are learned as real records bring; the others are found, but not if they are misspelt.

        Args:
            entries: the records.
            words: splits texts, if it already knows some of them.
            new: records of which nothing is stored.
            writes: how many writes brought the records. None: they are the operator's, and every word is learned.
        """
        entries = list(entries)
        if not entries and not new:
            return
        lock_shared(self._of_transaction(), WORDS)  # now, so that the rest can be one statement
        records = len(entries) + len(new)
        at_most = None if writes is None else NEW_WORDS * writes + NEW_WORDS_OF_ONE * records
        self.learn(self.keep(new, words, are_new=True) | self.keep(entries, words), at_most)

    def keep(
        self, entries: Iterable[Entry], words: Callable[[str], list[str]] | None = None, *, are_new: bool = False
    ) -> set[str]:
        """Store the words of these records, and return them: they still have to be learned."""
        words_of, seen, entries = words or remembered_words(), set[str](), list(entries)

        def row_of(entry: Entry) -> dict[str, Any]:
            title, everything = entry.words(words_of)
            seen.update(everything)
            return {"id": entry.id, "title": title, "everything": everything}

        if entries:
            store = self.backend.add if are_new else self.backend.put
            store(self._of_transaction(), self.table, DerivedRows(entries, row_of))
        return seen

    def learn(self, seen: set[str], at_most: int | None = None) -> None:
        """Store new words by their variants, so that typos are tolerated: all, or the shortest, since most are short.

        A transaction does this once, and last, so that no two wait for each other's words.
        """
        connection = self._of_transaction()
        lock_shared(connection, WORDS)  # so that those that are known are not removed before the commit
        if tolerant := [word for word in seen if tolerates_typo(word)]:
            self.backend.learn(connection, tolerant, at_most)

    def _of_transaction(self) -> Connection:
        return self._connection.connection() if isinstance(self._connection, Session) else self._connection
