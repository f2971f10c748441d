"""A row whose book is in the catalogue: what it fills in, and what it says otherwise."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from app.domain.edtf import year_of
from app.domain.names import fold, name_key
from app.domain.sort_titles import sort_title_of
from app.models.drafts import Part
from app.services.books import set_fields
from app.transfer.people import ANONYMOUS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.models.drafts import BookDraft
    from app.schemas.imported_books import BookRow

ORDINARY = ("subtitle", "isbn", "language", "publisher", "description", "pages", "cover_url", "call_number", "location")
"""Fields that are compared by themselves."""
ADDED = ("identifiers", "links")
"""Lists to which the entries of the row are added."""


@dataclass
class Merging:
    """What a row says of a book that exists.

    Attributes:
        empty: the values for fields that are empty in the book.
        other: the values for fields that have another value.
    """

    empty: dict[str, Any] = field(default_factory=dict)
    other: dict[str, Any] = field(default_factory=dict)

    def compare(self, name: str, given: Any, known: Any) -> None:  # noqa: ANN401  (of every type)
        """Note a value of the row unless the book has it already."""
        if given in (None, [], "") or _is_same(given, known):
            return
        (self.empty if known in (None, [], "") else self.other)[name] = given


def compared(book: BookDraft, row: BookRow, parts: Sequence[Part]) -> Merging:
    """What a row says that the book of the catalogue does not.

    Contributors are compared by role; a role without contributors in the book counts as empty.

    Args:
        book: of the catalogue.
        row: of the file.
        parts: the contributors of the row; a negative id is that of an author who does not exist yet.
    """
    found = Merging()
    if name_key(row.title) != name_key(book.title):
        found.other["title"] = row.title
    for name in ORDINARY:
        found.compare(name, getattr(row, name), getattr(book, name))
    _compare_dates(found, book, row)
    _compare_series(found, book, row)
    if row.sort_title and row.sort_title != book.sort_title:
        is_derived = book.sort_title == sort_title_of(book.title, book.language)
        (found.empty if is_derived else found.other)["sort_title"] = row.sort_title
    if {name_key(name) for name in row.genres} - {name_key(name) for name in book.genres}:
        found.compare("genres", row.genres, book.genres)
    for name in ADDED:
        known = getattr(book, name)
        if new := [entry for one in getattr(row, name) if (entry := one.model_dump()) not in known]:
            found.empty[name] = [*known, *new]
    _compare_people(found, book, parts)
    return found


def apply(book: BookDraft, fields: dict[str, Any]) -> None:
    """Set fields of a book in memory. `contributors` are those of some roles, and `genres` names without ids."""
    fields = dict(fields)
    if people := fields.pop("contributors", []):
        _replace_roles(book, people)
    if genres := fields.pop("genres", []):
        book.genres, book.genre_ids = list(genres), []
    set_fields(book, fields)


def shown(value: Any) -> str:  # noqa: ANN401  (of every type)
    """A value, for persons."""
    if isinstance(value, list):
        return "; ".join(one.name if isinstance(one, Part) else str(one) for one in value)
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def known_value(book: BookDraft, name: str, given: Any) -> Any:  # noqa: ANN401  (of every type)
    """What the book has where the row has a value: of contributors, those of the same roles."""
    if name != "contributors":
        return getattr(book, name)
    roles = {part.role for part in given}
    return [part for part in book.contributors if part.role in roles]


def who(part: Part) -> int | str:
    """The identity of a contributor: the id, or the name of an author who does not exist yet."""
    return part.author_id if part.author_id > 0 else name_key(part.name)


def _is_same(given: object, known: object) -> bool:
    if isinstance(given, str) and isinstance(known, str):
        return fold(given) == fold(known)
    return given == known


def _compare_dates(found: Merging, book: BookDraft, row: BookRow) -> None:
    """The year; and the date if it is in the book's year, and not only less exact than the book's."""
    found.compare("published_year", row.published_year, book.published_year)
    if row.published and book.published_year in (None, year_of(row.published)):
        known = book.published or ""
        if not known.startswith(row.published) and row.published != str(book.published_year):
            found.compare("published", row.published, book.published)


def _compare_series(found: Merging, book: BookDraft, row: BookRow) -> None:
    """The series, and the position if it is one in the same series."""
    found.compare("series", row.series, book.series)
    if row.series and (not book.series or _is_same(row.series, book.series)):
        found.compare("series_position", row.series_position, book.series_position)
    elif row.series and row.series_position not in (None, book.series_position):
        found.other["series_position"] = row.series_position


def _compare_people(found: Merging, book: BookDraft, parts: Sequence[Part]) -> None:
    by_role: dict[str, list[Part]] = {}
    for part in parts:
        by_role.setdefault(part.role, []).append(part)
    everyone = {who(part) for part in book.contributors}
    for role, people in by_role.items():
        known = [part for part in book.contributors if part.role == role and part.name != ANONYMOUS]
        given = [part for part in people if part.name != ANONYMOUS]
        if role == "ctb":  # it says no more than that they contributed
            given = [part for part in given if who(part) not in everyone]
        if {who(part) for part in given} - {who(part) for part in known}:
            (found.other if known else found.empty).setdefault("contributors", []).extend(given)


def _replace_roles(book: BookDraft, people: list[Part]) -> None:
    """Replace those who have the roles of these people; the main author remains one of the contributors."""
    roles = {part.role for part in people}
    first = next((place for place, part in enumerate(book.contributors) if part.role in roles), len(book.contributors))
    others = [part for part in book.contributors if part.role not in roles]
    book.contributors = list(dict.fromkeys([*others[:first], *people, *others[first:]]))
    if book.author_id not in {part.author_id for part in book.contributors}:
        main = next((part for part in book.contributors if part.role == "aut"), book.contributors[0])
        book.author_id = main.author_id
