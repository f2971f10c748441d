"""Reads of users: a single document, or a page of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import MISSING
from sqlalchemy import bindparam, func, select

from app.domain.names import name_key
from app.errors import UserNotFound
from app.models import RecoveryCode, User
from app.queries.keyset import Order, slice_of_rows
from app.schemas.second_factor import SecondFactorReply
from app.schemas.users import UserReply

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select

    from app.queries.keyset import Page, SortValues
    from app.schemas.users import UserFilters

USERS = select(User.id, User.username, User.role, User.disabled_at, User.second_factor_since, User.created_at).where(
    User.username.is_not(None)
)
"""Without the rows that remain of deleted accounts."""
USER_BY_ID = USERS.where(User.id == bindparam("id"))
SECOND_FACTOR = select(
    User.second_factor_since,
    select(func.count()).where(RecoveryCode.user_id == User.id).scalar_subquery().label("recovery_codes_left"),
).where(User.id == bindparam("id"))
BY_ID = Order((User.id,))


class UserReader:
    """Reads users as documents."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def find(self, user_id: int) -> str:
        """One user, as a document.

        Raises:
            UserNotFound: there is none with that id.
        """
        row = self.connection.execute(USER_BY_ID, {"id": user_id}).first()
        if row is None:
            raise UserNotFound
        return document_of(row)

    def second_factor_of(self, user_id: int) -> str:
        """The second factor of a user, as a document without secrets.

        Raises:
            UserNotFound: there is none with that id.
        """
        row = self.connection.execute(SECOND_FACTOR, {"id": user_id}).first()
        if row is None:
            raise UserNotFound
        return SecondFactorReply(**row._mapping).model_dump_json()  # noqa: SLF001  (public)

    def page(self, filters: UserFilters, after: SortValues | None) -> Page:
        """A page of the users that match all filters, by id."""
        query: Select[*tuple[Any, ...]] = USERS
        if filters.username is not MISSING:
            query = query.where(User.username_key == name_key(filters.username))
        if filters.role is not MISSING:
            query = query.where(User.role == filters.role)
        if filters.disabled is not MISSING:
            query = query.where(User.disabled_at.is_not(None) if filters.disabled else User.disabled_at.is_(None))
        return slice_of_rows(self.connection, query, BY_ID, filters, after, document_of)


def document_of(user: object) -> str:
    """A user, as a document."""
    return UserReply.model_validate(user, from_attributes=True).model_dump_json()
