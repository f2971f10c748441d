"""The rules about users."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, update

from app.errors import BadCredentials, UsernameTaken
from app.models import User
from app.text import name_key

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.orm import Session

    from app.hashing import Hasher

USER_BY_ID = select(User.id, User.username).where(User.id == bindparam("id"))
USER_BY_NAME = select(User.id, User.username, User.password_hash).where(User.username_key == bindparam("key"))


@dataclass(frozen=True)
class SignedIn:
    """Whoever makes the request."""

    id: int
    username: str


class UserReader:
    """Who is who."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def find(self, user_id: int) -> SignedIn | None:
        """The user with that id, if there still is one."""
        row = self.connection.execute(USER_BY_ID, {"id": user_id}).first()
        return SignedIn(row.id, row.username) if row else None

    def credentials(self, username: str) -> tuple[SignedIn | None, str | None]:
        """The user of that name, whatever its capitals, with the hash of the password."""
        key = name_key(username)
        if "\0" in key:  # PostgreSQL has no text with a NUL, so no user of such a name
            return None, None
        row = self.connection.execute(USER_BY_NAME, {"key": key}).first()
        return (SignedIn(row.id, row.username), row.password_hash) if row else (None, None)

    def require_free(self, username: str) -> None:
        """A courtesy before the work of hashing a password: the database has the last word.

        Raises:
            UsernameTaken: somebody has that name.
        """
        if self.credentials(username)[0] is not None:
            raise UsernameTaken


class UserService:
    """Users as they come."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def register(self, username: str, password_hash: str) -> User:
        """Add a user.

        Raises:
            UsernameTaken: somebody has that name, whatever its capitals.
        """
        user = User(username=username, password_hash=password_hash)
        self.session.add(user)
        self.session.flush()
        return user

    def rehash(self, user: SignedIn, kept: str | None, better: str) -> None:
        """Keep a better hash of the same password, unless the password was changed meanwhile."""
        same = update(User).where(User.id == user.id, User.password_hash == kept)
        self.session.execute(same.values(password_hash=better))


def sign_in(found: tuple[SignedIn | None, str | None], password: str, hasher: Hasher) -> tuple[SignedIn, str | None]:
    """The user, if the password is right; with a better hash to keep, if there is one.

    It takes as long for a user who is not there.

    Raises:
        BadCredentials: there is no such user, or the password is wrong; it does not say which.
        HashingBusy: too many wait already.
    """
    user, password_hash = found
    verdict = hasher.verify(password, password_hash)
    if user is None or password_hash is None or not verdict.right:
        raise BadCredentials
    return user, verdict.better_hash
