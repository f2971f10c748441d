"""The export of what is stored about a user."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from app.models import Author, Book, User
from app.queries.audit import AuditReader
from app.queries.identities import all_identities
from app.queries.keys import KeyReader
from app.queries.sessions import SessionReader
from app.queries.users import UserReader
from app.schemas.account_export import NOT_INCLUDED, AccountExport
from app.schemas.pages import LARGEST_LIMIT, PageQuery

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from app.security.identity import Principal

ALL = PageQuery(limit=LARGEST_LIMIT)
"""A user has at most a hundred sessions and a hundred keys."""


def account_export(connection: Connection, user: Principal) -> str:
    """Everything in the database about a user, as a document. Of records it has only their number and where they are.

    Raises:
        UserNotFound: the account was deleted meanwhile.
    """
    account = UserReader(connection).find(user.id)
    document = {
        "account": json.loads(account),
        "password_reset_expires_at": connection.scalar(select(User.reset_expires_at).where(User.id == user.id)),
        "sessions": _list(SessionReader(connection).page(user, ALL, None).documents),
        "keys": _list(KeyReader(connection).page(user.id, ALL, None).documents),
        "identities": _list(all_identities(connection, user.id)),
        "events": _list(AuditReader(connection).newest_of_user(user.id)),
        "books": _added(connection, Book, user.id),
        "authors": _added(connection, Author, user.id),
        "not_included": NOT_INCLUDED,
    }
    return AccountExport.model_validate(document).model_dump_json()


def _list(documents: list[str]) -> list[Any]:
    return [json.loads(document) for document in documents]


def _added(connection: Connection, record: type[Book | Author], user_id: int) -> dict[str, object]:
    count = connection.scalar(select(func.count()).select_from(record).where(record.created_by == user_id))
    return {"count": count, "href": f"/{record.__tablename__}?created_by={user_id}"}
