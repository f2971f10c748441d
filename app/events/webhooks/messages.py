"""The messages of webhooks: thin bodies, which name the record, its version and the change."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from app.domain.timestamps import rfc3339_utc
from app.events.former_documents import completed

if TYPE_CHECKING:
    from datetime import datetime

LARGEST = 20_000
"""Bytes of a body, as Standard Webhooks recommends ("Payload size")."""
LONG_TEXTS = ("description", "bio")
"""Fields that are left out of the record in a message that would be larger."""
TEST = "webhook.test"
PATHS = {"book": "books", "author": "authors"}


def type_of(change: Any) -> str:  # noqa: ANN401  (a row of the change log)
    """The type of the event, such as `book.updated`."""
    return f"{change.kind}.{change.action}"


def body_of(change: Any, root: str) -> str:  # noqa: ANN401  (likewise)
    """The message about a change.

    Args:
        change: a row of the change log.
        root: the URL of the service, without a slash at its end; empty if it is not known.
    """
    data = {
        "kind": change.kind,
        "id": change.record_id,
        "version": change.version,
        "change": change.id,
        "url": f"{root}/{PATHS[change.kind]}/{change.record_id}",
    }
    if change.action != "deleted":
        return _message(type_of(change), change.at, data)
    return _with_record(type_of(change), change.at, data, json.loads(completed(change.kind, change.before or "null")))


def test_body(webhook_id: int, now: datetime) -> str:
    """A message that is only for testing an endpoint."""
    return _message(TEST, now, {"webhook": webhook_id})


def _with_record(kind: str, at: datetime, data: dict[str, Any], before: dict[str, Any] | None) -> str:
    """The message about a deleted record: with its last state, or with as much of it as there is room for."""
    short = {name: value for name, value in (before or {}).items() if name not in LONG_TEXTS}
    for record in (before, short):
        body = _message(kind, at, data | {"before": record})
        if len(body.encode()) < LARGEST:
            return body
    return _message(kind, at, data | {"before": None})


def _message(kind: str, at: datetime, data: dict[str, Any]) -> str:
    message = {"type": kind, "timestamp": rfc3339_utc(at), "data": data}
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"))
