"""Records that a file gives field by field, as the service shows them: nothing is guessed; what is wrong is left out.

Shared by the service's own formats, JSON Lines and its CSV.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.domain.edtf import year_of
from app.domain.isbn import normalize_isbn
from app.domain.languages import normalize_language
from app.schemas.authors import MOST_ALIASES
from app.schemas.contributors import MOST_CONTRIBUTORS
from app.schemas.fields import MOST_GENRES
from app.schemas.identifiers import MOST_IDENTIFIERS, MOST_LINKS
from app.transfer.people import ANONYMOUS, Person
from app.transfer.validation import fill, fill_author

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable

    from app.transfer.rows import Row

NO_AUTHOR = f"has no author, and comes in under “{ANONYMOUS}”"
SPELLINGS: dict[str, Callable[[str], str]] = {"isbn": normalize_isbn, "language": normalize_language}
"""What makes the one spelling of a field that the catalogue has."""
MOST = {
    "contributors": MOST_CONTRIBUTORS,
    "genres": MOST_GENRES,
    "identifiers": MOST_IDENTIFIERS,
    "links": MOST_LINKS,
}
"""The most entries of each list."""
MOST_OF_AUTHORS = {"aliases": MOST_ALIASES, "identifiers": MOST_IDENTIFIERS}


def fill_literally(row: Row, fields: dict[str, Any], remarks: Counter[str]) -> None:
    """Fill in the book of a row, or note why there is none.

    Args:
        row: the row.
        fields: values of `BookRow`, not validated. They are changed.
        remarks: counts what is true of many rows and is said once.
    """
    for name, normalize in SPELLINGS.items():
        _normalize(row, fields, name, normalize)
    if fields.get("published") is not None:
        _agree_on_the_year(row, fields)
    for name, most in MOST.items():
        _cut(row, fields, name, most)
    if not fields.get("contributors"):
        remarks[NO_AUTHOR] += 1
        fields["contributors"] = [Person(ANONYMOUS)._asdict()]
    fields.setdefault("title", "")
    fill(row, fields)


def fill_author_literally(row: Row, fields: dict[str, Any]) -> None:
    """Fill in the author of a row, or note why there is none.

    Args:
        row: the row.
        fields: values of `AuthorCreate`, not validated. They are changed.
    """
    for name, most in MOST_OF_AUTHORS.items():
        _cut(row, fields, name, most)
    fill_author(row, fields)


def _normalize(row: Row, fields: dict[str, Any], name: str, normalize: Callable[[str], str]) -> None:
    value = fields.get(name)
    if value is None:
        return
    try:
        fields[name] = normalize(value) if isinstance(value, str) else _refuse(value)
    except ValueError as error:
        row.leave_out(name, str(error), brief(value))
        fields[name] = None


def _refuse(value: object) -> str:
    msg = f"must be text, not {type(value).__name__}"
    raise ValueError(msg)


def _cut(row: Row, fields: dict[str, Any], name: str, most: int) -> None:
    """Keep the first entries of a list that is too long; null means an empty one."""
    entries = fields.get(name)
    if entries is None:
        fields[name] = []
    elif isinstance(entries, list) and len(entries) > most:
        row.leave_out(name, f"has {len(entries):,} entries, and is cut after {most}")
        fields[name] = entries[:most]


def _agree_on_the_year(row: Row, fields: dict[str, Any]) -> None:
    """A date sets the year; one that is in another year is left out, as is one that is none (which `fill` notes)."""
    date, year = fields["published"], fields.get("published_year")
    try:
        year_of_date = year_of(date) if isinstance(date, str) else None
    except ValueError:
        return
    if year is None:
        fields["published_year"] = year_of_date
    elif year_of_date is not None and year != year_of_date:
        row.leave_out("published", "is a date in another year than published_year", date)
        fields["published"] = None


def brief(value: object) -> str:
    """A value for a note, however large it is: Python does not write numbers of thousands of digits."""
    try:
        return str(value)
    except ValueError:
        return "a number of thousands of digits"
