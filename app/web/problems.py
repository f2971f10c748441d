"""Errors as problem details (RFC 9457): the one place where errors of the domain become responses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import structlog
from flask import Response, g, request
from werkzeug.exceptions import HTTPException

from app.domain.timestamps import rfc3339_utc
from app.errors import (
    AuthorDeleted,
    BookDeleted,
    BooksError,
    ConfirmationRequired,
    DatabaseOutdated,
    DatabaseUnavailable,
    Fault,
    Forbidden,
    IdempotencyKeyInUse,
    InsufficientScope,
    LimitsUnavailable,
    PathNotFound,
    TokenInvalid,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)
from app.metrics.instruments import PROBLEMS
from app.web.http_errors import (
    BadRequest,
    BodyTooLarge,
    InternalError,
    MethodNotAllowed,
    NotAFile,
    UnsupportedCoding,
    UnsupportedMediaType,
    status_of,
)
from app.web.media_types import FILES, JSON, PATCHES, PROBLEM
from app.web.request_log import log_denial, note_problem

if TYPE_CHECKING:
    from flask import Flask

log = structlog.get_logger(__name__)

RETRY_AFTER = 5
"""Seconds that a client should wait when a dependency is unavailable."""
RETRY_SOON = 1
"""Seconds that it should wait for a request of its own to end."""

ERROR_OF_STATUS: dict[int | None, type[BooksError]] = {
    404: PathNotFound,
    405: MethodNotAllowed,
    413: BodyTooLarge,
    415: UnsupportedMediaType,
}


def problem_body(error: BooksError) -> dict[str, object]:
    """The problem details of an error. Of what the client sent, only field names are repeated."""
    return {
        "type": f"/docs/errors#{error.code}",
        "title": error.title,
        "status": status_of(type(error)),
        "code": error.code,
        "detail": error.message,
        "error": error.message,
        **({"cause": error.cause} if isinstance(error, DatabaseUnavailable | DatabaseOutdated) else {}),
        **({"deleted_at": rfc3339_utc(error.deleted_at)} if isinstance(error, BookDeleted | AuthorDeleted) else {}),
        **({"errors": [_fault(fault) for fault in error.faults]} if error.faults else {}),
        "request_id": g.get("request_id", ""),
    }


def problem(error: BooksError) -> Response:
    """The response for an error."""
    note_problem(error.code)
    PROBLEMS(error.code, str(status_of(type(error)))).inc()
    body = json.dumps(problem_body(error), ensure_ascii=False)
    response = Response(body, status_of(type(error)), mimetype=PROBLEM)
    if isinstance(error, Unauthenticated | InsufficientScope):
        response.headers["WWW-Authenticate"] = f'Bearer realm="books-api"{_challenge(error)}'
    if isinstance(error, Unavailable):
        response.headers["Retry-After"] = str(RETRY_AFTER)
    if isinstance(error, IdempotencyKeyInUse):
        response.headers["Retry-After"] = str(RETRY_SOON)
    if isinstance(error, UnsupportedMediaType):
        name, value = _what_is_supported(error)
        response.headers[name] = value
    if isinstance(error, TooManyRequests):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _what_is_supported(error: UnsupportedMediaType) -> tuple[str, str]:
    """The header that tells a client what to send instead (RFC 9110, section 15.5.16; RFC 5789, section 2.2)."""
    if isinstance(error, UnsupportedCoding):
        return "Accept-Encoding", "identity"
    if isinstance(error, NotAFile):
        return "Accept", FILES
    return ("Accept-Patch", PATCHES) if request.method == "PATCH" else ("Accept", JSON)


def _challenge(error: BooksError) -> str:
    """The attributes of the Bearer challenge after the realm (RFC 6750, section 3; RFC 9470, section 3)."""
    if isinstance(error, TokenInvalid):
        return ', error="invalid_token"'
    if isinstance(error, ConfirmationRequired):
        return f', error="insufficient_user_authentication", max_age="{error.max_age}"'
    return f', error="insufficient_scope", scope="{error.scope}"' if isinstance(error, InsufficientScope) else ""


def register_problems(app: Flask) -> None:
    """Answer every failure of the application with problem details."""
    app.register_error_handler(BooksError, _expected)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def _fault(fault: Fault) -> dict[str, str]:
    return {fault.source: fault.where, "detail": fault.detail}


def _expected(error: BooksError) -> Response:
    if isinstance(error, Unavailable) and not isinstance(error, LimitsUnavailable):  # which is logged once per outage
        log.warning("unavailable", code=error.code, cause=repr(error.__cause__))
    if isinstance(error, Forbidden | ConfirmationRequired):
        log_denial(error.code)
    return problem(error)


def _http(raised: HTTPException) -> Response | HTTPException:
    if raised.code is None or raised.code < 400:  # noqa: PLR2004  (a redirect, or a response as it is)
        return raised
    response = problem(ERROR_OF_STATUS.get(raised.code, BadRequest)())
    for name, value in raised.get_headers(request.environ):
        if name == "Allow":
            response.headers[name] = value
    return response


def _unexpected(error: Exception) -> Response:
    log.error("internal_error", exc_info=error)
    return problem(InternalError())
