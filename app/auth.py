"""Authentication by Bearer token (RFC 6750), an access token or an API key, and authorization of views."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING

from flask import request

from app.errors import InsufficientScope, NotAdmin, PersonRequired, TokenInvalid, TokenMissing
from app.queries.keys import KeyReader
from app.queries.sessions import SessionReader
from app.security.credentials import API_KEY
from app.security.roles import WRITE, Scope
from app.security.tokens import Bearer
from app.services.keys import record_use
from app.web.openapi import SCHEME
from app.web.operations import View, protect
from app.web.query_parameters import require_known_parameters
from app.web.rate_limits import READING, limit_write
from app.web.state import reading, state

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from app.security.identity import Principal
    from app.web.openapi import Access


def create_access_token(user_id: int, session_id: int) -> str:
    """An access token for this user, valid while the session lasts."""
    return state().tokens.issue(Bearer(user_id, session_id))


def token_required(view: View) -> View:
    """Admit users with an access token, and keys that may write. The view gets the principal as its argument `user`.

    Put it right below the route, so that a request without credentials is refused before any other check.
    """
    return _guarded(view, "write", lambda user: _require_scope(user, WRITE))


def any_token_required(view: View) -> View:
    """Admit any valid access token and any valid key."""
    return _guarded(view, "any", lambda _user: None)


def person_required(view: View) -> View:
    """Admit only access tokens: an API key must not manage keys, passwords or users."""
    return _guarded(view, "person", _require_person)


def admin_required(view: View) -> View:
    """Admit only admins with an access token."""
    return _guarded(view, "admin", _require_admin)


def require_still_signed_in(db: Session, user: Principal) -> Principal:
    """Check again, inside the transaction, that the session is valid.

    The request may have waited for its body or for a lock. Call it once the transaction has its locks: otherwise a
    session that has ended could still create something that outlasts it.

    Returns: the current state of the user.

    Raises:
        TokenInvalid: the session has ended, or the user is disabled.
    """
    now = user.session_id and SessionReader(db.connection()).signed_in(Bearer(user.id, user.session_id))
    if not now:
        raise TokenInvalid
    return now


def require_still_admin(db: Session, user: Principal) -> None:
    """Check again, inside the transaction, that the user is an admin: the role or the session may have been revoked.

    Otherwise an admin who sends many requests at once could regain the role through one that is still waiting.

    Raises:
        TokenInvalid: the session has ended, or the user is disabled.
        NotAdmin: the user no longer has the role.
    """
    _require_admin(require_still_signed_in(db, user))


def signed_in() -> Principal:
    """The authenticated principal of this request.

    Raises:
        TokenMissing: there is no Bearer token.
        TokenInvalid: the session has ended, the user is deleted or disabled, or the key has expired.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    token = token.strip()
    if scheme.lower() != SCHEME or not token:
        raise TokenMissing
    if token.startswith(API_KEY):
        return _key_holder(token)
    bearer = state().tokens.read(token)
    with reading() as connection:
        user = SessionReader(connection).signed_in(bearer)
    if user is None:
        raise TokenInvalid
    return user


def _key_holder(token: str) -> Principal:
    with reading() as connection:
        key = KeyReader(connection).presented(token)
    if key is None:
        raise TokenInvalid
    record_use(state().database, key.id, key.last_used_at)
    return key.principal


def _guarded(view: View, access: Access, admit: Callable[[Principal], None]) -> View:
    """Args: access: the access level, from which app.web.openapi derives the errors of the operation."""

    @wraps(view)
    def guarded(*args: object, **kwargs: object) -> object:
        user = signed_in()
        if request.method not in READING:
            limit_write(user.id, None if access == "write" else user.session_id)
        admit(user)
        require_known_parameters()
        return view(*args, user=user, **kwargs)

    protect(guarded, access, scopes=[WRITE] if access == "write" else [])
    return guarded


def _require_scope(user: Principal, scope: Scope) -> None:
    if user.scopes is not None and scope not in user.scopes:
        raise InsufficientScope(scope)


def _require_person(user: Principal) -> None:
    if user.session_id is None:
        raise PersonRequired


def _require_admin(user: Principal) -> None:
    _require_person(user)
    if not user.is_admin:
        raise NotAdmin
