"""Documents of the change log that were written before a record had all of its fields.

The log keeps them as they were. Clients get the fields as well, with the values that the migration gave to the records
that existed then.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pydantic_core import to_json

from app.domain.sort_titles import sort_title_of

if TYPE_CHECKING:
    from collections.abc import Iterator

NEXT = ',"created_at":'
"""The field before which they are. No text of a client contains it: there, quotes are escaped."""
NEWEST = {"book": ',"location":', "author": ',"identifiers":'}
"""The last of them, by the kind of record."""


def completed(kind: str, document: str) -> str:
    """The document with all fields."""
    if kind not in NEWEST or NEWEST[kind] in document or NEXT not in document:
        return document
    fields = "".join(_fields_of_book(document)) if kind == "book" else ',"aliases":[],"identifiers":[]'
    return document.replace(NEXT, fields + NEXT)


def _fields_of_book(document: str) -> Iterator[str]:
    book = json.loads(document)
    yield f',"sort_title":{to_json(sort_title_of(book["title"], book["language"])).decode()}'
    yield ',"published":null,"identifiers":[],"links":[],"call_number":null,"location":null'
