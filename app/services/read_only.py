"""Comparison of the read-only fields in a change with the record."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from app.errors import Fault, VersionMismatch
from app.schemas.validation_errors import invalid_body

if TYPE_CHECKING:
    from app.models.base import Base
    from app.models.drafts import BookDraft
    from app.schemas.read_only import EchoedChanges

MILLISECOND = 1000
"""In microseconds. JavaScript's Date truncates times to milliseconds."""


def require_as_read(record: Base | BookDraft, changes: EchoedChanges) -> None:
    """Reject a change whose read-only fields differ from the record.

    The version is checked first: if it differs, `updated_at` and others differ as well, and the client has to read the
    record again.

    Raises:
        VersionMismatch: the change is for another version.
        InvalidRequest: other fields differ; with one fault for each.
    """
    given = {name: getattr(changes, name) for name in changes.read_only if name in changes.model_fields_set}
    differing = sorted(name for name, value in given.items() if not _same(value, getattr(record, name)))
    if "version" in differing:
        raise VersionMismatch
    if differing:
        raise invalid_body(*(Fault(f"/{name}", "is read-only, and the record has another value") for name in differing))


def _same(given: object, kept: object) -> bool:
    if isinstance(given, datetime) and isinstance(kept, datetime):
        return given in {kept, kept.replace(microsecond=kept.microsecond // MILLISECOND * MILLISECOND)}
    return given == kept
