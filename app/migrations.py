"""Whether the database is at the newest migration."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, event

from app.errors import DatabaseOutdated
from app.models import Base

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection, Table

FOLDER = Path(__file__).parents[1] / "alembic"


@cache
def newest() -> str | None:
    """The revision that this version of the service needs."""
    return ScriptDirectory(str(FOLDER)).get_current_head()


def require_migrated(connection: Connection) -> None:
    """Make sure that the database is what this version of the service needs.

    Raises:
        DatabaseOutdated: migrations are pending, or it was migrated by a newer version.
    """
    if MigrationContext.configure(connection).get_current_revision() != newest():
        raise DatabaseOutdated


@event.listens_for(Base.metadata, "after_create")
def _stamp(_metadata: MetaData, connection: Connection, tables: Collection[Table], **_options: object) -> None:
    """What `create_all` makes from nothing is at the newest revision, and says so."""
    if len(tables) == len(Base.metadata.tables):
        MigrationContext.configure(connection).stamp(ScriptDirectory(str(FOLDER)), "head")
