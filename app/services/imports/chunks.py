"""The rows of one transaction of an import: first what they would change, in memory, then the writing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.db.ids import next_ids
from app.db.locks import BATCHES, NAMES, lock_exclusive, lock_shared
from app.domain.names import name_key
from app.events.changes import origin_of
from app.models.drafts import BookDraft, Part
from app.schemas.imported_books import BookRow
from app.services import book_rows
from app.services.authors_by_name import NamedPeople
from app.services.genres import GenreService
from app.services.imports.authors import QUOTA, ImportedAuthors
from app.services.imports.matching import Known, KnownBooks, agree, find_known, main_part
from app.services.imports.merging import Merging, apply, compared, known_value, shown
from app.services.imports.reports import Outcome, Result
from app.transfer.rows import Note, shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.orm import Session

    from app.models.drafts import NamedGenre
    from app.schemas.authors import AuthorCreate
    from app.schemas.imported_books import NamedContributor
    from app.services.imports.dry_run import Rehearsal
    from app.services.imports.permissions import Member
    from app.transfer.rows import Row

COLUMNS = BookRow.model_fields.keys() - {"contributors", "genres"}
TOO_MANY_GENRES = "are more new genres than one import may bring at once; those that are new are left out"


@dataclass
class Chunk:
    """The books and authors of one transaction.

    Attributes:
        db: in a transaction.
        words: splits texts.
        update: whether rows change values that a book has otherwise.
        member: the limits of a member; None for a command of the operator's.
        rehearsal: what earlier chunks of a dry run would have changed.
        unit: what the place of a row counts: lines or records.
    """

    db: Session
    words: Callable[[str], list[str]]
    update: bool = False
    member: Member | None = None
    rehearsal: Rehearsal | None = None
    unit: str = "line"
    people: NamedPeople = field(init=False)
    authors: ImportedAuthors = field(init=False)
    books: KnownBooks = field(default_factory=KnownBooks)
    new: list[Known] = field(default_factory=list)
    changed: dict[int, Known] = field(default_factory=dict)
    """Books of the catalogue, by their ids."""
    rows: dict[int, Row] = field(default_factory=dict)
    """The rows that brought books or changed them, by the `id` of the draft."""

    def __post_init__(self) -> None:
        """Prepare the look-up of authors."""
        self.people = NamedPeople(self.db)
        self.authors = ImportedAuthors(self.db, self.people, update=self.update, member=self.member)

    def plan(self, rows: Sequence[Row]) -> list[Result]:
        """What becomes of the rows. Nothing is written; what they name is locked."""
        books = [row.book for row in rows if row.book is not None]
        self._look_up(books, [row.author for row in rows if row.author is not None])
        return [self._plan(row) if row.author is None else self.authors.plan(row, row.author) for row in rows]

    def write(self) -> None:
        """Write what was planned.

        Raises:
            Conflict: another client has added such a book meanwhile.
        """
        books, changed = [known.draft for known in self.new], [known.draft for known in self.changed.values()]
        newcomers = self.authors.write([*books, *changed])
        ids = next_ids(self.db.connection(), book_rows.BOOKS.name, len(books))  # before the locks of genres
        for book, given in zip(books, ids, strict=True):
            book.id = given
        self._set_genres([book for book in [*books, *changed] if not book.genre_ids])
        editor_id = origin_of(self.db).actor_id
        for book in changed:
            book.touch_by(editor_id)
        book_rows.insert(self.db, books)
        book_rows.update(self.db, changed)
        writes = None if self.member is None else 1
        book_rows.index(self.db, [*books, *changed], newcomers, self.words, writes=writes)
        self.authors.index(self.words, writes)

    def tell_ids(self, results: Sequence[Result]) -> None:
        """Tell the results the ids of the new records, once they are committed."""
        ids = {known.line: known.draft.id for known in self.new} | self.authors.ids()
        for result in results:
            if result.outcome == "created":
                result.record_id = ids[result.row.line]

    def _look_up(self, books: Sequence[BookRow], authors: Sequence[AuthorCreate]) -> None:
        """Find and lock what the rows name. Books are locked before new authors are, as in other writes."""
        lock_exclusive(self.db, BATCHES)
        (lock_exclusive if authors else lock_shared)(self.db, NAMES)
        names = [one.name for book in books for one in book.contributors] + [author.name for author in authors]
        self.people.find(names)
        known = find_known(self.db, [(book, self._author_of(book)) for book in books])
        if not all(map(self.people.of, names)) and self.people.lock():  # some were added meanwhile, with books
            known = find_known(self.db, [(book, self._author_of(book)) for book in books])
        for one in self.rehearsal.overlay(known, books) if self.rehearsal else known:
            self.books.add(one)
        ids = self.authors.look_up(authors)
        if self.rehearsal:
            self.authors.overlay(self.rehearsal.authors(ids, authors))

    def _author_of(self, book: BookRow) -> Part | None:
        found = self.people.oldest(book.main_author.name)
        return Part(*found, book.main_author.role) if found else None

    def _plan(self, row: Row) -> Result:
        if row.book is None:
            return Result(row, "failed", errors=row.errors) if row.errors else Result(row, "passed over")
        parts = [self._part(one, row.line) for one in row.book.contributors]
        known = self.books.has_isbn_of(row.book)
        if known is not None and not agree(known, row.book):
            detail = f"is the ISBN of “{shortened(known.draft.title)}” ({known}), which has another title"
            note = Note(row.line, "isbn", detail, value=row.book.isbn or "", is_conflict=True)
            return Result(row, "conflict", errors=[note])
        main = main_part(row.book, parts)
        twins = self.books.twins(row.book, main) if known is None else []
        if known is None and not twins:
            return self._create(row, row.book, parts, main)
        if len(twins) > 1 and row.book.isbn:  # of which one could be given the ISBN
            return self._create(row, row.book, parts, main)
        known = known or twins[0]
        if len(twins) > 1:  # editions of one work: none is guessed
            return Result(row, "unchanged", known.draft.id or None, known.row)
        return self._merge(row, row.book, parts, known)

    def _part(self, one: NamedContributor, line: int) -> Part:
        """The author of that name, who may be new."""
        found = self.people.oldest(one.name) or self.authors.bring(one.name, one.sort_name, line)
        return Part(*found, one.role)

    def _create(self, row: Row, book: BookRow, parts: list[Part], main: Part) -> Result:
        if self.member and not self.member.may_add(1, _new_authors(parts)):
            return Result(row, "failed", errors=[Note(row.line, "", QUOTA)])
        draft = BookDraft.new(origin_of(self.db).actor_id, **book.model_dump(include=COLUMNS))
        draft.contributors, draft.author_id = list(dict.fromkeys(parts)), main.author_id
        draft.genres = list(book.genres)
        known = Known(draft, row.line, self.unit)
        self.new.append(known)
        self.authors.use(parts)
        self.rows[id(draft)] = row
        self.books.add(known)
        return Result(row, "created")

    def _merge(self, row: Row, book: BookRow, parts: list[Part], known: Known) -> Result:
        found = compared(known.draft, book, parts)
        update = self.update
        if self.member and not self._is_permitted(self.member, known, found):
            found, update = Merging(other=found.empty | found.other), False
        taken = found.empty | (found.other if update else {})
        kept = {} if update else found.other
        differences = [
            Note(row.line, name, _stays(known, name, given), value=shortened(shown(given)))
            for name, given in kept.items()
        ]
        outcome: Outcome = "unchanged"
        if taken:
            outcome = "updated" if update and found.other else "filled"
            apply(known.draft, taken)
            self.authors.use(taken.get("contributors", ()))
            self.books.add(known)  # it may have an ISBN now
            self.rows[id(known.draft)] = row
            if known.line is None:
                self.changed[known.draft.id] = known
        return Result(row, outcome, known.draft.id or None, known.row, sorted(taken), differences=differences)

    def _is_permitted(self, member: Member, known: Known, found: Merging) -> bool:
        """Whether a member may change the book, and add the authors that the row brings."""
        people = found.empty.get("contributors", []) + (found.other.get("contributors", []) if self.update else [])
        return (known.line is not None or member.may_change(known.draft)) and member.may_add(0, _new_authors(people))

    def _set_genres(self, books: list[BookDraft]) -> None:
        """Give books the genres whose names they have, in the spelling that was used first."""
        genres = GenreService(self.db)
        if self.member:
            for book, is_complete in zip(books, genres.add_for_all([book.genres for book in books]), strict=True):
                if not is_complete:
                    self.rows[id(book)].leave_out("genres", TOO_MANY_GENRES, "; ".join(book.genres))
                    book.genres = genres.existing(book.genres)
        names = {name_key(name): name for book in reversed(books) for name in reversed(book.genres)}
        found: dict[str, NamedGenre] = dict(zip(names, genres.named(list(names.values())), strict=True))
        for book in books:
            book.set_genres(found[name_key(name)] for name in book.genres)


def _stays(known: Known, name: str, given: object) -> str:
    """What is said of a value of a row that the book does not take."""
    was = known_value(known.draft, name, given)
    if not was:
        return f"is missing in {known}, and you may not add it"
    return f"is “{shortened(shown(was))}” in {known}, and stays"


def _new_authors(parts: Sequence[Part]) -> set[int]:
    return {part.author_id for part in parts if part.author_id < 0}
