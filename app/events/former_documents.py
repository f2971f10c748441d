"""Documents of the change log that were written before a record had all of its fields.

The log keeps them as they were. Clients get the fields as well, with the values that the migration gave to the records
that existed then.
"""

from __future__ import annotations

LATER_FIELDS = {"book": ("published", "call_number", "location")}
"""The fields that were added since there is a change log, by the kind of record."""
NEXT = ',"created_at":'
"""The field before which they are. No text of a client contains it: there, quotes are escaped."""


def completed(kind: str, document: str) -> str:
    """The document with all fields."""
    missing = [name for name in LATER_FIELDS.get(kind, ()) if f',"{name}":' not in document]
    fields = "".join(f',"{name}":null' for name in missing)
    return document.replace(NEXT, fields + NEXT) if fields else document
