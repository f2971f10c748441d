"""The `RateLimit` response headers, and the limit on reads."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Response, g, request

from app.rate_limiting.limits import READS
from app.web.rate_limits import address_key, record_usage, require_allowed
from app.web.state import EXTENSION, state

if TYPE_CHECKING:
    from flask import Flask

    from app.rate_limiting.limits import Usage

UNLIMITED = frozenset({"/healthz", "/readyz"})
"""Health probes, which are never limited."""


def register_rate_limits(app: Flask) -> None:
    """Send the usage of limits in every response, and count reads if they have a limit."""
    app.after_request(_tell)
    if app.extensions[EXTENSION].limits.has(READS):
        app.before_request(_require_reads_left)
        app.after_request(_give_back)  # runs before _tell: hooks run in reverse order of registration


def _require_reads_left() -> None:
    if request.method in {"GET", "HEAD"} and request.path not in UNLIMITED:
        require_allowed(state().limits.hit(READS, address_key()))
        g.counts_as_read = True


def _give_back(response: Response) -> Response:
    """A 304 is free. It is counted first, so that concurrent requests cannot pass together where one may."""
    if "counts_as_read" in g and response.status_code == HTTPStatus.NOT_MODIFIED:
        record_usage(state().limits.give_back(READS, address_key()))
    return response


def _tell(response: Response) -> Response:
    usages: list[Usage] = list(g.get("rate_limit_usage", {}).values())
    if usages:
        response.headers["RateLimit-Policy"] = ", ".join(usage.limit.policy for usage in usages)
        response.headers["RateLimit"] = ", ".join(usage.header for usage in usages)
    return response
