"""The limit of open files: how many connections it leaves to each process."""

from __future__ import annotations

import resource
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from app.settings import Settings

log = structlog.get_logger(__name__)

OTHER_FILES = 450
"""Open files of a process besides its connections: temporary files, Redis, and the program's own."""
FILES_OF_DATABASE_CONNECTION = 3
"""SQLite's file, its write-ahead log and its index of that; PostgreSQL needs a socket only."""
FEWEST = 64
"""The least of `CONNECTIONS`."""


def connections(settings: Settings) -> int:
    """How many connections each process may accept: `CONNECTIONS`, or what the limit of open files leaves of them.

    Raises the process's own limit (the soft one) as far as it may, and warns if that is not enough.
    """
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    pool = settings.db_pool_size + settings.db_max_overflow
    others = OTHER_FILES + FILES_OF_DATABASE_CONNECTION * pool
    needed = settings.connections + others
    if most == resource.RLIM_INFINITY or most >= needed:
        return settings.connections
    accepted = max(most - others, FEWEST)
    log.warning(
        "too_few_open_files",
        limit=most,
        needed=needed,
        connections=accepted,
        remedy="Raise the hard limit of open files (ulimit -Hn; LimitNOFILE= of systemd, ulimits: of Compose), or "
        "lower CONNECTIONS.",
    )
    return accepted
