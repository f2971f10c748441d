"""Errors of HTTP itself, and the status codes of all errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.errors import (
    BooksError,
    Conflict,
    CursorExpired,
    Forbidden,
    IdempotencyKeyReused,
    Invalid,
    NotFound,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
    VersionMismatch,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


class HttpError(BooksError):
    """An error of HTTP itself, independent of the domain."""

    status: int


class BadRequest(HttpError):
    status = 400
    code = "bad_request"
    title = "Bad request"
    message = "The request is not valid HTTP."
    remedy = "Check the request line and the headers."


class HostNotAllowed(HttpError):
    status = 400
    code = "host_not_allowed"
    title = "Host not allowed"
    message = "The service does not answer under the host of this request."
    remedy = "Use the service's own address. Operators: `ALLOWED_HOSTS` lists its names."


class MethodNotAllowed(HttpError):
    status = 405
    code = "method_not_allowed"
    title = "Method not allowed"
    message = "This URL does not support that method."
    remedy = "The header `Allow` lists the supported methods."


class NotAcceptable(HttpError):
    status = 406
    code = "not_acceptable"
    title = "Not acceptable"
    message = "There is no representation of a media type that `Accept` names."
    remedy = "Accept one of the media types that `detail` lists, or `*/*`, or send no `Accept`."


class RequestTimeout(HttpError):
    status = 408
    code = "request_timeout"
    title = "Request timeout"
    message = "The request body did not arrive in time."
    remedy = "Send the request again, over a faster connection. Operators: `BODY_TIMEOUT` sets the limit."


class BodyTooLarge(HttpError):
    status = 413
    code = "body_too_large"
    title = "Body too large"
    message = "The request body is larger than this service accepts."
    remedy = (
        "Send less at once. Operators: `MAX_BODY_SIZE` sets the limit, `MAX_IMPORT_SIZE` that of files; bodies with "
        "credentials, and those of API keys, may have 16 KiB."
    )


class UnsupportedMediaType(HttpError):
    status = 415
    code = "unsupported_media_type"
    title = "Unsupported media type"
    message = "The body must be JSON, in UTF-8, not compressed, with 'Content-Type: application/json'."
    remedy = "Set that header, and omit `Content-Encoding`."


class UnsupportedCoding(UnsupportedMediaType):
    """The media type is supported, but the body is compressed."""


class NotAFile(UnsupportedMediaType):
    """The media type is that of an HTML form."""

    message = "The body must be the file itself, such as with curl's --data-binary @books.csv, and no form."


class InternalError(HttpError):
    status = 500
    code = "internal_error"
    title = "Internal error"
    message = "Something went wrong in the service. The log has the details under this request_id."
    remedy = "Report the `request_id` to the operator of the service."


STATUS_OF: dict[type[BooksError], int] = {
    Invalid: 400,
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    CursorExpired: 410,
    VersionMismatch: 412,
    IdempotencyKeyReused: 422,
    TooManyRequests: 429,
    Unavailable: 503,
}


def status_of(error: type[BooksError]) -> int:
    """The status code of an error."""
    if issubclass(error, HttpError):
        return error.status
    return next(status for kind, status in STATUS_OF.items() if issubclass(error, kind))


def every_error(root: type[BooksError] = BooksError) -> Iterator[type[BooksError]]:
    """Every error that has a code of its own."""
    for error in root.__subclasses__():
        if "code" in vars(error):
            yield error
        yield from every_error(error)
