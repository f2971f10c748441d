"""Times in requests."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated

from pydantic import BeforeValidator

STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE)


def rfc3339(sent: object) -> datetime:
    """Parse a time with an offset (RFC 3339, section 5.6). Pydantic would also accept a bare number.

    Raises:
        ValueError: it has another format, or its year is out of range once it is converted to UTC.
    """
    with suppress(ValueError, OverflowError):
        if isinstance(sent, str) and STAMP.fullmatch(sent):  # Python accepts more: weeks, and times without seconds
            return datetime.fromisoformat(sent.upper()).astimezone(UTC)
    msg = "must be a time with an offset, such as 2026-11-22T10:00:00Z"
    raise ValueError(msg)


def _of_query(text: str) -> datetime:
    """Restore the `+` of an offset: in a query it decodes to a space, unless the client has escaped it."""
    return rfc3339(text.strip().replace(" ", "+"))


Moment = Annotated[datetime, BeforeValidator(rfc3339)]
QueriedMoment = Annotated[datetime, BeforeValidator(_of_query)]
