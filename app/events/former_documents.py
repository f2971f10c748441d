"""Documents of the change log that were written before a record had all of its fields.

The log keeps them as they were. Clients get the fields as well, with the values that the migration gave to the records
that existed then.
"""

from __future__ import annotations

LATER_FIELDS = {
    "book": {"published": "null", "identifiers": "[]", "links": "[]", "call_number": "null", "location": "null"},
}
"""The fields that were added since there is a change log, and their values, by the kind of record."""
NEXT = ',"created_at":'
"""The field before which they are. No text of a client contains it: there, quotes are escaped."""


def completed(kind: str, document: str) -> str:
    """The document with all fields."""
    fields = [f',"{name}":' for name in LATER_FIELDS.get(kind, ())]
    if not fields or fields[-1] in document:
        return document
    missing = "".join(f"{field}{value}" for field, value in zip(fields, LATER_FIELDS[kind].values(), strict=True))
    return document.replace(NEXT, missing + NEXT)
