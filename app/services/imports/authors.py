"""The authors of one transaction of an import: those whom books bring, and those whom rows describe."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from app.db.bulk import among
from app.db.ids import next_ids
from app.domain.names import name_key
from app.domain.sort_names import sort_name_of
from app.events.changes import origin_of
from app.models import Author
from app.models.drafts import AuthorDraft
from app.schemas.authors import MOST_ALIASES, AuthorUpdate
from app.schemas.identifiers import MOST_IDENTIFIERS
from app.search.index import SearchIndex, entry_of_author
from app.services.authors import AuthorService, insert_aliases
from app.services.authors_by_name import AUTHORS, insert_authors
from app.services.imports.merging import Merging, shown
from app.services.imports.reports import Result
from app.transfer.rows import Note, shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy.orm import Session

    from app.models.drafts import BookDraft, Part
    from app.schemas.authors import AuthorCreate
    from app.services.authors_by_name import NamedPeople, Person
    from app.services.imports.permissions import Member
    from app.services.imports.reports import Outcome
    from app.transfer.rows import Row

ORDINARY = ("bio", "country", "birth_year", "death_year")
"""Fields that are compared by themselves."""
ADDED = {"aliases": MOST_ALIASES, "identifiers": MOST_IDENTIFIERS}
"""Lists to which the entries of a row are added, and the most entries that they may have."""
QUOTA = "is not added, since your account may have no more records"


@dataclass(eq=False)
class KnownAuthor:
    """An author of the catalogue, or one that a row brings.

    Attributes:
        id: negative until the author is written.
        name: the author's own name.
        fields: the others, as they would be; those that are missing are empty, or derived.
        line: the row that brings the author; None for one of the catalogue. Only files of lines describe authors.
        is_described: whether a row is about the author; books bring others.
        is_used: whether a book that goes in has the new author. A refused book brings none.
        taken: the fields that rows fill in or update.
    """

    id: int
    name: str
    fields: dict[str, Any]
    line: int | None = None
    is_described: bool = False
    is_used: bool = False
    taken: set[str] = field(default_factory=set)

    def __str__(self) -> str:
        return f"author {self.id}" if self.line is None else f"line {self.line}"

    @property
    def row(self) -> str | None:
        """The row that brings it, for persons; None for one of the catalogue."""
        return None if self.line is None else str(self)


class ImportedAuthors:
    """The authors of one transaction.

    A row is about the author who has that name, in any spelling and either order. An author who only has it as an alias
    is another one: the file, too, distinguishes the two.

    Args:
        db: in a transaction.
        people: authors by their names.
        update: whether rows change values that an author has otherwise.
        member: the limits of a member; None for a command of the operator's.
    """

    def __init__(self, db: Session, people: NamedPeople, *, update: bool, member: Member | None) -> None:
        self._db, self._people, self._update, self._member = db, people, update, member
        self._loaded: dict[int, Author] = {}
        self._known: dict[int, KnownAuthor] = {}
        self._described: list[AuthorDraft] = []

    def look_up(self, authors: Iterable[AuthorCreate]) -> list[int]:
        """Load and lock the authors of the catalogue whom rows describe, by names that `people` knows.

        Returns: their ids.
        """
        ids = {own[0] for author in authors if (own := self._people.own(author.name))}
        wanted = select(Author).where(among(self._db, Author.id, ids)).order_by(Author.id)
        for author in self._db.scalars(wanted.with_for_update()) if ids else ():
            self._loaded[author.id] = author
            fields = {name: getattr(author, name) for name in ("sort_name", *ORDINARY, *ADDED)}
            self._known[author.id] = KnownAuthor(author.id, author.name, fields)
        return list(self._loaded)

    def overlay(self, planned: Iterable[KnownAuthor]) -> None:
        """Know authors as earlier chunks of a dry run would have made them."""
        for known in planned:
            if known.id > 0:
                self._known[known.id] = known
            else:
                self._add(known)

    def bring(self, name: str, sort_name: str | None, line: int) -> Person:
        """A new author, whom the book of a row brings. Returns: a negative id and the name."""
        return self._add(KnownAuthor(0, name, {"sort_name": sort_name}, line))

    def plan(self, row: Row, author: AuthorCreate) -> Result:
        """What becomes of a row. Nothing is written."""
        own = self._people.own(author.name)
        known = self._known[own[0]] if own else None
        if known and (known.id > 0 or known.is_described or known.is_used):
            return self._merge(row, author, known)
        author_id = known.id if known else -len(self._known) - 1
        if self._member and not self._member.may_add(0, {author_id}):
            return Result(row, "failed", errors=[Note(row.line, "", QUOTA)])
        if known is None:
            known = KnownAuthor(author_id, author.name, {})
            self._add(known)
        known.name, known.line, known.is_described = author.name, row.line, True
        known.fields = author.model_dump(exclude={"id", "name"})
        self._people.know(known.id, known.name, author.aliases)
        return Result(row, "created")

    def use(self, parts: Iterable[Part]) -> None:
        """Note that a book goes in with these contributors."""
        for part in parts:
            if part.author_id < 0:
                self._known[part.author_id].is_used = True

    def planned(self) -> list[KnownAuthor]:
        """The authors that will be new, and those of the catalogue whom rows change."""
        return [one for one in self._known.values() if (one.taken if one.id > 0 else one.is_described or one.is_used)]

    def write(self, books: Iterable[BookDraft]) -> list[AuthorDraft]:
        """Write authors, and put the ids of the new ones into the books.

        Returns: the new authors whom no row describes. Their words are among those of their books.
        """
        books, editor_id = list(books), origin_of(self._db).actor_id
        needed = {part.author_id for book in books for part in book.contributors if part.author_id < 0}
        new = [known for known in self._known.values() if known.id in needed or (known.id < 0 and known.is_described)]
        ids = dict(zip((one.id for one in new), next_ids(self._db.connection(), AUTHORS.name, len(new)), strict=True))
        drafts = [AuthorDraft.new(ids[known.id], known.name, owner_id=editor_id, **known.fields) for known in new]
        insert_authors(self._db, drafts)
        insert_aliases(self._db, drafts)
        for known in new:
            known.id = ids[known.id]
        for book in books:
            book.author_id = ids.get(book.author_id, book.author_id)
            book.contributors = [
                part._replace(author_id=ids.get(part.author_id, part.author_id)) for part in book.contributors
            ]
        self._write_changes(editor_id)
        self._described = [draft for draft, known in zip(drafts, new, strict=True) if known.is_described]
        return [draft for draft, known in zip(drafts, new, strict=True) if not known.is_described]

    def index(self, words: Callable[[str], list[str]], writes: int | None) -> None:
        """Store the words of the new authors whom rows describe."""
        new = list(map(entry_of_author, self._described))
        SearchIndex(self._db, "author").put((), words, new=new, writes=writes)

    def ids(self) -> dict[int | None, int]:
        """The ids of the new authors, by their rows, once they are written."""
        return {known.line: known.id for known in self._known.values() if known.is_described}

    def _add(self, known: KnownAuthor) -> Person:
        known.id = -len(self._known) - 1
        self._known[known.id] = known
        self._people.know(known.id, known.name, known.fields.get("aliases", ()))
        return known.id, known.name

    def _merge(self, row: Row, author: AuthorCreate, known: KnownAuthor) -> Result:
        found, update = _compared(row, author, known), self._update
        loaded = self._loaded.get(known.id)
        if self._member and loaded and not self._member.may_change(loaded):
            found, update = Merging(other=found.empty | found.other), False
        taken = found.empty | (found.other if update else {})
        kept = {} if update else found.other
        known.is_described |= loaded is None
        outcome: Outcome = "unchanged"
        if taken:
            outcome = "updated" if update and found.other else "filled"
            known.fields.update(taken)
            known.taken.update(taken)
        differences = [
            Note(row.line, name, _stays(known, name), value=shortened(shown(given))) for name, given in kept.items()
        ]
        record_id = known.id if known.id > 0 else None
        return Result(row, outcome, record_id, known.row, sorted(taken), differences=differences)

    def _write_changes(self, editor_id: int | None) -> None:
        """Write the changes of authors of the catalogue."""
        service = AuthorService(self._db)
        for author_id, author in self._loaded.items():
            known = self._known[author_id]
            if known.taken:
                changes = AuthorUpdate.model_validate({name: known.fields[name] for name in known.taken})
                service.update(author, changes, editor_id)


def _compared(row: Row, author: AuthorCreate, known: KnownAuthor) -> Merging:
    """What a row says that the author does not have. Aliases and identifiers are added."""
    found = Merging()
    for name in ORDINARY:
        found.compare(name, getattr(author, name), known.fields.get(name))
    derived = sort_name_of(known.name)
    sort_name = known.fields.get("sort_name") or derived
    if author.sort_name not in {None, sort_name, sort_name_of(author.name)}:
        (found.empty if sort_name == derived else found.other)["sort_name"] = author.sort_name
    had: dict[str, list[Any]] = {name: known.fields.get(name) or [] for name in ADDED}
    names = {name_key(name) for name in (known.name, *had["aliases"])}
    given: dict[str, list[Any]] = {
        "aliases": [alias for alias in author.aliases if name_key(alias) not in names],
        "identifiers": [entry for one in author.identifiers if (entry := one.model_dump()) not in had["identifiers"]],
    }
    for name, new in given.items():
        entries = [*had[name], *new]
        if new and len(entries) > ADDED[name]:
            row.leave_out(name, f"would be more than {ADDED[name]} with those that are there", shown(new))
        elif new:
            found.empty[name] = entries
    return found


def _stays(known: KnownAuthor, name: str) -> str:
    """What is said of a value of a row that the author does not take."""
    was = known.fields.get(name)
    if not was:
        return f"is missing in {known}, and you may not add it"
    return f"is “{shortened(shown(was))}” in {known}, and stays"
