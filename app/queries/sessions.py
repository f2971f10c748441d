"""Reads of sessions: the principal of an access token, and a user's sessions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from app.db.deferred_writes import execute_with_deferred
from app.db.driver_statements import fetch
from app.models import User, UserSession
from app.queries.keyset import Order, slice_of_rows
from app.schemas.sessions import SessionReply
from app.security.identity import Principal

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from app.queries.keyset import Page, SortValues
    from app.schemas.pages import PageQuery
    from app.security.tokens import Bearer

WHO = select(
    User.id,
    User.username,
    User.role,
    User.second_factor_since.is_not(None).label("has_second_factor"),
    UserSession.id.label("session_id"),
    UserSession.confirmed_at,
).join(UserSession, UserSession.user_id == User.id)
WHO_BY_SESSION = WHO.where(
    UserSession.id == bindparam("session_id"),
    UserSession.user_id == bindparam("user_id"),
    UserSession.expires_at > bindparam("now"),
    User.disabled_at.is_(None),
)
WHO_BY_SESSION_LOCKED = WHO_BY_SESSION.with_for_update(read=True)
"""Until the transaction ends, the session and the user can be neither deleted nor changed."""
BY_AGE = Order((UserSession.created_at, UserSession.id))


class SessionReader:
    """Reads sessions."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def signed_in(self, bearer: Bearer) -> Principal | None:
        """The principal of an access token, if its session is still valid: one look-up, by primary keys."""
        return _principal(fetch(self.connection, WHO_BY_SESSION, {**bearer._asdict(), "now": datetime.now(UTC)}))

    def still_signed_in(self, user: Principal) -> Principal | None:
        """The current state of a principal with a session, locked; None if the session is no longer valid."""
        given = {"session_id": user.session_id, "user_id": user.id, "now": datetime.now(UTC)}
        return _principal(execute_with_deferred(self.connection, WHO_BY_SESSION_LOCKED, given))

    def page(self, user: Principal, wanted: PageQuery, after: SortValues | None) -> Page:
        """A page of the active sessions of a user, the oldest first."""
        query = select(UserSession.__table__).where(
            UserSession.user_id == user.id, UserSession.expires_at > datetime.now(UTC)
        )

        def document(row: Row[Any]) -> str:
            return SessionReply(**row._mapping, current=row.id == user.session_id).model_dump_json()  # noqa: SLF001  (public)

        return slice_of_rows(self.connection, query, BY_AGE, wanted, after, document)


def _principal(rows: list[tuple[Any, ...]]) -> Principal | None:
    """The principal in what was found by `WHO`."""
    if not rows:
        return None
    [(user_id, username, role, has_second_factor, session_id, confirmed_at)] = rows
    return Principal(
        user_id, username, role, session_id, has_second_factor=has_second_factor, confirmed_at=confirmed_at
    )
