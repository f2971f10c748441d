"""Errors of a request itself: its body, parameters and cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.errors.base import BooksError, Fault

if TYPE_CHECKING:
    from collections.abc import Sequence


class Invalid(BooksError):
    """The request is malformed, or its values are impossible."""


class InvalidRequest(Invalid):
    code = "invalid_request"
    title = "Invalid request"
    message = "The request cannot be understood."
    remedy = "Fix the fields listed in `errors`. Each entry names a body field, query parameter or header."


class MalformedJson(Invalid):
    code = "malformed_json"
    title = "Malformed JSON"
    message = "The body is not JSON (RFC 8259, in UTF-8)."
    remedy = "Send one JSON object. NaN, lone surrogates and excessive nesting are not accepted."


class AuthorMissing(Invalid):
    code = "author_missing"
    title = "No such author"
    message = "There is no author with that author_id."
    remedy = "Create the author first, or use the id of an existing author."

    def __init__(self, pointers: Sequence[str] = ("/author_id",)) -> None:
        super().__init__(faults=tuple(Fault(pointer, "there is no author with that id") for pointer in pointers))


class GenreMissing(Invalid):
    code = "genre_missing"
    title = "No such genre"
    message = "There is no genre with that name."
    remedy = "`GET /genres` lists the existing genres. A genre is deleted when it loses its last book."

    def __init__(self) -> None:
        super().__init__(faults=(Fault("/name", "there is no genre with that name"),))


class TooManyNewGenres(Invalid):
    code = "too_many_new_genres"
    title = "Too many new genres"
    message = "The batch would bring more new genres than it may: 100, and 5 for each of its books, up to 1,000."
    remedy = "Send the book again in another batch; the genres that exist by then do not count."

    def __init__(self) -> None:
        super().__init__(faults=(Fault("/genres", "would bring more new genres than a batch may"),))


class BatchTooLarge(Invalid):
    code = "batch_too_large"
    title = "Too large a batch"
    message = "The existing books that the batch would change have more than 10 MB together."
    remedy = "Send the book again in another batch."


class InvalidIsbn(Invalid):
    code = "invalid_isbn"
    title = "Invalid ISBN"
    message = "The URL does not end in an ISBN."
    remedy = "An ISBN has 10 or 13 digits, the last of which is a check digit that must match the others."

    def __init__(self, reason: str) -> None:
        super().__init__(f"The ISBN in the URL: {reason}.")


class InvalidCursor(Invalid):
    code = "invalid_cursor"
    title = "Invalid cursor"
    message = "The cursor was not issued by this list."
    remedy = "Follow the `Link` header unchanged, or start over without `cursor`."

    def __init__(self, parameter: str = "cursor") -> None:
        super().__init__(faults=(Fault(parameter, "was not issued by this list", "parameter"),))


class IdempotencyKeyReused(BooksError):
    """The request is well-formed, but contradicts an earlier one."""

    code = "idempotency_key_reused"
    title = "Idempotency key reused"
    message = "This Idempotency-Key was used for another request within the last 24 hours; nothing was written."
    remedy = (
        "Use a new key for each request. A retry repeats the method, the URL, the body and `If-Match` of the first "
        "attempt."
    )


class UnreadableFile(Invalid):
    code = "unreadable_file"
    title = "Unreadable file"
    message = "The file cannot be read."
    remedy = "Check the line named in `detail`. A table is CSV or TSV, in UTF-8, with a header row."
