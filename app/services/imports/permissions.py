"""What a member may do with an import."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.errors import NotOwner, QuotaReached
from app.services.policy import require_editor

if TYPE_CHECKING:
    from collections.abc import Collection

    from app.security.identity import Principal
    from app.services.policy import Editing, Owned
    from app.services.quota import Quota


@dataclass
class Member:
    """The limits of a member, in one transaction.

    Attributes:
        principal: the member.
        editing: who may change an existing book.
        quota: how many records the member may add.
    """

    principal: Principal
    editing: Editing
    quota: Quota
    _authors: set[int] = field(default_factory=set)
    """The new authors that are counted already."""

    def may_add(self, books: int, new_authors: Collection[int]) -> bool:
        """Whether so many books may be added with these new authors; they are then counted."""
        new = set(new_authors) - self._authors
        try:
            self.quota.use_all(books + len(new))
        except QuotaReached:
            return False
        self._authors |= new
        return True

    def may_change(self, record: Owned) -> bool:
        """Whether the member may change a book or author of the catalogue."""
        try:
            require_editor(record, self.principal, self.editing)
        except NotOwner:
            return False
        return True
