"""Who may add a record under which id, and who may change or delete it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

from app.domain.ids import MAX_ID_OF_MEMBER
from app.errors import Fault, NotOwner
from app.schemas.validation_errors import invalid_body
from app.security.hashing import NO_PASSWORD

if TYPE_CHECKING:
    from app.security.identity import Credentials, Principal
    from app.settings import Settings

Editing = Literal["members", "owner"]
"""The values of `EDITING`: every user may change a record, or only the one who added it."""


SecondFactorPolicy = Literal["optional", "admins", "everyone"]
"""The values of `SECOND_FACTOR`: which accounts must have a second factor."""


def lacks_second_factor(principal: Principal, policy: SecondFactorPolicy) -> bool:
    """Whether a user who must have a second factor has none. API keys need none: they were created with it."""
    if principal.session_id is None or principal.has_second_factor:
        return False
    return policy == "everyone" or (policy == "admins" and principal.is_admin)


def can_give_password(known: Credentials, settings: Settings) -> bool:
    """Whether a user has a password with which to sign in here."""
    return settings.password_sign_in and known.password_hash != NO_PASSWORD


class Owned(Protocol):
    """What belongs to a user: a record, or a batch."""

    @property
    def created_by(self) -> int | None:
        """The id of the user who added it."""
        ...


def require_owner_or_admin(record: Owned, principal: Principal) -> None:
    """Refuse to delete a record.

    Raises:
        NotOwner: another user added it, and this one is not an admin.
    """
    if record.created_by != principal.id and not principal.is_admin:
        raise NotOwner


def require_moderate_id(supplied: int | None, principal: Principal) -> None:
    """Refuse an id so large that a member must not supply it: all ids generated later would be larger.

    Raises:
        InvalidRequest: it is too large, and the user is not an admin.
    """
    if supplied is not None and supplied > MAX_ID_OF_MEMBER and not principal.is_admin:
        raise invalid_body(Fault("/id", f"must be at most {MAX_ID_OF_MEMBER}, unless an admin adds the record"))


def require_editor(record: Owned, principal: Principal, editing: Editing) -> None:
    """Refuse to change a record.

    Raises:
        NotOwner: only its owner may, another user added it, and this one is not an admin.
    """
    if editing == "owner":
        require_owner_or_admin(record, principal)
