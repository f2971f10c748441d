"""The rules of the catalogue for the record of a row: what is optional and breaks them is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from app.schemas.authors import AuthorCreate
from app.schemas.imported_books import BookRow
from app.schemas.validation_errors import words
from app.transfer.people import ANONYMOUS, Person

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic_core import ErrorDetails

    from app.transfer.rows import Row

Schema = TypeVar("Schema", bound=BaseModel)


def fill(row: Row, fields: dict[str, Any], column_of: Callable[[str], str] = lambda _field: "") -> None:
    """Fill in the book of a row, or note why there is none: without a valid title.

    Any other value that breaks the rules of the catalogue is left out, and noted.

    Args:
        row: the row.
        fields: values of `BookRow`, not validated. They are changed.
        column_of: the column, field or tag of the file from which a field of the book was read.
    """
    row.book = _valid(BookRow, row, fields, "title", column_of)


def fill_author(row: Row, fields: dict[str, Any]) -> None:
    """Fill in the author of a row, or note why there is none: without a valid name. Otherwise as `fill`.

    Args:
        row: the row.
        fields: values of `AuthorCreate`, not validated. They are changed.
    """
    row.author = _valid(AuthorCreate, row, fields, "name", lambda _field: "")


def _valid(
    schema: type[Schema], row: Row, fields: dict[str, Any], required: str, column_of: Callable[[str], str]
) -> Schema | None:
    for _ in range(3):  # what is left out may leave a second fault, such as no contributor
        try:
            return schema.model_validate(fields)
        except ValidationError as error:
            details = error.errors(include_url=False)
            for detail in details:
                if detail["loc"][0] == required:
                    row.fail(required, words(detail), str(fields.get(required) or ""), column_of(required))
            if row.errors:
                return None
            faults: dict[tuple[int | str, ...], ErrorDetails] = {}
            for detail in details:
                faults.setdefault(detail["loc"][:2], detail)  # an entry with several faults is left out once
            for detail in reversed(faults.values()):
                _leave_out(row, fields, detail, column_of)
    row.fail("", "breaks the rules of the catalogue", str(fields[required]))
    return None


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
