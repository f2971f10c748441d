"""The rows of the audit log: what an event becomes in the table, and how many failures are stored."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Any

from limits import parse
from sqlalchemy import insert
from structlog.contextvars import get_contextvars

from app.domain.audit_events import LONGEST_ADDRESS, LONGEST_REQUEST_ID
from app.models import AuditEvent
from app.rate_limiting.counters import Counters

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from app.database import Database
    from app.domain.audit_events import EventName

EVENTS: Any = AuditEvent.__table__
INSERT = insert(EVENTS)
"""For connections: a session would insert rows with different NULLs in several statements."""
LONGEST_FACT = 200
"""Characters of a text among the facts, such as the path of a request: the row must not grow with what clients send."""
COLUMNS = ("user_id", "session_id", "key_id")
LOG_ONLY = {"subject"}
"""The subject of an identity names a person who has no account: no deletion would ever remove it from the table."""
OF_A_NETWORK = parse("10/hour")
"""Failures of one kind that are stored of one network: an address, or the /64 of an IPv6 address."""
OF_ALL = parse("120/hour")
"""Failures of one kind that are stored at all: 10 MB a week, if an attack of many addresses goes on all the time."""


def row_of(event: EventName, facts: Mapping[str, object]) -> dict[str, Any]:
    """An event as a row. The address is the one of the log, truncated or not, as `LOG_ADDRESSES` wants it.

    An account that its user deletes leaves no address, so that this event has none either.
    """
    request, by = get_contextvars(), facts.get("by")
    is_by_user = isinstance(by, int)
    address, request_id = request.get("address"), request.get("request_id")
    is_own_deletion = event == "account_deleted" and by is None
    others = {name: _short(fact) for name, fact in facts.items() if name not in {*COLUMNS, "by", *LOG_ONLY}}
    return {
        "at": datetime.now(UTC),
        "event": event,
        **{name: facts.get(name) for name in COLUMNS},
        "by_user": by if is_by_user else None,
        "via": None if is_by_user else by,
        "address": None if address is None or is_own_deletion else address[:LONGEST_ADDRESS],
        "request_id": None if request_id is None else request_id[:LONGEST_REQUEST_ID],
        "facts": json.dumps(others),  # ASCII: a path may contain a NUL, which PostgreSQL refuses
    }


class Failures:
    """Stores events that have no transaction, such as failed logins: each in one of its own, and only so many.

    A flood of them must neither fill the disk nor cost a write per request. The log and the metrics have them all.
    """

    def __init__(self) -> None:
        self._counters = Counters(None)

    def store(self, database: Database, event: EventName, facts: Mapping[str, object]) -> None:
        """Store an event, unless there were too many of its kind, or the database is busy. It never raises."""
        row = row_of(event, facts)
        if self._admits(event, row["address"] or ""):
            database.write_without_waiting(lambda connection: _insert(connection, row))

    def forget(self) -> None:
        """Count from zero again; for tests."""
        self._counters = Counters(None)

    def _admits(self, event: EventName, address: str) -> bool:
        """Whether to store one more.

        One network must not use up what is stored of all, so it is counted first; but only while any is stored, so that
        a flood from many addresses does not fill the memory with counters.
        """
        if not self._counters.look(OF_ALL, "audit", event).allowed:
            return False
        network = self._counters.hit(OF_A_NETWORK, "audit", event, _network(address))
        return network.allowed and self._counters.hit(OF_ALL, "audit", event).allowed


def _insert(connection: Connection, row: dict[str, Any]) -> None:
    connection.execute(INSERT, row)


def _network(address: str) -> str:
    try:
        parsed = ip_address(address)
    except ValueError:  # a network already, or no address
        return address
    return str(ip_network((parsed, 64), strict=False)) if isinstance(parsed, IPv6Address) else address


def _short(fact: object) -> object:
    return fact[:LONGEST_FACT] if isinstance(fact, str) else fact
