"""Authentication by Bearer token (RFC 6750), an access token or an API key, and authorization of views."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING

from flask import make_response, request

from app.errors import (
    BooksError,
    InsufficientScope,
    NotAdmin,
    PersonRequired,
    TokenInvalid,
    TokenMissing,
    WritingClosed,
)
from app.queries.keys import KeyReader
from app.queries.sessions import SessionReader
from app.schemas.sessions import Token
from app.security.credentials import API_KEY
from app.security.roles import IMPORTS, READ, WRITE, Scope
from app.security.tokens import Bearer
from app.services.accounts.keys import record_use
from app.web.confirmation import require_second_factor
from app.web.openapi import SCHEME
from app.web.operations import View, protect
from app.web.query_parameters import require_known_parameters
from app.web.rate_limits import READING, limit_write
from app.web.replies import private
from app.web.request_log import note_principal
from app.web.state import reading, state

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from wsgiref.types import WSGIEnvironment

    from flask import Flask
    from sqlalchemy import Connection

    from app.security.identity import Principal
    from app.services.accounts.sessions import Grant
    from app.web.openapi_errors import Access

    Reading = Callable[[], AbstractContextManager[Connection]]

SCOPES: dict[Access, list[Scope]] = {"read": [READ], "write": [WRITE], "import": [IMPORTS]}
"""The scopes that an API key needs, by the access level of an operation."""


def create_access_token(user_id: int, session_id: int) -> str:
    """An access token for this user, valid while the session lasts."""
    return state().tokens.issue(Bearer(user_id, session_id))


def token_reply(grant: Grant) -> Token:
    """The tokens of a session, as clients get them."""
    return Token(
        access_token=create_access_token(grant.user_id, grant.session_id),
        token_type="Bearer",  # noqa: S106  (no password)
        expires_in=int(state().tokens.lifetime.total_seconds()),
        refresh_token=grant.refresh_token,
    )


def token_required(view: View) -> View:
    """Admit users with an access token, and keys that may write. The view gets the principal as its argument `user`.

    Put it right below the route, so that a request without credentials is refused before any other check.
    """
    return _guarded(view, "write", require_writer)


def importer_required(view: View) -> View:
    """Admit users with an access token, and keys that may import. The view gets the principal as `user`."""
    return _guarded(view, "import", require_importer)


def reader_required(view: View) -> View:
    """Admit users with an access token, and keys that may read or write; for reads where `READING` is `members`."""

    @wraps(view)
    def private_view(**arguments: object) -> object:
        return private(make_response(view(**arguments)))

    return _guarded(private_view, "read", _require_reader, pass_user=False)


def any_token_required(view: View) -> View:
    """Admit any valid access token and any valid key."""
    return _guarded(view, "any", lambda _user: None)


def person_required(view: View) -> View:
    """Admit only access tokens: an API key must not manage keys, passwords or users."""
    return _guarded(view, "person", _require_person)


def admin_required(view: View) -> View:
    """Admit only admins with an access token."""
    return _guarded(view, "admin", _require_admin)


def signed_in() -> Principal:
    """The authenticated principal of this request.

    Raises:
        TokenMissing: there is no Bearer token.
        TokenInvalid: the session has ended, the user is deleted or disabled, or the key has expired.
    """
    return principal_of(request.headers.get("Authorization", ""), reading)


def principal_of(authorization: str, reading: Reading) -> Principal:
    """The principal of a request with this `Authorization`.

    Args:
        authorization: the header; empty without one.
        reading: gives a connection.

    Raises:
        TokenMissing, TokenInvalid: see `signed_in`.
    """
    scheme, _, token = authorization.partition(" ")
    token = token.strip()
    if scheme.lower() != SCHEME or not token:
        raise TokenMissing
    if token.startswith(API_KEY):
        return _key_holder(token, reading)
    bearer = state().tokens.read(token)
    with reading() as connection:
        user = SessionReader(connection).signed_in(bearer)
    if user is None:
        raise TokenInvalid
    return user


def _key_holder(token: str, reading: Reading) -> Principal:
    with reading() as connection:
        key = KeyReader(connection).presented(token)
    if key is None:
        raise TokenInvalid
    record_use(state().database, key.id, key.last_used_at)
    return key.principal


def _guarded(view: View, access: Access, admit: Callable[[Principal], None], *, pass_user: bool = True) -> View:
    """Guard a view.

    Args:
        view: the view.
        access: the access level, from which app.web.openapi derives the errors of the operation.
        admit: refuses a principal.
        pass_user: whether the view gets the principal.
    """

    @wraps(view)
    def guarded(*args: object, **kwargs: object) -> object:
        user = signed_in()
        note_principal(user)
        if request.method not in READING:
            limit_write(user.id, None if access in {"write", "import"} else user.session_id)
        admit(user)
        require_known_parameters()
        return view(*args, user=user, **kwargs) if pass_user else view(*args, **kwargs)

    protect(guarded, access, SCOPES.get(access, ()))
    return guarded


def _require_reader(user: Principal) -> None:
    """A key that may write may read, too."""
    if user.scopes is None or WRITE not in user.scopes:
        _require_scope(user, READ)


def require_writer(user: Principal) -> None:
    """Check that a principal may change the catalogue.

    Raises:
        InsufficientScope, SecondFactorMissing, WritingClosed: it may not.
    """
    _require_scope(user, WRITE)
    require_writing_open(user)


def require_importer(user: Principal) -> None:
    """Check that a principal may import.

    Raises:
        InsufficientScope, WritingClosed: it may not.
    """
    _require_scope(user, IMPORTS)
    require_writing_open(user)


def importer_of(app: Flask, environ: WSGIEnvironment) -> int | BooksError:
    """The id of the user who imports, or why the client may not. The body, which may be large, is not received yet."""
    with app.request_context(environ):
        try:
            user = signed_in()
            require_importer(user)
        except BooksError as error:
            return error.with_traceback(None)
    return user.id


def require_writing_open(user: Principal) -> None:
    """Check that `WRITING` lets this user change the catalogue.

    Raises:
        WritingClosed: it does not.
    """
    mode = state().settings.writing
    if mode == "closed" or (mode == "admins" and not user.is_admin):
        raise WritingClosed


def _require_scope(user: Principal, scope: Scope) -> None:
    if user.scopes is not None and scope not in user.scopes:
        raise InsufficientScope(scope)
    require_second_factor(user)


def _require_person(user: Principal) -> None:
    if user.session_id is None:
        raise PersonRequired


def _require_admin(user: Principal) -> None:
    _require_person(user)
    if not user.is_admin:
        raise NotAdmin
    require_second_factor(user)
