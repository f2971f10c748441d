"""What every answer says of the limits that were counted for it; and reads, which are counted when it is known."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Response, g, request

from app.web.rate_limits import READS, address_key
from app.web.state import EXTENSION, state

if TYPE_CHECKING:
    from apiflask import APIFlask

UNLIMITED = frozenset({"/healthz", "/readyz"})
"""What those ask again and again who look whether the service lives."""


def register_rate_limits(app: APIFlask) -> None:
    """Say in every answer what was counted for it, and count reads if they have a limit."""
    app.after_request(_tell)
    if app.extensions[EXTENSION].limits.has(READS):
        app.before_request(_require_reads_left)
        app.after_request(_count_read)  # before _tell: the last one that is registered comes first


def _require_reads_left() -> None:
    if request.method in {"GET", "HEAD"} and request.path not in UNLIMITED:
        state().limits.look(READS, address_key())
        g.counts_as_read = True


def _count_read(response: Response) -> Response:
    """Count when the answer is known: a 304 is free. So of many reads at one moment a few too many may pass."""
    if "counts_as_read" in g and response.status_code != HTTPStatus.NOT_MODIFIED:
        state().limits.note(READS, address_key())
    return response


def _tell(response: Response) -> Response:
    if counted := g.get("window_stats"):
        response.headers["RateLimit-Policy"] = ", ".join(limit.policy for limit, _ in counted.values())
        response.headers["RateLimit"] = ", ".join(limit.state(stats) for limit, stats in counted.values())
    return response
