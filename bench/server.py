"""The PostgreSQL that a benchmark runs on, and its description."""

from __future__ import annotations

import os
import platform
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
from sqlalchemy import text

from devtools.postgres import PostgresServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.database import Database


@contextmanager
def benchmark_server(url: str | None) -> Iterator[str]:
    """The URL of a server on which databases can be created: that of the option, or a private one."""
    if url:
        yield url.replace("+psycopg2", "").replace("+psycopg", "")
        return
    server = PostgresServer()
    try:
        server.start()
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute(f"ALTER SYSTEM SET shared_buffers = '{max(1, int(_memory() / 4))}GB'")
            connection.execute("ALTER SYSTEM SET max_wal_size = '4GB'")
        server.stop()
        server.start()
        yield server.url
    finally:
        server.remove()


def described(server: str, *, own: bool) -> str:
    """The machine and server, in general terms."""
    with psycopg.connect(server) as connection:
        shown = connection.execute(
            "SELECT current_setting('server_version'), current_setting('shared_buffers'), current_setting('fsync')"
        ).fetchone()
    version, buffers, fsync = shown or ("?", "?", "?")
    load = os.getloadavg()[1]
    whose = "a PostgreSQL of the benchmark's own" if own else "the operator's PostgreSQL"
    return (
        f"{os.cpu_count()} cores, {_memory():.0f} GB of memory, {platform.system()}, "
        f"Python {platform.python_version()}; "
        f"{whose}, {version.split()[0]}, on the same machine, shared_buffers {buffers}, fsync {fsync}, "
        f"otherwise default settings. The load at the start was {load:.0f}, this benchmark included."
    )


def prewarm(database: Database) -> bool:
    """Load a database into PostgreSQL's memory, as far as it fits; False if `pg_prewarm` is not available."""
    available = text("SELECT 1 FROM pg_available_extensions WHERE name = 'pg_prewarm'")
    everything = (
        "SELECT pg_prewarm(oid) FROM pg_class WHERE relkind IN ('r', 'i') AND relnamespace = to_regnamespace('public')"
    )
    with database.transaction() as db:  # connections for reads are read-only
        if db.scalar(available) is None:
            return False
        db.execute(text("CREATE EXTENSION IF NOT EXISTS pg_prewarm"))
        db.execute(text(everything))
    return True


def _memory() -> float:
    """The memory of the machine, in GiB."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
