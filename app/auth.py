"""Who makes a request: the Bearer token (RFC 6750), and the views that need one."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from flask import request

from app.errors import NotOwner, TokenInvalid, TokenMissing
from app.services.users import UserReader
from app.web.rate_limits import READING, limit_write
from app.web.service import reading, service

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.models import Author, Book
    from app.services.users import SignedIn

SCHEME = "bearer"
"""The security scheme's name in the OpenAPI document."""


def create_access_token(user_id: int) -> str:
    """A token with which this user is signed in."""
    return service().tokens.issue(user_id)


def token_required(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let only signed-in users into a view; it gets them as its argument `user`.

    Put it right below the route: who is not signed in is told so before anything else.
    """

    @wraps(view)
    def guarded(*args: object, **kwargs: object) -> object:
        user = signed_in()
        if request.method not in READING:
            limit_write(user.id)
        return view(*args, user=user, **kwargs)

    vars(guarded).setdefault("_spec", {})["security"] = [{SCHEME: []}]  # what APIFlask's doc(security=…) keeps
    return guarded


def require_editor(record: Book | Author, user: SignedIn) -> None:
    """Stop whoever may not change a record.

    Raises:
        NotOwner: `EDITING` is `owner`, and somebody else added it.
    """
    if service().settings.editing == "owner" and record.created_by != user.id:
        raise NotOwner


def signed_in() -> SignedIn:
    """Whoever makes this request.

    Raises:
        TokenMissing: there is no Bearer token.
        TokenInvalid: it is not good, or its user is gone.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != SCHEME or not token.strip():
        raise TokenMissing
    user_id = service().tokens.user_id(token.strip())
    with reading() as connection:
        user = UserReader(connection).find(user_id)
    if user is None:
        raise TokenInvalid
    return user
