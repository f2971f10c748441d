"""The rules of the catalogue for the book of a row: what is optional and breaks them is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from app.schemas.imports import BookRow
from app.schemas.validation_errors import words
from app.transfer.people import ANONYMOUS, Person

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic_core import ErrorDetails

    from app.transfer.rows import Row


def fill(row: Row, fields: dict[str, Any], column_of: Callable[[str], str] = lambda _field: "") -> None:
    """Fill in the book of a row, or note why there is none: without a valid title.

    Any other value that breaks the rules of the catalogue is left out, and noted.

    Args:
        row: the row.
        fields: values of `BookRow`, not validated. They are changed.
        column_of: the column, field or tag of the file from which a field of the book was read.
    """
    for _ in range(3):  # what is left out may leave a second fault, such as no contributor
        try:
            row.book = BookRow.model_validate(fields)
        except ValidationError as error:
            details = error.errors(include_url=False)
            for detail in details:
                if detail["loc"][0] == "title":
                    row.fail("title", words(detail), str(fields.get("title") or ""), column_of("title"))
            if row.errors:
                return
            faults: dict[tuple[int | str, ...], ErrorDetails] = {}
            for detail in details:
                faults.setdefault(detail["loc"][:2], detail)  # an entry with several faults is left out once
            for detail in reversed(faults.values()):
                _leave_out(row, fields, detail, column_of)
        else:
            return
    row.fail("", "breaks the rules of the catalogue", str(fields["title"]))


def _leave_out(row: Row, fields: dict[str, Any], detail: ErrorDetails, column_of: Callable[[str], str]) -> None:
    name, *place = detail["loc"]
    value = fields[str(name)]
    if place and isinstance(value, list) and isinstance(place[0], int) and place[0] < len(value):
        broken = value.pop(place[0])
        if not value and name == "contributors":
            value.append(Person(ANONYMOUS)._asdict())
        row.leave_out(str(name), words(detail), _text_of(broken), column_of(str(name)))
    else:
        del fields[str(name)]
        if name == "contributors":
            fields[str(name)] = [Person(ANONYMOUS)._asdict()]
        row.leave_out(str(name), words(detail), str(value), column_of(str(name)))


def _text_of(entry: object) -> str:
    """What the file says of one entry of a list: the name of a person, the value of an identifier, the link."""
    if not isinstance(entry, dict):
        return str(entry)
    return str(next((entry[name] for name in ("name", "value", "href") if name in entry), entry))
