"""Ready JSON documents, put together as text: they are stored as they are sent, so nothing needs to be parsed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def array(documents: Iterable[str]) -> str:
    """A JSON array of documents."""
    return f"[{','.join(documents)}]"


def with_fields(document: str, **fields: object) -> str:
    """A JSON object, not an empty one, with more fields at its end."""
    return f"{document[:-1]},{json.dumps(fields, ensure_ascii=False)[1:]}"


def json_object(**fields: str) -> str:
    """A JSON object of values that are JSON already."""
    return "{" + ",".join(f"{json.dumps(name)}:{value}" for name, value in fields.items()) + "}"
