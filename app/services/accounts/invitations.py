"""The rules about invitations, and about who may register."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from sqlalchemy import delete, exists, func, select

from app.errors import (
    InvitationInvalid,
    InvitationNotFound,
    InvitationRequired,
    RegistrationClosed,
    TooManyInvitations,
)
from app.models import Invitation, User
from app.security.credentials import INVITATION, SHOWN, digest, new_credential
from app.security.roles import ADMIN

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection
    from sqlalchemy.orm import Session

RegistrationMode = Literal["open", "invite", "closed"]
"""The values of `REGISTRATION`."""
MOST_INVITATIONS = 1000
"""The limit of open invitations for one admin: a link for each pupil of a large school."""
SWEPT = 100
"""How many expired invitations, of any admin, a new one deletes at most."""


class InvitationService:
    """Issues, spends and revokes invitations."""

    def __init__(self, db: Session) -> None:
        self.db = db

    def create(self, admin_id: int, note: str | None, lifetime: timedelta) -> tuple[Invitation, str]:
        """Issue an invitation, under the lock of `lock_admins`. Its token is returned but not stored.

        Args:
            admin_id: the admin who issues it.
            note: what the admins want to remember of it.
            lifetime: how long it can be used.

        Raises:
            TooManyInvitations: the admin has reached the limit.
        """
        now = datetime.now(UTC)
        self._sweep(now)
        existing = select(func.count()).select_from(Invitation)
        if self.db.scalars(existing.where(Invitation.created_by == admin_id)).one() >= MOST_INVITATIONS:
            raise TooManyInvitations
        token = new_credential(INVITATION)
        kept = Invitation(
            hash=digest(token),
            prefix=token[:SHOWN],
            note=note,
            created_by=admin_id,
            created_at=now,
            expires_at=now + lifetime,
        )
        self.db.add(kept)
        self.db.flush()
        return kept, token

    def delete(self, invitation_id: int) -> None:
        """Revoke an invitation.

        Raises:
            InvitationNotFound: there is none with that id, or it was used.
        """
        revoked = delete(Invitation).where(Invitation.id == invitation_id)
        if self.db.scalar(revoked.returning(Invitation.id)) is None:
            raise InvitationNotFound

    def spend(self, token: str) -> int | None:
        """Use up an invitation. Of several transactions at the same time one does, and the others wait for its end.

        Returns: its id; None if it is unknown, used, revoked or expired.
        """
        return self.db.scalar(delete(Invitation).where(*_valid(token)).returning(Invitation.id))

    def void_of(self, admin_id: int) -> int:
        """Revoke the invitations that an admin issued: a stolen session may have issued them, and kept the links.

        Returns: how many.
        """
        voided = delete(Invitation).where(Invitation.created_by == admin_id).returning(Invitation.id)
        return len(self.db.scalars(voided).all())

    def _sweep(self, now: datetime) -> None:
        expired = select(Invitation.id).where(Invitation.expires_at <= now).limit(SWEPT)
        unlocked = expired.with_for_update(skip_locked=True)  # so that it never waits for who revokes one
        self.db.execute(delete(Invitation).where(Invitation.id.in_(unlocked)))


@dataclass(frozen=True)
class Admission:
    """Whether a person may register.

    Args:
        mode: the value of `REGISTRATION`.
        token: the token of an invitation, if the person sent one.
    """

    mode: RegistrationMode
    token: str | None = None

    def require(self, connection: Connection) -> None:
        """Check before the work of hashing a password, and before anything is said about the username.

        Raises:
            RegistrationClosed: no one may register.
            InvitationRequired: an invitation is needed, and there is none.
            InvitationInvalid: it is unknown, used, revoked or expired.
        """
        if self.mode == "closed":
            raise RegistrationClosed
        if self.mode == "invite":
            if self.token is None:
                raise InvitationRequired
            if not connection.scalar(select(exists().where(*_valid(self.token)))):
                raise InvitationInvalid

    def spend(self, db: Session) -> int | None:
        """Use up the invitation, in the transaction that creates the user: if that fails, it is not used up.

        Where registration is open, an invitation that is no longer valid does no harm.

        Returns: the id of the invitation; None without one.

        Raises:
            InvitationInvalid: an invitation is needed, and this one was used or revoked meanwhile.
        """
        spent = None if self.token is None else InvitationService(db).spend(self.token)
        if spent is None and self.mode != "open":
            raise InvitationInvalid
        return spent


def _valid(token: str) -> tuple[ColumnElement[bool], ...]:
    """The conditions of an invitation that can be used: what ends the role of its issuer deletes it, too."""
    issuer = exists().where(User.id == Invitation.created_by, User.role == ADMIN, User.disabled_at.is_(None))
    return Invitation.hash == digest(token), Invitation.expires_at > datetime.now(UTC), issuer
