"""The faults: what each is, what clients may be told meanwhile, and on which databases it is possible."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from devtools.faults import causes
from devtools.faults.load import CLOSED

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from devtools.faults.target import Target

SQLITE, POSTGRESQL = "sqlite", "postgresql"
BOTH = (SQLITE, POSTGRESQL)
SUCCESS = frozenset({"200", "201"})
UNAVAILABLE = frozenset({"503 database_unavailable", "503 database_busy", "503 query_too_slow"})
BUSY = frozenset({"503 database_busy", "503 query_too_slow"})
"""A lock of another program: writers wait for it, and readers of PostgreSQL's locked table do."""
ENDED = frozenset({CLOSED})


@dataclass(frozen=True)
class Fault:
    """A fault.

    Attributes:
        name: in the report.
        cause: causes it, and ends it.
        told: the outcomes that clients may see, besides success.
        databases: the kinds on which it is possible.
        lasts: whether it goes on until it is ended; others are over when they were caused.
        waits: whether requests wait while it lasts, so that it must last longer than they may.
        logs_to_pipe: whether the log must be a pipe.
        starts_processes: whether workers are started before the service is well: each imports the whole application.
        replaces: whether the operator replaces the data: what was written before is not there after it.
        kills: whether it is a SIGKILL.
    """

    name: str
    cause: Callable[[Target], AbstractContextManager[None]]
    told: frozenset[str]
    databases: tuple[str, ...] = BOTH
    lasts: bool = True
    waits: bool = False
    logs_to_pipe: bool = False
    starts_processes: bool = False
    replaces: bool = False
    kills: bool = False


FAULTS = (
    Fault("log on a full disk", causes.log_full, frozenset()),
    Fault("log's reader gone", causes.log_closed, frozenset(), logs_to_pipe=True),
    Fault("log not read", causes.log_unread, frozenset(), logs_to_pipe=True),
    Fault("one worker killed", causes.worker_killed, ENDED, lasts=False, starts_processes=True, kills=True),
    Fault("both workers killed", causes.workers_killed, ENDED, lasts=False, starts_processes=True, kills=True),
    Fault("all processes killed", causes.service_killed, ENDED, lasts=False, starts_processes=True, kills=True),
    Fault("worker stopped for good", causes.worker_stopped, ENDED, lasts=False, starts_processes=True),
    Fault("worker stopped, continued", causes.worker_paused, ENDED | UNAVAILABLE),  # /readyz had no time
    Fault("locked by another program", causes.locked, BUSY, waits=True),
    Fault("migration running", causes.migration_running, frozenset({"503 database_migrating"})),
    Fault("disk full", causes.disk_full, UNAVAILABLE),
    Fault("file moved away", causes.file_moved, UNAVAILABLE, (SQLITE,)),
    Fault("file replaced by a backup", causes.file_replaced, UNAVAILABLE, (SQLITE,), lasts=False, replaces=True),
    Fault("file damaged, repaired", causes.file_damaged, UNAVAILABLE, (SQLITE,)),
    Fault("write-ahead log deleted", causes.log_of_file_deleted, UNAVAILABLE, (SQLITE,), lasts=False),
    Fault("PostgreSQL silent", causes.postgres_silent, UNAVAILABLE, (POSTGRESQL,), waits=True),
    Fault("PostgreSQL read-only", causes.postgres_read_only, UNAVAILABLE, (POSTGRESQL,)),
    Fault("PostgreSQL killed", causes.postgres_killed, UNAVAILABLE, (POSTGRESQL,), kills=True),
    Fault("backend killed", causes.backend_killed, UNAVAILABLE, (POSTGRESQL,), lasts=False, kills=True),
    Fault("database renamed", causes.database_renamed, UNAVAILABLE, (POSTGRESQL,)),
)


def faults_on(kind: str) -> list[Fault]:
    """Those that are possible on a kind of database, those that need a log of their own at the end."""
    return sorted((fault for fault in FAULTS if kind in fault.databases), key=lambda fault: fault.logs_to_pipe)
