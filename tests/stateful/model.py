"""A model of accounts, sessions, keys and resets: what must be true after each request, without any HTTP or SQL."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, Literal

from app.security.roles import ADMIN, MEMBER, WRITE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.security.roles import Role, Scope

    Need = Literal["any", "write", "person", "admin"]


class Life(Enum):
    """Where a session is in its life. An expired one is swept by the next login of any user."""

    ACTIVE = auto()
    EXPIRED = auto()
    ENDED = auto()


@dataclass(eq=False)
class Account:
    """An account; a deleted one stays in the model."""

    id: int
    username: str
    password: str
    role: Role = MEMBER
    disabled: bool = False
    deleted: bool = False

    @property
    def is_acting_admin(self) -> bool:
        """Whether the account counts for the rule of the last admin."""
        return self.role == ADMIN and not self.disabled and not self.deleted


@dataclass(eq=False)
class Session:
    """A session, its newest access token, and its refresh tokens in order; all but the last are spent."""

    owner: Account
    id: int
    bearer: str
    refresh_tokens: list[str]
    life: Life = Life.ACTIVE
    old: set[str] = field(default_factory=set)
    """Tokens that were spent so long ago that another use is a theft."""

    @property
    def works(self) -> bool:
        """Whether its access token is accepted."""
        return self.life is Life.ACTIVE and not self.owner.disabled


@dataclass(eq=False)
class Key:
    """An API key."""

    owner: Account
    id: int
    bearer: str
    scopes: frozenset[Scope]
    revoked: bool = False
    expired: bool = False

    @property
    def works(self) -> bool:
        """Whether it is accepted."""
        return not self.revoked and not self.expired and not self.owner.disabled


@dataclass(eq=False)
class Reset:
    """A password reset that was issued."""

    owner: Account
    issuer: Account
    token: str
    void: bool = False
    expired: bool = False


@dataclass(eq=False)
class Book:
    """A book, and the account that added it."""

    owner: Account
    id: int


Credential = Session | Key


@dataclass
class Model:
    """All that the service must know."""

    accounts: list[Account] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    keys: list[Key] = field(default_factory=list)
    resets: list[Reset] = field(default_factory=list)
    books: list[Book] = field(default_factory=list)

    def named(self, username: str) -> Account | None:
        """The account of that name, ignoring case."""
        return next((one for one in self.existing() if one.username.lower() == username.lower()), None)

    def existing(self) -> list[Account]:
        """The accounts that are not deleted."""
        return [account for account in self.accounts if not account.deleted]

    def refusal(self, credential: Credential | None, need: Need) -> str | None:
        """The code with which the service refuses an operation without looking at its object; None if it does not."""
        if credential is None:
            return "token_missing"
        if not credential.works:
            return "token_invalid"
        if isinstance(credential, Key):
            if need == "write":
                return None if WRITE in credential.scopes else "insufficient_scope"
            return None if need == "any" else "person_required"
        return "not_admin" if need == "admin" and credential.owner.role != ADMIN else None

    def is_last_admin(self, account: Account) -> bool:
        """Whether no other admin would be left."""
        return account.is_acting_admin and sum(one.is_acting_admin for one in self.accounts) == 1

    def end_sessions(self, account: Account, but: Session | None = None) -> None:
        """End all sessions of an account, or all but one."""
        for session in self.sessions:
            if session.owner is account and session is not but:
                session.life = Life.ENDED

    def revoke_keys(self, account: Account) -> None:
        """Revoke all keys of an account."""
        for key in self.keys:
            key.revoked |= key.owner is account

    def open_resets(self) -> Iterator[Reset]:
        """The resets that are stored, including expired ones."""
        return (reset for reset in self.resets if not reset.void)

    def void_resets(self, *, of: Account | None = None, by: Account | None = None) -> None:
        """Void the resets of an account, those that an account issued, or all."""
        for reset in self.open_resets():
            reset.void = (of is None or reset.owner is of) and (by is None or reset.issuer is by)

    def change(self, account: Account, role: Role, *, disabled: bool) -> None:
        """An admin changes an account."""
        if account.is_acting_admin and (role != ADMIN or disabled):
            self.void_resets()
        if role != account.role or (disabled and not account.disabled):
            self.end_sessions(account)
        account.role, account.disabled = role, disabled

    def delete(self, account: Account) -> None:
        """An account is deleted; its books remain."""
        if account.is_acting_admin:
            self.void_resets()
        self.void_resets(of=account)
        self.end_sessions(account)
        self.revoke_keys(account)
        account.deleted = True
