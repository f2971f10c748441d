"""Endpoints of the audit log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.auth import admin_required, person_required
from app.queries.audit import AuditReader
from app.schemas.audit import AuditEventReply, AuditFilters, EventFilters
from app.web.operations import Blueprint, Success, operation
from app.web.pagination import start_key
from app.web.replies import many, no_store
from app.web.state import reading

if TYPE_CHECKING:
    from flask import Response

    from app.security.identity import Principal

audit_log = Blueprint(
    "audit",
    __name__,
    tag={"name": "Audit log", "description": "What happened to accounts: who signed in, who failed to, from where."},
)
audit_log.after_request(no_store)


@audit_log.get("/audit")
@admin_required
@operation("listAuditEvents", Success(list[AuditEventReply], "A page of events."), query=AuditFilters)
def list_events(query: AuditFilters, user: Principal) -> Response:  # noqa: ARG001  (only the admin check needs it)
    """List the events of the audit log, a page at a time, the newest first.

    Admins only. Of failures, such as `sign_in_failed`, at most ten an hour are listed for each address and event, and
    in a flood only some; the operator's log has all of them. Events are kept for a year, or as long as `AUDIT_KEEP`
    says.
    """
    after = start_key()
    with reading() as connection:
        return many(AuditReader(connection).page(query, after))


@audit_log.get("/auth/me/events")
@person_required
@operation("listOwnEvents", Success(list[AuditEventReply], "A page of events."), query=EventFilters)
def list_own_events(query: EventFilters, user: Principal) -> Response:
    """List what happened to your account, a page at a time, the newest first.

    Logins, failed ones too, changes of passwords, keys and sessions, and what you did to the accounts of others. Of
    what an admin did, the address is not shown.
    """
    after = start_key()
    with reading() as connection:
        return many(AuditReader(connection).page_of_user(user.id, query, after))
