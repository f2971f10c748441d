"""Space on the disk of the database."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import DatabaseFull

if TYPE_CHECKING:
    from sqlalchemy import Connection

LEAST_FREE = 1024 * 1024
"""Bytes on SQLite's disk below which it is full: a few changes and a checkpoint need as much."""
USE = {
    "sqlite": "UPDATE alembic_version SET version_num = version_num",
    "postgresql": "CREATE TEMPORARY TABLE space_check ON COMMIT DROP AS "
    "SELECT repeat(md5(number::text), 200) FROM generate_series(1, 20) AS number",
}
"""A write that needs new space and changes nothing; on PostgreSQL some 130 KB."""


def require_space(path: str) -> None:
    """Check that there is space on the disk of an SQLite file.

    Raises:
        DatabaseFull: there is not.
    """
    try:
        disk = os.statvfs(Path(path).absolute().parent)
    except OSError:
        return
    free = disk.f_bfree if os.geteuid() == 0 else disk.f_bavail
    if disk.f_blocks and free * disk.f_frsize < LEAST_FREE:
        raise DatabaseFull


def use_some_space(connection: Connection) -> None:
    """Try whether the database can write again, within a transaction.

    Raises:
        DatabaseFull: it cannot.
    """
    connection.exec_driver_sql(USE[connection.dialect.name])
