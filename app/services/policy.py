"""Who may change or delete a record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from app.errors import NotOwner

if TYPE_CHECKING:
    from app.models import Author, Book
    from app.security.identity import Principal

Editing = Literal["members", "owner"]
"""The values of `EDITING`: every user may change a record, or only the one who added it."""


SecondFactorPolicy = Literal["optional", "admins", "everyone"]
"""The values of `SECOND_FACTOR`: which accounts must have a second factor."""


def lacks_second_factor(principal: Principal, policy: SecondFactorPolicy) -> bool:
    """Whether a user who must have a second factor has none. API keys need none: they were created with it."""
    if principal.session_id is None or principal.has_second_factor:
        return False
    return policy == "everyone" or (policy == "admins" and principal.is_admin)


def require_owner(record: Book | Author, principal: Principal) -> None:
    """Refuse to delete a record.

    Raises:
        NotOwner: another user added it, and this one is not an admin.
    """
    if record.created_by != principal.id and not principal.is_admin:
        raise NotOwner


def require_editor(record: Book | Author, principal: Principal, editing: Editing) -> None:
    """Refuse to change a record.

    Raises:
        NotOwner: only its owner may, another user added it, and this one is not an admin.
    """
    if editing == "owner":
        require_owner(record, principal)
