"""The rules about the contributors of books, for one book or for many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import MISSING
from sqlalchemy import select

from app.db.bulk import among
from app.domain.clean_text import composed, same_text
from app.domain.relator_codes import AUTHOR
from app.errors import AuthorMissing, Fault
from app.models import FormerName
from app.models.drafts import Part
from app.schemas.contributors import NOT_AMONG_CONTRIBUTORS, REPEATED
from app.schemas.validation_errors import invalid_body
from app.services.authors_by_name import NamedPeople

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from app.models.drafts import BookDraft
    from app.schemas.books import BookCreate, BookUpdate
    from app.schemas.contributors import ContributorGiven
    from app.services.authors_by_name import Person
    from app.services.quota import Quota


class People:
    """Authors by their ids and names."""

    def __init__(self, db: Session, quota: Quota | None = None) -> None:
        self.db = db
        self.named = NamedPeople(db, quota)
        self._names: dict[int, str] = {}
        self._former: dict[int, set[str]] = {}
        """Composed: an author may have thousands, and a batch may send as many names."""

    def know(self, names: Mapping[int, str], books: Sequence[BookCreate | BookUpdate]) -> None:
        """Use the names of all authors that these books name; read former names where another name is given."""
        self._names |= names
        if differing := {part.author_id for part in _parts_of(books) if self._is_called_differently(part)}:
            former = select(FormerName.author_id, FormerName.name)
            for author_id, name in self.db.execute(former.where(among(self.db, FormerName.author_id, differing))):
                self._former.setdefault(author_id, set()).add(composed(name))

    def contribute(self, book: BookDraft, data: BookCreate | BookUpdate) -> None:
        """Set the contributors. A client that sends only `author_id` changes the main author and no other.

        Raises:
            AuthorMissing: there is no author with that id.
            InvalidRequest: a name that was sent with an id is not the author's, or one without an id is that of several
                authors; a person is repeated, or the main author is no contributor. The book is unchanged.
            QuotaReached: a name is new, and the user may not add an author.
        """
        if data.contributors is not MISSING:
            parts = self._parts(data.contributors)
            ids = {part.author_id for part in parts}
            kept = book.author_id if book.author_id in ids else _main_author(parts)
            main = kept if data.author_id is MISSING else data.author_id
            if main not in ids:
                raise invalid_body(Fault("/author_id", NOT_AMONG_CONTRIBUTORS))
        elif data.author_id is not MISSING:
            main = data.author_id
            if main not in self._names:
                raise AuthorMissing(["/author_id"])
            parts = _with_main_author(book, Part(main, self._names[main], AUTHOR))
        else:
            return
        book.author_id, book.contributors = main, parts

    def _parts(self, given: Sequence[ContributorGiven]) -> list[Part]:
        missing = [
            place
            for place, part in enumerate(given)
            if part.author_id is not MISSING and part.author_id not in self._names
        ]
        if missing:
            raise AuthorMissing([f"/contributors/{place}/author_id" for place in missing])
        faults = [
            Fault(f"/contributors/{place}/name", "is not the name of the author with that author_id")
            for place, part in enumerate(given)
            if self._is_called_differently(part) and not self._was_called(part)
        ]
        faults += [
            Fault(f"/contributors/{place}/name", fault)
            for place, part in enumerate(given)
            if part.author_id is MISSING and (fault := self.named.fault(part.name or ""))
        ]
        if faults:
            raise invalid_body(*faults)
        parts = [Part(*self._person(part), part.role) for part in given]
        if len({(part.author_id, part.role) for part in parts}) < len(parts):
            raise invalid_body(Fault("/contributors", REPEATED))
        return parts

    def _person(self, part: ContributorGiven) -> Person:
        if part.author_id is MISSING:
            return self.named.get_or_add(part.name or "")
        return part.author_id, self._names[part.author_id]

    def _is_called_differently(self, part: ContributorGiven) -> bool:
        """Whether a name was sent with the id, to guard against a wrong id, that the author does not have now."""
        if part.author_id is MISSING or part.name is None:
            return False
        return not same_text(part.name, self._names.get(part.author_id, ""))

    def _was_called(self, part: ContributorGiven) -> bool:
        if part.author_id is MISSING:
            return False
        return composed(part.name or "") in self._former.get(part.author_id, ())


def ids_of(books: Sequence[BookCreate | BookUpdate]) -> set[int]:
    """The authors that these books name."""
    main = {data.author_id for data in books if data.author_id is not MISSING}
    return main.union(part.author_id for part in _parts_of(books) if part.author_id is not MISSING)


def names_without_ids(books: Sequence[BookCreate | BookUpdate]) -> list[str]:
    """The authors that these books name without their ids."""
    return [part.name or "" for part in _parts_of(books) if part.author_id is MISSING]


def _parts_of(books: Sequence[BookCreate | BookUpdate]) -> list[ContributorGiven]:
    return [part for data in books if data.contributors is not MISSING for part in data.contributors]


def _main_author(parts: Sequence[Part]) -> int:
    """The first contributor with the role of author, or else the first contributor."""
    return next((part.author_id for part in parts if part.role == AUTHOR), parts[0].author_id)


def _with_main_author(book: BookDraft, main: Part) -> list[Part]:
    """The contributors of a book after its main author changes."""
    parts = book.contributors
    if main.author_id in {part.author_id for part in parts}:
        return parts
    was = next((place for place, part in enumerate(parts) if part.author_id == book.author_id), None)
    if was is None:
        return [main, *parts]
    return [*parts[:was], main._replace(role=parts[was].role), *parts[was + 1 :]]
