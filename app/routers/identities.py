"""Endpoints of sign-in at the provider or a trusted proxy, and of the identities that are linked to a user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request
from pydantic import MISSING

from app.auth import person_required, token_reply
from app.errors import (
    IdentityNotFound,
    IdentityTaken,
    IdentityUnknown,
    InvitationInvalid,
    InvitationRequired,
    LastIdentity,
    RegistrationClosed,
    SecondFactorInvalid,
    SecondFactorRequired,
    SignInDisabled,
    SignInRefused,
    UsernameConfusable,
    UsernameTaken,
    VersionMismatch,
)
from app.events import audit
from app.queries.identities import page_of_identities
from app.schemas.base import WriteResult
from app.schemas.identities import CodeExchange, IdentityDone, IdentityLink, IdentityReply
from app.schemas.pages import PageQuery
from app.schemas.sessions import HeaderLogin, Token
from app.services.accounts.identities import IdentityService
from app.services.external_sign_in import ExternalSignIn
from app.web.conditional import require_match
from app.web.confirmation import confirmation_required
from app.web.login_limits import count_code
from app.web.operations import Blueprint, Success, operation
from app.web.pagination import start_key
from app.web.proxies import trusted_user
from app.web.rate_limits import counted, limit_address
from app.web.replies import many, no_store
from app.web.state import reading, state, transaction
from app.web.write_transaction import lock_own_account

if TYPE_CHECKING:
    from flask import Response

    from app.security.identity import Principal

OF_NEW_USERS = (UsernameTaken, UsernameConfusable, RegistrationClosed, InvitationRequired, InvitationInvalid)
OF_SECOND_FACTORS = (SecondFactorRequired, SecondFactorInvalid)

identities = Blueprint(
    "identities",
    __name__,
    url_prefix="/auth",
    tag={"name": "Identities", "description": "Sign in at an OpenID provider or a proxy, and link identities."},
)
identities.after_request(no_store)


@identities.post("/oidc/token")
@counted(limit_address)
@operation(
    "exchangeCode",
    Success(Token, "The tokens of the new session."),
    body=CodeExchange,
    errors=[SignInRefused, IdentityUnknown, *OF_NEW_USERS, *OF_SECOND_FACTORS],
)
def exchange_code(body: CodeExchange) -> Token:
    """Complete a sign-in at the provider: start a session.

    It begins in a browser, at `/auth/oidc/login`, and ends with a code. If the identity is not linked yet, this creates
    an account where `OIDC_REGISTRATION` and `REGISTRATION` allow it. An account with a second factor also needs a
    `code`, unless the provider asks for one. An error uses up neither the code of the sign-in nor the invitation.
    """
    return token_reply(_signing_in().sign_in(body, request.headers.get("User-Agent")))


@identities.post("/login/header")
@counted(limit_address)
@operation(
    "loginByHeader",
    Success(Token, "The tokens of the new session."),
    body=HeaderLogin,
    errors=[SignInDisabled, SignInRefused, *OF_NEW_USERS, *OF_SECOND_FACTORS],
)
def log_in_by_header(body: HeaderLogin) -> Token:
    """Log in as the user whom a trusted proxy names.

    Only for requests through a proxy of `TRUSTED_PROXIES` that sets `TRUSTED_USER_HEADER`. An account with a second
    factor also needs a `code`, unless the proxy asks for one.
    """
    if state().settings.trusted_user_header is None:
        raise SignInDisabled
    return token_reply(_signing_in().sign_in_by_header(trusted_user(), body, request.headers.get("User-Agent")))


@identities.get("/identities")
@person_required
@operation("listIdentities", Success(list[IdentityReply], "A page of your identities."), query=PageQuery)
def list_identities(query: PageQuery, user: Principal) -> Response:
    """List your identities, a page at a time.

    With each of them you may sign in at the provider.
    """
    after = start_key()
    with reading() as connection:
        return many(page_of_identities(connection, user.id, query, after))


@identities.post("/identities")
@person_required
@confirmation_required
@operation(
    "linkIdentity",
    Success(IdentityDone, "The linked identity."),
    body=IdentityLink,
    errors=[SignInRefused, IdentityTaken],
)
def link_identity(body: IdentityLink, user: Principal) -> IdentityDone:
    """Link the identity of a sign-in at the provider to your account: you may then sign in with it.

    The sign-in begins in a browser, at `/auth/oidc/login`, and ends with a code.
    """
    with transaction() as db:
        owner = lock_own_account(db, user)
        service = IdentityService(db)
        verifier = None if body.code_verifier is MISSING else body.code_verifier
        linked = service.link(owner, service.spend_code(body.sign_in_code, verifier))
        audit.note(db, "identity_linked", user_id=user.id, identity_id=linked.id)
    return IdentityDone(
        id=linked.id,
        issuer=linked.issuer,
        subject=linked.subject,
        created_at=linked.created_at,
        status="success",
        message="identity linked",
    )


@identities.delete("/identities/<id:identity_id>")
@person_required
@confirmation_required
@operation(
    "unlinkIdentity",
    Success(WriteResult, "The identity was unlinked."),
    errors=[IdentityNotFound, LastIdentity, VersionMismatch],
)
def unlink_identity(identity_id: int, user: Principal) -> WriteResult:
    """Unlink one of your identities, unless you could no longer sign in.

    All other sessions end.
    """
    with transaction() as db:
        owner = lock_own_account(db, user)
        ended = IdentityService(db).unlink(owner, identity_id, state().settings, keep=user.session_id)
        require_match()  # after the deletion has shown that the identity exists; a failure rolls it back
        audit.note(db, "identity_unlinked", user_id=user.id, identity_id=identity_id, sessions_ended=ended)
    return WriteResult(status="success", message="identity unlinked; all other sessions have ended")


def _signing_in() -> ExternalSignIn:
    return ExternalSignIn(state().signing_in, count_code)
