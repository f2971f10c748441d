"""Credentials in a restored database that were ended after the backup was made, and would be valid again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select, update

from app.backups.table_digests import tables_in
from app.events.audit_rows import INSERT, row_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

SHORT_LIVED = ("refresh_tokens", "sessions", "sign_in_codes", "invitations")
"""Tables of which each row is a credential. Those that refer to others come first."""
KEYS = "api_keys"
RESET = ("reset_hash", "reset_expires_at", "reset_issued_by")


def end_sessions(connection: Connection) -> int:
    """End all sessions, and void sign-ins, invitations and password resets that are under way.

    Those that were used or ended since the backup would otherwise be valid again.

    Returns: how many sessions there were.
    """
    tables = {table.name: table for table in tables_in(connection)}
    ended = {name: connection.execute(delete(tables[name])).rowcount for name in SHORT_LIVED if name in tables}
    users = tables.get("users")
    if users is not None and set(RESET) <= set(users.columns.keys()):
        connection.execute(update(users).values(dict.fromkeys(RESET)))
    return ended.get("sessions", 0)


def revoke_keys(connection: Connection) -> int:
    """Delete all API keys. Returns: how many there were."""
    return sum(connection.execute(delete(table)).rowcount for table in tables_in(connection) if table.name == KEYS)


def note_restore(connection: Connection, sessions_ended: int, keys_revoked: int) -> None:
    """Add to the audit log, in a database of this version, what a restore ended: events before it are the backup's."""
    facts = {"by": "restore", "sessions_ended": sessions_ended, "keys_revoked": keys_revoked}
    connection.execute(INSERT, row_of("signed_out_everywhere", facts))


def number_of_keys(connection: Connection) -> int:
    """How many API keys there are."""
    counts = [select(func.count()).select_from(table) for table in tables_in(connection) if table.name == KEYS]
    return sum(connection.scalar(count) or 0 for count in counts)
