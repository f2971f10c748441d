"""What can go wrong, in the words of the domain; HTTP knows these, they know nothing of HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with what was sent, and where: a JSON pointer, or the name of a parameter or header."""

    where: str
    detail: str
    source: Literal["pointer", "parameter", "header"] = "pointer"

    @property
    def name(self) -> str:
        """The place as a person says it: `genres[2]` for `/genres/2`, nothing for the body as a whole."""
        if self.source != "pointer":
            return self.where
        first, *rest = self.where.removeprefix("/").split("/")
        return first + "".join(f"[{part}]" if part.isdigit() else f".{part}" for part in rest)

    def __str__(self) -> str:
        return f"{self.name}: {self.detail}" if self.name else self.detail


class BooksError(Exception):
    """The root of the tree: `code` is for programs, `title` and `message` for persons, `remedy` for the docs."""

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
    """What was sent is malformed or impossible."""


class InvalidRequest(Invalid):
    code = "invalid_request"
    title = "Invalid request"
    message = "The request cannot be understood."
    remedy = "Mend what `errors` lists: each entry names one field of the body, parameter or header."


class MalformedJson(Invalid):
    code = "malformed_json"
    title = "Malformed JSON"
    message = "The body is not JSON (RFC 8259, in UTF-8)."
    remedy = "Send one JSON object. NaN, lone surrogates and nesting without end are not JSON."


class AuthorMissing(Invalid):
    code = "author_missing"
    title = "No such author"
    message = "There is no author with that author_id."
    remedy = "Create the author first, or name one that exists."

    def __init__(self, pointers: Sequence[str] = ("/author_id",)) -> None:
        super().__init__(faults=tuple(Fault(pointer, "there is no author with that id") for pointer in pointers))


class InvalidIsbn(Invalid):
    code = "invalid_isbn"
    title = "Invalid ISBN"
    message = "The address does not end in an ISBN."
    remedy = "An ISBN has 10 or 13 digits, and the last of them has to match the others."

    def __init__(self, reason: str) -> None:
        super().__init__(f"The ISBN in the address: {reason}.")


class InvalidCursor(Invalid):
    code = "invalid_cursor"
    title = "Invalid cursor"
    message = "The cursor is not one that this list gave out."
    remedy = "Follow the `Link` header as it is, or begin again without `cursor`."

    def __init__(self) -> None:
        super().__init__(faults=(Fault("cursor", "is not one that this list gave out", "parameter"),))


class UnreadableFile(Invalid):
    code = "unreadable_file"
    title = "Unreadable file"
    message = "The file cannot be read."
    remedy = "Look at the line that `detail` names. A table is CSV or TSV, in UTF-8, with a header."


class Unauthenticated(BooksError):
    """Nobody is signed in."""


class TokenMissing(Unauthenticated):
    code = "token_missing"
    title = "Sign in first"
    message = "This needs a header 'Authorization: Bearer <access_token>'."
    remedy = "Sign in at `POST /auth/login` and send the `access_token` that it returns."


class TokenInvalid(Unauthenticated):
    code = "token_invalid"
    title = "Token not valid"
    message = "The access token is not valid, or no longer valid."
    remedy = "Sign in again. Tokens expire; they also stop when their session ends, or their user is gone."


class BadCredentials(Unauthenticated):
    code = "bad_credentials"
    title = "Wrong username or password"
    message = "The username or the password is wrong."
    remedy = (
        "Check both. The service does not say which of them is wrong, nor whether the account is disabled. An admin "
        "can issue a password reset."
    )


class RefreshTokenInvalid(Unauthenticated):
    code = "refresh_token_invalid"
    title = "Refresh token not valid"
    message = "The refresh token is not valid, or no longer valid."
    remedy = (
        "Sign in again. Each refresh token is good once; when a spent one comes again, its whole session ends, since "
        "somebody may have stolen it."
    )


class ResetInvalid(Unauthenticated):
    code = "reset_invalid"
    title = "Password reset not valid"
    message = "The password reset is not valid, or no longer valid."
    remedy = "Ask an admin for another. Each is good once and for a limited time, and a newer one takes its place."


class Forbidden(BooksError):
    """Somebody is signed in who may not do this."""


class NotOwner(Forbidden):
    code = "not_owner"
    title = "Not yours"
    message = "Only the user who added this may do that, and admins."
    remedy = "Ask the user whose id is in `created_by`, or an admin."


class NotAdmin(Forbidden):
    code = "not_admin"
    title = "For admins"
    message = "Only admins may do that."
    remedy = "Ask an admin. Whoever runs the service makes one: `python -m scripts.create_admin`."


class InsufficientScope(Forbidden):
    code = "insufficient_scope"
    title = "The key may not do that"
    message = "The API key does not have the scope for that."
    remedy = "Use a key with the scope that `WWW-Authenticate` names."

    def __init__(self, scope: str) -> None:
        self.scope = scope
        super().__init__(f"The API key does not have the scope '{scope}'.")


class PersonRequired(Forbidden):
    code = "person_required"
    title = "Not with a key"
    message = "An API key cannot do this: sign in instead."
    remedy = "Sessions, keys, passwords and users are managed by whoever signed in at `POST /auth/login`."


class NotFound(BooksError):
    """It is not there."""


class PathNotFound(NotFound):
    code = "not_found"
    title = "Nothing here"
    message = "There is nothing at this address."
    remedy = "`/docs` lists every address of the service."


class BookNotFound(NotFound):
    code = "book_not_found"
    title = "No such book"
    message = "There is no book with that id."
    remedy = "It may have been deleted. `GET /books` lists those that are there."


class AuthorNotFound(NotFound):
    code = "author_not_found"
    title = "No such author"
    message = "There is no author with that id."
    remedy = "Look for the author's id in `author_id` of a book."


class UserNotFound(NotFound):
    code = "user_not_found"
    title = "No such user"
    message = "There is no user with that id."
    remedy = "`GET /users` lists those that are there."


class SessionNotFound(NotFound):
    code = "session_not_found"
    title = "No such session"
    message = "You have no session with that id."
    remedy = "It may be over. `GET /auth/sessions` lists those that last."


class KeyNotFound(NotFound):
    code = "key_not_found"
    title = "No such key"
    message = "You have no key with that id."
    remedy = "`GET /auth/keys` lists those that are there."


class Conflict(BooksError):
    """It clashes with what is there."""


class IsbnTaken(Conflict):
    code = "isbn_taken"
    title = "ISBN taken"
    message = "Another book already has that ISBN."
    remedy = "One edition is one book: change the one that is there instead."


class AuthorHasBooks(Conflict):
    code = "author_has_books"
    title = "Author has books"
    message = "There are books in which this author had a part."
    remedy = "Delete those books first, or give them to another author."


class IdTaken(Conflict):
    code = "id_taken"
    title = "Id taken"
    message = "Another record already has that id."
    remedy = "Leave `id` out, and the service gives one."


class UsernameTaken(Conflict):
    code = "username_taken"
    title = "Username taken"
    message = "Another user already has that name."
    remedy = "Choose another; capitals make no difference."


class LastAdmin(Conflict):
    code = "last_admin"
    title = "The last admin"
    message = "Nobody would be left who may do this: this is the last admin."
    remedy = "Make another user an admin first."


class TooManyKeys(Conflict):
    code = "too_many_keys"
    title = "Too many keys"
    message = "You have as many keys as one user may have."
    remedy = "Delete keys that nobody uses: `last_used_at` tells which."


class VersionMismatch(BooksError):
    code = "version_mismatch"
    title = "Changed meanwhile"
    message = "The record is no longer the one that If-Match or `version` names; nothing was changed."
    remedy = "Read the record again, and repeat the change with its new `ETag` or `version`."


class TooManyRequests(BooksError):
    code = "too_many_requests"
    title = "Too many requests"
    message = "That was too often."
    remedy = (
        "Wait for the seconds in `Retry-After`. `RateLimit-Policy` says how often one may, `RateLimit` what is left."
    )

    def __init__(self, what: str, retry_after: int) -> None:
        """Say what was too often, and how many seconds there are to wait."""
        self.retry_after = retry_after
        super().__init__(f"{what} Try again in {retry_after} {'second' if retry_after == 1 else 'seconds'}.")


class Unavailable(BooksError):
    """Not now; later it may work."""


class DatabaseUnavailable(Unavailable):
    code = "database_unavailable"
    title = "Database away"
    message = "The database cannot be reached just now."
    remedy = "Try again after the seconds in `Retry-After`. Whoever runs the service finds the cause in its log."


class DatabaseBusy(DatabaseUnavailable):
    code = "database_busy"
    title = "Database busy"
    message = "The database is busy with other requests."
    remedy = (
        "Try again after the seconds in `Retry-After`. Operators: the log has the cause; `DB_POOL_SIZE` sets how many "
        "requests the database works on at once, `DB_QUEUE` how many may wait."
    )


class QueryTooSlow(DatabaseUnavailable):
    code = "query_too_slow"
    title = "Query too slow"
    message = "The database needed too long for this request and was stopped."
    remedy = (
        "Narrow the search: more or rarer words, more filters, no `count=exact`, a smaller `limit`. Operators: "
        "`DB_STATEMENT_TIMEOUT` sets the limit."
    )


class DatabaseOutdated(Unavailable):
    code = "database_outdated"
    title = "Database not migrated"
    message = "The database is not at the version that the service needs."
    remedy = "Whoever runs the service runs `alembic upgrade head`."


class LimitsUnavailable(Unavailable):
    code = "limits_unavailable"
    title = "Limits away"
    message = "Nobody can say just now how often this was tried, so it is not let through."
    remedy = "Try again after the seconds in `Retry-After`. Whoever runs the service sees to `RATE_LIMIT_STORAGE`."


class HashingBusy(Unavailable):
    code = "hashing_busy"
    title = "Too many sign-ins"
    message = "Too many people register or sign in just now."
    remedy = (
        "Try again after the seconds in `Retry-After`. Whoever runs the service gives it more cores, or lets more "
        "people wait with `PASSWORD_QUEUE`."
    )
