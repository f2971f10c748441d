"""Endpoints of sessions: login, refresh and logout."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from flask import request

from app.auth import person_required, token_reply
from app.domain.names import pluralize
from app.errors import (
    BadCredentials,
    HashingBusy,
    RefreshTokenInvalid,
    SecondFactorInvalid,
    SecondFactorRequired,
    SessionNotFound,
    SignInDisabled,
    UserNotFound,
    VersionMismatch,
)
from app.events import audit
from app.queries.sessions import SessionReader
from app.schemas.base import WriteResult
from app.schemas.pages import PageQuery
from app.schemas.sessions import Login, Logout, LogoutAll, Refresh, SessionReply, Token
from app.services.accounts.invitations import InvitationService
from app.services.accounts.keys import KeyService
from app.services.accounts.sessions import SignOutService
from app.services.accounts.users import UserService, lock_admins
from app.web.conditional import require_match
from app.web.login_limits import count_code, login_attempt
from app.web.operations import Blueprint, Success, operation
from app.web.pagination import start_key
from app.web.password_sign_in import require_password_sign_in
from app.web.rate_limits import address_key, counted, limit_address
from app.web.replies import many, no_store
from app.web.state import reading, state, transaction
from app.web.write_transaction import lock_own_account, require_still_valid

if TYPE_CHECKING:
    from flask import Response

    from app.security.identity import Principal

user_sessions = Blueprint(
    "sessions",
    __name__,
    url_prefix="/auth",
    tag={"name": "Sessions", "description": "Log in, refresh the tokens of a session, and log out."},
)
user_sessions.after_request(no_store)


@user_sessions.post("/login")
@counted(limit_address)
@counted(require_password_sign_in)
@operation(
    "login",
    Success(Token, "The tokens of the new session."),
    body=Login,
    errors=[BadCredentials, SecondFactorRequired, SecondFactorInvalid, SignInDisabled, HashingBusy],
)
def login(body: Login) -> Token:
    """Log in: start a session and get its tokens.

    An unknown username and a wrong password get the same response, after the same time. An account with a second factor
    also needs a `code`: with the right password alone, the response is a 401 `second_factor_required`, and no session
    is started.
    """
    with login_attempt(body.username):
        grant = state().signing_in.sign_in(body, request.headers.get("User-Agent"), address_key(), count_code)
    return token_reply(grant)


@user_sessions.post("/refresh")
@counted(limit_address)
@operation("refresh", Success(Token, "A new pair of tokens."), body=Refresh, errors=[RefreshTokenInvalid])
def refresh(body: Refresh) -> Token:
    """Exchange a refresh token for a new pair of tokens. It can be used once.

    Within ten seconds the same token gets another pair, so that a client may retry over a bad connection. Later
    reuse counts as theft and ends the whole session.
    """
    return token_reply(state().signing_in.refresh(body.refresh_token))


@user_sessions.post("/logout")
@person_required
@operation("logout", Success(WriteResult, "The session has ended."), body=Logout)
def logout(body: Logout, user: Principal) -> WriteResult:
    """Log out: end this session. Its access tokens are revoked at once.

    With the refresh token of another of your sessions, that session ends as well.
    """
    other = None
    with transaction() as db:
        with suppress(UserNotFound):  # the account was deleted meanwhile, and the sessions with it
            UserService(db).get(user.id)  # lock the user first: two sessions that end each other would deadlock
        ending = SignOutService(db)
        if isinstance(body.refresh_token, str):
            other = ending.end_by_token(user.id, body.refresh_token)
        ending.end(user.session_id)
        if other not in {None, user.session_id}:
            audit.note(db, "session_ended", user_id=user.id, session_id=other)
        audit.note(db, "signed_out", user_id=user.id, session_id=user.session_id)
    return WriteResult(status="success", message="logged out")


@user_sessions.post("/logout-all")
@person_required
@operation("logoutAll", Success(WriteResult, "The sessions have ended."), body=LogoutAll)
def logout_all(body: LogoutAll, user: Principal) -> WriteResult:
    """Log out everywhere.

    Ends all of your sessions, including this one, and voids the password resets and invitations that you issued.
    API keys continue to work, unless `revoke_keys` is true.
    """
    with transaction() as db:
        lock_admins(db)
        lock_own_account(db, user)
        ended = SignOutService(db).end_all(user.id)
        facts = {
            "sessions_ended": ended,
            "resets_voided": UserService(db).void_resets_of(user.id),
            "invitations_voided": InvitationService(db).void_of(user.id),
            "keys_revoked": KeyService(db).delete_all(user.id) if body.revoke_keys else 0,
        }
        audit.note(db, "signed_out_everywhere", user_id=user.id, **facts)
    return WriteResult(status="success", message=f"logged out everywhere: {pluralize(ended, 'session')} ended")


@user_sessions.get("/sessions")
@person_required
@operation("listSessions", Success(list[SessionReply], "A page of your sessions."), query=PageQuery)
def list_sessions(query: PageQuery, user: Principal) -> Response:
    """List your sessions, a page at a time.

    Only active sessions are listed; `current` marks the one of this request.
    """
    after = start_key()
    with reading() as connection:
        return many(SessionReader(connection).page(user, query, after))


@user_sessions.delete("/sessions/<id:session_id>")
@person_required
@operation("endSession", Success(WriteResult, "The session has ended."), errors=[SessionNotFound, VersionMismatch])
def end_session(session_id: int, user: Principal) -> WriteResult:
    """End one of your sessions.

    Its access and refresh tokens are revoked at once.
    """
    with transaction() as db:
        require_still_valid(db, user)
        SignOutService(db).end_own(user.id, session_id)
        require_match()  # after the deletion has shown that the session exists; a failure rolls it back
        audit.note(db, "session_ended", user_id=user.id, session_id=session_id)
    return WriteResult(status="success", message=f"session {session_id} ended")
