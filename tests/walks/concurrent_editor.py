"""Another client, who inserts, renames and deletes while somebody walks; and what that client did."""

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
class Meddler:
    """Does one thing at a time, each time another."""

    member: Client
    database: Database
    dice: Random = field(default_factory=lambda: Random(3))  # noqa: S311  (chooses books, and keeps no secret)

    def __post_init__(self) -> None:
        self._deeds = cycle([self._insert, self._rename, self._delete, self._date_anew, self._rename_author])
        self.begin()

    def begin(self) -> None:
        """Forget what was done before; what is there now is what was there from the beginning."""
        with self.database.reading() as connection:
            documents = map(json.loads, connection.scalars(select(Book.document)))
            self.at_first: dict[int, dict[str, Any]] = {book["id"]: book for book in documents}
            self.authors = list(connection.scalars(select(Author.id)))
        self.inserted, self.renamed, self.deleted, self.dated = set[int](), set[int](), set[int](), set[int]()
        self.shown_anew = set[int]()
        self._left = sorted(self.at_first)

    @property
    def throughout(self) -> set[int]:
        """The books that were there from the beginning, and still are."""
        return self.at_first.keys() - self.deleted

    @property
    def changed(self) -> set[int]:
        """The books of which anything is different, so that `updated_at` is."""
        return self.renamed | self.dated | self.shown_anew

    def meddle(self) -> None:
        """Do the next thing."""
        next(self._deeds)()

    def _insert(self) -> None:
        title = f"{self.dice.choice(['A', 'The'])} River {self.dice.randint(0, 40)}"
        year = self.dice.choice([None, 1815, 2024])
        body = {"title": title, "author_id": self.dice.choice(self.authors), "published_year": year}
        book = self._done(self.member.post("/books", json=body | {"genres": ["Fiction", "River stories"]}))
        self.inserted.add(book["id"])

    def _rename(self) -> None:
        book_id = self._somebook()
        self._done(self.member.patch(f"/books/{book_id}", json={"title": f"Renamed {self.dice.randint(0, 99)}"}))
        self.renamed.add(book_id)

    def _date_anew(self) -> None:
        book_id = self._somebook()
        year = self.dice.randint(1500, 1900)
        self._done(self.member.put(f"/books/{book_id}", json={"published_year": year}))
        self.dated.add(book_id)

    def _delete(self) -> None:
        book_id = self._somebook()
        self._done(self.member.delete(f"/books/{book_id}"))
        self.deleted.add(book_id)

    def _rename_author(self) -> None:
        author_id = self.dice.choice(self.authors)
        self._done(self.member.patch(f"/authors/{author_id}", json={"name": f"Alias{self.dice.randint(0, 10**9)}"}))
        parts = select(Contributor.book_id).where(Contributor.author_id == author_id)
        with self.database.reading() as connection:
            self.shown_anew |= set(connection.scalars(parts))

    def _somebook(self) -> int:
        """A book of those from the beginning, which nobody has touched yet."""
        return self._left.pop(self.dice.randrange(len(self._left)))

    @staticmethod
    def _done(answer: Any) -> dict[str, Any]:
        record: dict[str, Any] = answer.raise_for_status().json()
        return record
