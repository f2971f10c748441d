"""Signed-in users as copies of one: most tests need a user, and few are about registration and login."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sqlalchemy import insert, select

from app.models import AuditEvent, RefreshToken, User, UserSession
from app.security.credentials import REFRESH_TOKEN, digest, new_credential
from app.security.tokens import Bearer
from app.web.state import EXTENSION
from tests.support.users import SignedInUser, new_user

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy import Connection

    from app.security.tokens import Tokens
    from devtools.databases import DatabaseInside
    from tests.support.client import Client

Row = dict[str, Any]

_numbers = count(1)
_run = uuid4().hex[:8]


@dataclass(frozen=True)
class RecordedUser:
    """All rows that a registration and a login have written, in the order in which they are written, and when."""

    user: Row
    session: Row
    refresh_token: Row
    events: list[Row]
    at: datetime

    @classmethod
    def of(cls, client: Client, connection: Connection) -> RecordedUser:
        """Register a user and log in through the API, and read what that has written."""
        user = new_user(client)

        def rows(table: Any, condition: Any) -> list[Row]:
            return [dict(row) for row in connection.execute(select(table).where(condition)).mappings()]

        [its] = rows(User.__table__, User.id == user.user_id)
        [session] = rows(UserSession.__table__, UserSession.id == user.session_id)
        [refresh_token] = rows(RefreshToken.__table__, RefreshToken.session_id == user.session_id)
        events = rows(AuditEvent.__table__, AuditEvent.user_id == user.user_id)
        del its["id"]
        for event in events:
            del event["id"]
        events.sort(key=lambda event: event["at"])
        return cls(its, session, refresh_token, events, events[-1]["at"])


@dataclass(frozen=True)
class UserCopies:
    """Copies the recorded user into the database of a test, which takes a tenth of the time of the requests.

    A copy has a name, ids, tokens and times of its own. Its password is the one of all users of the tests.

    Args:
        recorded: who is copied.
        app: the application on the database.
        database: to which the users are added.
        anonymous: a client. If it calls another application, its users register and log in there.
    """

    recorded: RecordedUser
    app: Flask
    database: DatabaseInside
    anonymous: Client

    def new(self) -> SignedInUser:
        """A new user, signed in."""
        if self.anonymous.application is not self.app:
            return new_user(self.anonymous)
        username = f"user {_run} {next(_numbers)}"
        its = User(username=username)  # which knows the columns that depend on the name
        named = {name: getattr(its, name) for name in ("username", "username_key", "shape_shown", "shape_folded")}
        user_id = self._insert(User, self.recorded.user | named)
        session_id = UserSession.__table__.c.id.default.arg(None)
        self._insert(UserSession, self.recorded.session | {"id": session_id, "user_id": user_id})
        refresh_token = new_credential(REFRESH_TOKEN)
        self._insert(
            RefreshToken, self.recorded.refresh_token | {"hash": digest(refresh_token), "session_id": session_id}
        )
        for event in self.recorded.events:
            of_session = {"session_id": session_id} if event["session_id"] else {}
            self._insert(AuditEvent, event | of_session | {"user_id": user_id, "request_id": uuid4().hex})
        tokens: Tokens = self.app.extensions[EXTENSION].tokens
        access_token = tokens.issue(Bearer(user_id, session_id))
        return SignedInUser(self.anonymous, user_id, username, access_token, refresh_token)

    def _insert(self, table: Any, row: Row) -> Any:
        """Insert a row, with its times moved to now. Returns: its primary key."""
        elapsed = datetime.now(UTC) - self.recorded.at
        moved = {name: value + elapsed if isinstance(value, datetime) else value for name, value in row.items()}
        inserted: Any = self.database.connection.execute(insert(table.__table__), moved).inserted_primary_key
        return inserted[0]
