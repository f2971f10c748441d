"""Request ids and the access log."""

from __future__ import annotations

import re
from functools import cache
from http import HTTPStatus
from ipaddress import IPv4Address, ip_network
from time import perf_counter
from typing import TYPE_CHECKING
from uuid import uuid4

import structlog
from flask import Response, g, request

from app.db.statement_times import are_measured, begin_measuring
from app.events import audit
from app.web.proxies import parse_address
from app.web.state import state

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

    from flask import Flask

    from app.security.identity import Principal
    from app.settings import Settings

log = structlog.get_logger("access")

KEPT_OF_IPV4, KEPT_OF_IPV6 = 24, 48
"""Bits of a truncated address. An IPv6 customer often has a /56: a longer prefix would still be one household."""
ROUTE = "books.route"
"""The key of `environ` under which the template of the route is passed to the server in front, for the metrics."""
RECEIVED_AT, SENDER = "books.received_at", "books.sender"
"""The keys under which a server in front, if it has tried to answer the request itself, passes the time by
`perf_counter` at which the request was complete, and who sends it."""
UNKNOWN_ROUTE = "unknown"
"""In place of the template, if there is no such route: any path may be requested, and each template is kept."""
VARIABLE = re.compile(r"<(?:\w+:)?(\w+)>")
SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")


PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
"""Paths that machines ask every few seconds: only failures are logged."""


def register_request_log(app: Flask, settings: Settings) -> None:
    """Give every request of the application an id, and log those that the settings name."""
    app.before_request(_begin)
    if are_measured(settings):
        app.before_request(_measure)
    app.after_request(_identify)
    if settings.log_access != "off":
        app.after_request(_log)


def note_principal(user: Principal) -> None:
    """Keep who sends this request for the log: the user, and the session or key."""
    g.principal = principal_fields(user)


def principal_fields(user: Principal) -> dict[str, object]:
    """Who sends a request, for its line of the log."""
    via = {"session_id": user.session_id} if user.key_id is None else {"key_id": user.key_id}
    return {"user_id": user.id, **via}


def note_problem(code: str) -> None:
    """Keep the code of an error response for the log, which then tells an expired token from a missing one."""
    g.problem = {"code": code}


def note_replay() -> None:
    """Keep for the log that the response is that of an earlier request."""
    g.replayed = {"replayed": True}


def log_denial(code: str) -> None:
    """Record in the audit log that an authenticated client lacked permission."""
    facts = {"code": code, "method": request.method, "path": request.path, **g.get("principal", {})}
    audit.warn(state().database, "access_denied", **facts)


@cache
def route_template(rule: str) -> str:
    """A route as the OpenAPI document writes it: `/books/{book_id}` for `/books/<id:book_id>`."""
    return VARIABLE.sub(r"{\1}", rule)


def request_id(environ: WSGIEnvironment) -> str:
    """The id of a request: the one that the client sent, if it is one, or a new one."""
    sent = environ.get("HTTP_X_REQUEST_ID", "")
    return sent if SANE_ID.fullmatch(sent) else uuid4().hex


def _begin() -> None:
    g.request_id = request_id(request.environ)
    g.began = request.environ.get(RECEIVED_AT) or perf_counter()
    if SENDER in request.environ:
        g.principal = request.environ[SENDER]
    request.environ[ROUTE] = route_template(request.url_rule.rule) if request.url_rule else UNKNOWN_ROUTE
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(
        request_id=g.request_id, address=logged_address(request.remote_addr, state().settings)
    )


def logged_address(client: str | None, settings: Settings) -> str | None:
    """The client's address as `LOG_ADDRESSES` wants it; what is not an address is not logged when truncated."""
    if settings.log_addresses == "full":
        return client
    address = parse_address(client or "")
    if address is None:
        return None
    kept = KEPT_OF_IPV4 if isinstance(address, IPv4Address) else KEPT_OF_IPV6
    return str(ip_network((address, kept), strict=False))


def _measure() -> None:
    g.statement_times = begin_measuring()


def _identify(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.request_id
    return response


def _log(response: Response) -> Response:
    seconds, settings = perf_counter() - g.began, state().settings
    is_slow = 0 < settings.log_slow <= seconds
    is_wanted = is_slow or (
        settings.log_access == "on" and (response.status_code >= HTTPStatus.BAD_REQUEST or request.path not in PROBES)
    )
    if is_wanted:
        log.info(
            "request",
            method=request.method,
            path=request.path,
            status=response.status_code,
            milliseconds=round(seconds * 1000, 1),
            bytes=response.calculate_content_length(),
            **g.get("problem", {}),
            **g.get("replayed", {}),
            **g.get("principal", {}),
            **(g.statement_times.entry() if is_slow else {}),
        )
    return response
