"""Reads of the audit log."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pydantic import MISSING
from sqlalchemy import or_, select, union_all

from app.models import AuditEvent
from app.queries.keyset import Order, Page, capped_count, page_of, slice_of_rows
from app.schemas.audit import AuditEventReply, EventFilters

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import ColumnElement, Connection, Row, Select

    from app.queries.keyset import SortValues
    from app.schemas.audit import AuditFilters

EVENTS: Select[*tuple[Any, ...]] = select(AuditEvent.__table__)
NEWEST_FIRST = Order((AuditEvent.at, AuditEvent.id), descending=True)
MOST_EXPORTED = 1_000


class AuditReader:
    """Reads events as documents, the newest first."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def page(self, filters: AuditFilters, after: SortValues | None) -> Page:
        """A page of the events that match all filters."""
        query = EVENTS.where(*_conditions(filters))
        if filters.user_id is not MISSING:
            query = query.where(AuditEvent.user_id == filters.user_id)
        if filters.by is not MISSING:
            query = query.where(AuditEvent.by_user == filters.by)
        if filters.address is not MISSING:
            query = query.where(AuditEvent.address == filters.address)
        return slice_of_rows(self.connection, query, NEWEST_FIRST, filters, after, document_of)

    def page_of_user(self, user_id: int, filters: EventFilters, after: SortValues | None) -> Page:
        """A page of the events about a user, and of what the user did to others, as this user may see them."""
        rows = self._of_user(user_id, filters, after, filters.limit + 1)
        page = page_of([(row.at, row.id, _shown_to(user_id, row)) for row in rows], filters.limit, NEWEST_FIRST)
        if filters.count != "exact":
            return page
        either = or_(AuditEvent.user_id == user_id, AuditEvent.by_user == user_id)
        total = capped_count(self.connection, EVENTS.where(either, *_conditions(filters)))
        return Page(page.documents, page.after, total)

    def newest_of_user(self, user_id: int) -> list[str]:
        """The newest thousand of these events, for the export."""
        return [_shown_to(user_id, row) for row in self._of_user(user_id, EventFilters(), None, MOST_EXPORTED)]

    def _of_user(self, user_id: int, filters: EventFilters, after: SortValues | None, limit: int) -> Sequence[Row[Any]]:
        """The two kinds are read from an index each: with OR, all events of the user would be sorted for each page."""
        about_others = or_(AuditEvent.user_id.is_(None), AuditEvent.user_id != user_id)
        kinds = ((AuditEvent.user_id == user_id,), (AuditEvent.by_user == user_id, about_others))
        beyond = () if after is None else (NEWEST_FIRST.beyond(after),)
        newest_of_each = (
            EVENTS.where(*kind, *beyond, *_conditions(filters)).order_by(*NEWEST_FIRST.sorted()).limit(limit)
            for kind in kinds
        )
        both = union_all(*(select(newest.subquery()) for newest in newest_of_each)).subquery()
        order = Order((both.c.at, both.c.id), descending=True)
        return self.connection.execute(select(both).order_by(*order.sorted()).limit(limit)).all()


def document_of(event: Row[Any]) -> str:
    """An event, as a document."""
    return _reply(event).model_dump_json()


def _shown_to(user_id: int, event: Row[Any]) -> str:
    """An event, as a document for a user: an admin's address is not the user's business."""
    reply = _reply(event)
    is_by_another = event.by_user not in {None, user_id}
    return (reply.model_copy(update={"address": None}) if is_by_another else reply).model_dump_json()


def _reply(event: Row[Any]) -> AuditEventReply:
    columns = dict(event._mapping)  # noqa: SLF001  (public)
    return AuditEventReply(**columns | {"by": columns.pop("by_user"), "facts": json.loads(event.facts)})


def _conditions(filters: EventFilters) -> Iterator[ColumnElement[bool]]:
    if filters.event is not MISSING:
        yield AuditEvent.event == filters.event
    if filters.since is not MISSING:
        yield AuditEvent.at >= filters.since
    if filters.until is not MISSING:
        yield AuditEvent.at < filters.until
