"""Errors of records: they do not exist, or conflict with what exists."""

from __future__ import annotations

from app.errors.base import BooksError


class NotFound(BooksError):
    """The resource does not exist."""


class PathNotFound(NotFound):
    code = "not_found"
    title = "Not found"
    message = "There is no resource at this URL."
    remedy = "`/docs` lists every URL of the service, unless the operator has turned it off."


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


class InvitationNotFound(NotFound):
    code = "invitation_not_found"
    title = "No such invitation"
    message = "There is no open invitation with that id."
    remedy = "It may have been used, or may have expired. `GET /invitations` lists the open ones."


class IdentityNotFound(NotFound):
    code = "identity_not_found"
    title = "No such identity"
    message = "You have no linked identity with that id."
    remedy = "`GET /auth/identities` lists your linked identities."


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


class GenreExists(Conflict):
    code = "genre_exists"
    title = "Genre exists"
    message = "Another genre already has the new name."
    remedy = 'To move the books to that genre, send `"merge": true`.'


class IdTaken(Conflict):
    code = "id_taken"
    title = "Id taken"
    message = "Another record already has that id."
    remedy = "Omit `id`, and the service assigns one."


class UsernameConfusable(Conflict):
    code = "username_confusable"
    title = "Username looks like another"
    message = "Another user has a name that looks like that one."
    remedy = "Choose a name that cannot be mistaken for an existing one."


class UsernameTaken(Conflict):
    code = "username_taken"
    title = "Username taken"
    message = "Another user already has that name."
    remedy = (
        "Choose another; usernames are compared ignoring case. If the account is yours, log in to it and link your "
        "identity with `POST /auth/identities`."
    )


class IdentityTaken(Conflict):
    code = "identity_taken"
    title = "Identity taken"
    message = "This identity is already linked to an account."
    remedy = "Sign in with it; unlink it there first if it belongs to this account."


class LastIdentity(Conflict):
    code = "last_identity"
    title = "Last way to sign in"
    message = "The user could no longer sign in without this identity."
    remedy = "Link another identity first, or set a password: an admin can issue a reset."


class IdempotencyKeyInUse(Conflict):
    code = "idempotency_key_in_use"
    title = "Idempotency key in use"
    message = "A request with this Idempotency-Key is still being processed."
    remedy = (
        "Send the same request again after the number of seconds in `Retry-After`, to get the first one's response."
    )


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


class TooManyInvitations(Conflict):
    code = "too_many_invitations"
    title = "Too many invitations"
    message = "You have reached the maximum number of open invitations per admin."
    remedy = "Revoke some of them: `GET /invitations` lists them."


class VersionMismatch(BooksError):
    code = "version_mismatch"
    title = "Version mismatch"
    message = "The record has changed since the version named in If-Match or `version`; nothing was written."
    remedy = "Read the record again, and repeat the change with its new `ETag` or `version`."
