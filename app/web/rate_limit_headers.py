"""The `RateLimit` response headers."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Response, g

from app.web.read_limit import give_back_read

if TYPE_CHECKING:
    from flask import Flask

    from app.rate_limiting.limits import Usage


def register_rate_limit_headers(app: Flask) -> None:
    """Send the usage of limits in every response."""
    app.after_request(_add_usage)


def _add_usage(response: Response) -> Response:
    usages: dict[str, Usage] | None = g.get("rate_limit_usage")
    if usages:
        if response.status_code == HTTPStatus.NOT_MODIFIED:
            give_back_read(usages)
        # Added, not set: looking for former values of them would take longer than counting the request.
        response.headers.add("RateLimit-Policy", ", ".join([usage.limit.policy for usage in usages.values()]))
        response.headers.add("RateLimit", ", ".join([usage.header for usage in usages.values()]))
    return response
