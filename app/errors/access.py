"""Errors of authentication and of permissions."""

from __future__ import annotations

from app.errors.base import BooksError


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


class SignInRefused(Unauthenticated):
    code = "sign_in_refused"
    title = "Sign-in refused"
    message = "The sign-in at the provider is not valid."
    remedy = "Start again. If it happens again, ask an admin: the account may be disabled, and the log has the cause."


class Forbidden(BooksError):
    """The client may not do this, with or without credentials."""


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


class RoleLost(Forbidden):
    code = "role_lost"
    title = "Role lost"
    message = "The role of admin was taken from the user while this request was under way."
    remedy = "Send the request again if the user may make this change without being an admin. Nothing was changed."


class SignInDisabled(Forbidden):
    code = "sign_in_disabled"
    title = "Way to sign in disabled"
    message = "This way to sign in is disabled here."
    remedy = "Sign in another way. Operators: `PASSWORD_SIGN_IN`, `OIDC_ISSUER` and `TRUSTED_USER_HEADER` set the ways."


class IdentityUnknown(Forbidden):
    code = "identity_unknown"
    title = "Identity not linked"
    message = "No account is linked to this identity."
    remedy = "Log in to your account, and link the identity with `POST /auth/identities`; or ask an admin."


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


class RegistrationClosed(Forbidden):
    code = "registration_closed"
    title = "Registration closed"
    message = "This service does not accept registrations."
    remedy = "Ask an admin for an account. Operators: `REGISTRATION` is `closed`."


class InvitationRequired(Forbidden):
    code = "invitation_required"
    title = "Invitation required"
    message = "Registering needs an invitation, in the field `invitation`."
    remedy = "Ask an admin for an invitation, and open its link. Operators: `REGISTRATION` is `invite`."


class InvitationInvalid(Forbidden):
    code = "invitation_invalid"
    title = "Invitation not valid"
    message = "The invitation is not valid, or no longer valid."
    remedy = (
        "Ask an admin for another. An invitation can be used once, expires, and can be revoked; it is void when the "
        "admin who issued it changes the password or is no longer an admin."
    )


class WritingClosed(Forbidden):
    code = "writing_closed"
    title = "Closed for changes"
    message = "The catalogue is closed for changes by this account."
    remedy = (
        "Ask an admin when it will be open again. Reading it and managing your account still work. Operators: "
        "`WRITING` is `admins` or `closed`."
    )


class QuotaReached(Forbidden):
    code = "quota_reached"
    title = "Quota reached"
    message = "There are as many books and authors of yours as an account may have."
    remedy = "Delete some that you added, or ask an admin. Operators: `QUOTA_RECORDS` sets the limit."
