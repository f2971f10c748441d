"""A client that inserts, renames and deletes books while another reads a list page by page."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import cycle
from random import Random
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from app.models import Author, Book, Contributor

if TYPE_CHECKING:
    from app.database import Database
    from tests.support.client import Client


@dataclass
class ConcurrentEditor:
    """Makes one edit at a time, of each kind in turn, and records which books it changed."""

    member: Client
    database: Database
    dice: Random = field(default_factory=lambda: Random(3))  # noqa: S311  (chooses books, and keeps no secret)

    def __post_init__(self) -> None:
        self._edits = cycle([self._insert, self._rename, self._delete, self._change_year, self._rename_author])
        self.begin()

    def begin(self) -> None:
        """Forget the edits so far, and take the catalogue as it is now for the initial one."""
        with self.database.reading() as connection:
            documents = map(json.loads, connection.scalars(select(Book.document)))
            self.initial: dict[int, dict[str, Any]] = {book["id"]: book for book in documents}
            self.authors = list(connection.scalars(select(Author.id)))
        self.inserted, self.renamed, self.deleted, self.year_changed = set[int](), set[int](), set[int](), set[int]()
        self.author_renamed = set[int]()
        self._left = sorted(self.initial)

    @property
    def throughout(self) -> set[int]:
        """The initial books that still exist."""
        return self.initial.keys() - self.deleted

    @property
    def changed(self) -> set[int]:
        """The books whose `updated_at` has changed."""
        return self.renamed | self.year_changed | self.author_renamed

    def edit(self) -> None:
        """Make the next edit."""
        next(self._edits)()

    def _insert(self) -> None:
        title = f"{self.dice.choice(['A', 'The'])} River {self.dice.randint(0, 40)}"
        year = self.dice.choice([None, 1815, 2024])
        body = {"title": title, "author_id": self.dice.choice(self.authors), "published_year": year}
        book = self._done(self.member.post("/books", json=body | {"genres": ["Fiction", "River stories"]}))
        self.inserted.add(book["id"])

    def _rename(self) -> None:
        book_id = self._untouched_book()
        self._done(self.member.patch(f"/books/{book_id}", json={"title": f"Renamed {self.dice.randint(0, 99)}"}))
        self.renamed.add(book_id)

    def _change_year(self) -> None:
        book_id = self._untouched_book()
        year = self.dice.randint(1500, 1900)
        self._done(self.member.put(f"/books/{book_id}", json={"published_year": year}))
        self.year_changed.add(book_id)

    def _delete(self) -> None:
        book_id = self._untouched_book()
        self._done(self.member.delete(f"/books/{book_id}"))
        self.deleted.add(book_id)

    def _rename_author(self) -> None:
        author_id = self.dice.choice(self.authors)
        self._done(self.member.patch(f"/authors/{author_id}", json={"name": f"Alias{self.dice.randint(0, 10**9)}"}))
        parts = select(Contributor.book_id).where(Contributor.author_id == author_id)
        with self.database.reading() as connection:
            self.author_renamed |= set(connection.scalars(parts))

    def _untouched_book(self) -> int:
        """A book of the initial catalogue that has not been edited yet."""
        return self._left.pop(self.dice.randrange(len(self._left)))

    @staticmethod
    def _done(answer: Any) -> dict[str, Any]:
        record: dict[str, Any] = answer.raise_for_status().json()
        return record
