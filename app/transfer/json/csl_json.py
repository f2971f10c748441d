"""CSL-JSON: books for Zotero, pandoc and others that cite by the Citation Style Language.

Read is an array of items, one item, or items on lines of their own, of the types of whole books; articles and chapters
are passed over. Editors of a collection come in as editors. Variables that have no place in the catalogue, such as
`publisher-place` and `edition`, are remarked once per file; of a period the beginning is kept.

Written are a subtitle behind a colon, with the title alone in `title-short`, and what CSL has no variable for under
`custom`, as the schema suggests: people in other roles, identifiers other than ISBN, ISSN and DOI, links, the genres
one by one, the title to sort by, the cover and the shelf. Not carried are the order of people in different roles, and
who changed the book and when.
"""

from __future__ import annotations

import json
from collections import Counter
from functools import partial
from typing import IO, TYPE_CHECKING, Any

from app.domain.edtf import year_of
from app.errors import UnreadableFile
from app.transfer import values
from app.transfer.decoding import decoded
from app.transfer.documents import book_of, filed, full_title, isbns_of, names_by_role, number, own_sort_title
from app.transfer.json.book_of_csl_item import PEOPLE, ItemReader, passed_over
from app.transfer.json.items import json_items
from app.transfer.references import Reference
from app.transfer.rows import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

BEGINNINGS = ("[", "{")
NOT_JSON = "the file does not begin as JSON: an array of items, or one item"
WRITTEN = {
    code: variable
    for variable, code in reversed(PEOPLE.items())
    if variable not in {"narrator", "script-writer", "series-creator"}
}
"""The variables of roles that the schema has."""


class Items:
    """A CSL-JSON file; each iteration reads its items from the beginning.

    Raises:
        UnreadableFile: it is not JSON, or is not text in that encoding.
    """

    def __init__(self, file: IO[bytes], encoding: str | None = None, _mapping: dict[str, str] | None = None) -> None:
        self._text = decoded(file, encoding)
        self.remarks: Counter[str] = Counter()
        if not self._text.read(1000).lstrip("\ufeff \t\r\n").startswith(BEGINNINGS):
            raise UnreadableFile(NOT_JSON)

    def __iter__(self) -> Iterator[Row]:
        self.remarks.clear()
        for place, item in enumerate(json_items(self._text), start=1):
            row = Row(place, original="" if item.fault else partial(json.dumps, item.value, ensure_ascii=False))
            if item.fault:
                row.fail("", item.fault, item.text)
            elif reason := passed_over(item.value):
                row.passed_over = reason
            else:
                ItemReader(Reference(row, self.remarks), item.value).read()
            yield row

    @property
    def size(self) -> int:
        """How many items the file has."""
        return sum(1 for _ in json_items(self._text))


def read(file: IO[bytes], encoding: str | None = None, mapping: dict[str, str] | None = None) -> Items:
    """The items of a CSL-JSON file."""
    return Items(file, encoding, mapping)


def write(document: str) -> bytes:
    """A book as an item of an array."""
    book = book_of(document)
    item = {"id": str(book["id"]), "type": "book", **_variables(book)}
    if custom := _filled(_custom(book)):
        item["custom"] = custom
    return json.dumps(_filled(item), ensure_ascii=False).encode()


def _variables(book: dict[str, Any]) -> dict[str, Any]:
    names = {role: of_role for role, of_role in names_by_role(book).items() if role in WRITTEN}
    issns = [entry["value"] for entry in book["identifiers"] if entry["type"] == "issn"]
    dois = [entry["value"] for entry in book["identifiers"] if entry["type"] == "doi"]
    return {
        "title": full_title(book),
        "title-short": book["title"] if book["subtitle"] else None,
        **{WRITTEN[role]: [_name(name) for name in of_role] for role, of_role in names.items()},
        "issued": _issued(book["published_year"], book["published"]),
        "publisher": book["publisher"],
        "ISBN": ", ".join(isbns_of(book)),
        "ISSN": ", ".join(issns),
        "DOI": dois[0] if dois else None,
        "URL": next((link["href"] for link in book["links"]), None),
        "language": book["language"],
        "collection-title": book["series"],
        "collection-number": None if book["series_position"] is None else number(book["series_position"]),
        "number-of-pages": None if book["pages"] is None else str(book["pages"]),
        "abstract": book["description"],
        "keyword": ", ".join(book["genres"]),
        "call-number": book["call_number"],
    }


def _name(name: str) -> dict[str, str]:
    last, first, suffix = filed(name)
    if not first:
        return {"literal": name}
    return _filled({"family": last, "given": first, "suffix": suffix})


def _issued(year: int | None, date: str | None) -> dict[str, Any] | None:
    if date:
        months = date.removeprefix("-").split("-")[1:]
        return {"date-parts": [[year_of(date), *map(int, months)]]}
    return None if year is None else {"date-parts": [[year]]}


def _custom(book: dict[str, Any]) -> dict[str, Any]:
    """What CSL has no variable for."""
    dois = [entry for entry in book["identifiers"] if entry["type"] == "doi"]
    named = {"isbn", "issn"}
    return {
        "contributors": [
            {"name": person["name"], "role": person["role"]}
            for person in book["contributors"]
            if person["role"] not in WRITTEN
        ],
        "identifiers": [
            {"type": entry["type"], "value": entry["value"]}
            for entry in book["identifiers"]
            if entry["type"] not in named and entry not in dois[:1]
        ],
        "links": [_filled(link) for link in book["links"]],
        "genres": book["genres"] if values.genres(", ".join(book["genres"]), commas=True) != book["genres"] else None,
        "sort_title": own_sort_title(book),
        "cover_url": book["cover_url"],
        "location": book["location"],
    }


def _filled(entries: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entries.items() if value not in (None, "", [])}
