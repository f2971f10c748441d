"""The faults: what each is, what clients may see meanwhile, and on which databases it is possible."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from devtools.faults import of_databases, of_processes
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
WRITES, ALL = ("writes",), ("reads", "writes")


@dataclass(frozen=True)
class Fault:
    """A fault.

    Attributes:
        name: in the report.
        cause: causes it, and ends it.
        allowed: the outcomes that clients may see, besides success.
        stops: the loads whose requests it certainly stops: otherwise it was not caused.
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
    allowed: frozenset[str]
    stops: tuple[str, ...] = ()
    databases: tuple[str, ...] = BOTH
    lasts: bool = True
    waits: bool = False
    logs_to_pipe: bool = False
    starts_processes: bool = False
    replaces: bool = False
    kills: bool = False


FAULTS = (
    Fault("log on a full disk", of_processes.log_full, frozenset()),
    Fault("log's reader gone", of_processes.log_closed, frozenset(), logs_to_pipe=True),
    Fault("log not read", of_processes.log_unread, frozenset(), logs_to_pipe=True),
    Fault("one worker killed", of_processes.worker_killed, ENDED, lasts=False, starts_processes=True, kills=True),
    Fault(
        "both workers killed", of_processes.workers_killed, ENDED, ALL, lasts=False, starts_processes=True, kills=True
    ),
    Fault(
        "all processes killed", of_processes.service_killed, ENDED, ALL, lasts=False, starts_processes=True, kills=True
    ),
    Fault(  # it may have a lock, which others wait for until it is killed
        "worker stopped for good", of_processes.worker_stopped, ENDED | BUSY, lasts=False, starts_processes=True
    ),
    Fault("worker stopped, continued", of_processes.worker_paused, ENDED | UNAVAILABLE),  # /readyz had no time
    Fault("locked by another program", of_databases.locked, BUSY, WRITES, waits=True),
    Fault(  # it locks table after table, so that a deadlock is possible
        "migration running",
        of_databases.migration_running,
        frozenset({"503 database_migrating", "503 database_busy"}),
        WRITES,
    ),
    Fault("disk full", of_processes.disk_full, UNAVAILABLE, WRITES),
    Fault("file moved away", of_databases.file_moved, UNAVAILABLE, ALL, databases=(SQLITE,)),
    Fault(
        "file replaced by a backup",
        of_databases.file_replaced,
        UNAVAILABLE,
        databases=(SQLITE,),
        lasts=False,
        replaces=True,
    ),
    Fault("file damaged, repaired", of_databases.file_damaged, UNAVAILABLE, ALL, databases=(SQLITE,)),
    Fault(
        "write-ahead log deleted", of_databases.log_of_file_deleted, UNAVAILABLE, ALL, databases=(SQLITE,), lasts=False
    ),
    Fault("PostgreSQL silent", of_databases.postgres_silent, UNAVAILABLE, ALL, databases=(POSTGRESQL,), waits=True),
    Fault("PostgreSQL read-only", of_databases.postgres_read_only, UNAVAILABLE, WRITES, databases=(POSTGRESQL,)),
    Fault("PostgreSQL killed", of_databases.postgres_killed, UNAVAILABLE, ALL, databases=(POSTGRESQL,), kills=True),
    Fault("backend killed", of_databases.backend_killed, UNAVAILABLE, databases=(POSTGRESQL,), lasts=False, kills=True),
    Fault("database renamed", of_databases.database_renamed, UNAVAILABLE, ALL, databases=(POSTGRESQL,)),
)


def faults_on(kind: str) -> list[Fault]:
    """Those that are possible on a kind of database, those that need a log of their own at the end."""
    return sorted((fault for fault in FAULTS if kind in fault.databases), key=lambda fault: fault.logs_to_pipe)
