"""The errors of the domain. They know nothing of HTTP: `app.web.problems` maps each to a status."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Fault:
    """One invalid part of a request, and its location: a JSON pointer, or the name of a parameter or header."""

    where: str
    detail: str
    source: Literal["pointer", "parameter", "header"] = "pointer"

    @property
    def name(self) -> str:
        """The location in readable form: `genres[2]` for `/genres/2`, empty for the body as a whole."""
        if self.source != "pointer":
            return self.where
        first, *rest = self.where.removeprefix("/").split("/")
        return first + "".join(f"[{part}]" if part.isdigit() else f".{part}" for part in rest)

    def __str__(self) -> str:
        return f"{self.name}: {self.detail}" if self.name else self.detail


class BooksError(Exception):
    """The root of the tree: `code` is for programs, `title` and `message` for people, `remedy` for the docs."""

    code: ClassVar[str]
    title: ClassVar[str]
    message: str
    remedy: ClassVar[str]

    def __init__(self, message: str | None = None, faults: tuple[Fault, ...] = ()) -> None:
        self.faults = faults
        if message is not None:
            self.message = message
        super().__init__(self.message)


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

    def __init__(self) -> None:
        super().__init__(faults=(Fault("cursor", "was not issued by this list", "parameter"),))


class UnreadableFile(Invalid):
    code = "unreadable_file"
    title = "Unreadable file"
    message = "The file cannot be read."
    remedy = "Check the line named in `detail`. A table is CSV or TSV, in UTF-8, with a header row."


class Unauthenticated(BooksError):
    """The credentials are missing or not valid."""


class TokenMissing(Unauthenticated):
    code = "token_missing"
    title = "Authentication required"
    message = "This request needs the header 'Authorization: Bearer <access_token>'."
    remedy = "Log in with `POST /auth/login` and send the `access_token` that it returns."


class TokenInvalid(Unauthenticated):
    code = "token_invalid"
    title = "Token not valid"
    message = "The access token is not valid, or no longer valid."
    remedy = "Log in again. A token expires, and it is also revoked when its session ends or its user is deleted."


class BadCredentials(Unauthenticated):
    code = "bad_credentials"
    title = "Wrong username or password"
    message = "The username or the password is wrong."
    remedy = (
        "Check both. The service does not reveal which of them is wrong, or whether the account is disabled. An admin "
        "can issue a password reset."
    )


class RefreshTokenInvalid(Unauthenticated):
    code = "refresh_token_invalid"
    title = "Refresh token not valid"
    message = "The refresh token is not valid, or no longer valid."
    remedy = (
        "Log in again. A refresh token can be used once; if a used one is sent again, its whole session ends, since "
        "the token may have been stolen."
    )


class ResetInvalid(Unauthenticated):
    code = "reset_invalid"
    title = "Password reset not valid"
    message = "The password reset is not valid, or no longer valid."
    remedy = "Ask an admin for another. A reset can be used once, expires, and is replaced by any newer one."


class Forbidden(BooksError):
    """The user is authenticated but lacks permission."""


class NotOwner(Forbidden):
    code = "not_owner"
    title = "Not the owner"
    message = "Only the user who added this record, or an admin, may do that."
    remedy = "Ask the user whose id is in `created_by`, or an admin."


class NotAdmin(Forbidden):
    code = "not_admin"
    title = "Admins only"
    message = "Only admins may do that."
    remedy = "Ask an admin. Operators: `python -m scripts.create_admin` creates one."


class InsufficientScope(Forbidden):
    code = "insufficient_scope"
    title = "Insufficient scope"
    message = "The API key does not have the required scope."
    remedy = "Use a key with the scope named in `WWW-Authenticate`."

    def __init__(self, scope: str) -> None:
        self.scope = scope
        super().__init__(f"The API key does not have the scope '{scope}'.")


class PersonRequired(Forbidden):
    code = "person_required"
    title = "Login required"
    message = "An API key cannot be used for this; log in instead."
    remedy = "Managing sessions, keys, passwords and users requires an access token from `POST /auth/login`."


class NotFound(BooksError):
    """The resource does not exist."""


class PathNotFound(NotFound):
    code = "not_found"
    title = "Not found"
    message = "There is no resource at this URL."
    remedy = "`/docs` lists every URL of the service."


class BookNotFound(NotFound):
    code = "book_not_found"
    title = "No such book"
    message = "There is no book with that id."
    remedy = "It may have been deleted. `GET /books` lists the existing books."


class AuthorNotFound(NotFound):
    code = "author_not_found"
    title = "No such author"
    message = "There is no author with that id."
    remedy = "`GET /authors` lists the existing authors; `author_id` of a book is the id of its author."


class UserNotFound(NotFound):
    code = "user_not_found"
    title = "No such user"
    message = "There is no user with that id."
    remedy = "`GET /users` lists the existing users."


class SessionNotFound(NotFound):
    code = "session_not_found"
    title = "No such session"
    message = "You have no session with that id."
    remedy = "It may have expired. `GET /auth/sessions` lists your active sessions."


class KeyNotFound(NotFound):
    code = "key_not_found"
    title = "No such key"
    message = "You have no key with that id."
    remedy = "`GET /auth/keys` lists your keys."


class Conflict(BooksError):
    """The request conflicts with existing data."""


class IsbnTaken(Conflict):
    code = "isbn_taken"
    title = "ISBN taken"
    message = "Another book already has that ISBN."
    remedy = "One edition is one book: change the existing book instead."


class AuthorHasBooks(Conflict):
    code = "author_has_books"
    title = "Author has books"
    message = "This author is a contributor to existing books."
    remedy = "Delete those books first, or assign them to another author."


class IdTaken(Conflict):
    code = "id_taken"
    title = "Id taken"
    message = "Another record already has that id."
    remedy = "Omit `id`, and the service assigns one."


class UsernameTaken(Conflict):
    code = "username_taken"
    title = "Username taken"
    message = "Another user already has that name."
    remedy = "Choose another; usernames are compared ignoring case."


class LastAdmin(Conflict):
    code = "last_admin"
    title = "Last admin"
    message = "This is the last admin, and the service needs at least one."
    remedy = "Make another user an admin first."


class TooManyKeys(Conflict):
    code = "too_many_keys"
    title = "Too many keys"
    message = "You have reached the maximum number of keys per user."
    remedy = "Delete unused keys: `last_used_at` shows which."


class VersionMismatch(BooksError):
    code = "version_mismatch"
    title = "Version mismatch"
    message = "The record has changed since the version named in If-Match or `version`; nothing was written."
    remedy = "Read the record again, and repeat the change with its new `ETag` or `version`."


class TooManyRequests(BooksError):
    code = "too_many_requests"
    title = "Too many requests"
    message = "Too many requests."
    remedy = (
        "Wait for the number of seconds in `Retry-After`. `RateLimit-Policy` states the limits, `RateLimit` what "
        "remains of them."
    )

    def __init__(self, what: str, retry_after: int) -> None:
        """Describe what was attempted too often, and how many seconds to wait."""
        self.retry_after = retry_after
        super().__init__(f"{what} Try again in {retry_after} {'second' if retry_after == 1 else 'seconds'}.")


class Unavailable(BooksError):
    """A temporary failure: a later attempt may succeed."""


class DatabaseUnavailable(Unavailable):
    code = "database_unavailable"
    title = "Database unavailable"
    message = "The database cannot be reached at the moment."
    remedy = "Try again after the number of seconds in `Retry-After`. Operators: the log has the cause."


class DatabaseBusy(DatabaseUnavailable):
    code = "database_busy"
    title = "Database busy"
    message = "The database is busy with other requests."
    remedy = (
        "Try again after the number of seconds in `Retry-After`. Operators: the log has the cause; `DB_POOL_SIZE` sets "
        "how many requests the database handles at once, `DB_QUEUE` how many may wait."
    )


class QueryTooSlow(DatabaseUnavailable):
    code = "query_too_slow"
    title = "Query too slow"
    message = "The database query for this request took too long and was cancelled."
    remedy = (
        "Narrow the search: more or rarer words, more filters, no `count=exact`, a smaller `limit`. Operators: "
        "`DB_STATEMENT_TIMEOUT` sets the limit."
    )


class DatabaseOutdated(Unavailable):
    code = "database_outdated"
    title = "Database not migrated"
    message = "The database schema is not at the version that the service needs."
    remedy = "Operators: run `alembic upgrade head`."


class LimitsUnavailable(Unavailable):
    code = "limits_unavailable"
    title = "Rate limiter unavailable"
    message = "The rate limiter is unavailable, so this request was refused."
    remedy = "Try again after the number of seconds in `Retry-After`. Operators: check `RATE_LIMIT_STORAGE`."


class HashingBusy(Unavailable):
    code = "hashing_busy"
    title = "Too many logins"
    message = "Too many users are registering or logging in at the moment."
    remedy = (
        "Try again after the number of seconds in `Retry-After`. Operators: add cores, or raise `PASSWORD_QUEUE` to "
        "let more requests wait."
    )
