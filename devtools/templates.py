"""Migrated databases that are copies of one: to copy it takes a tenth of the time that the migrations take."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
from psycopg.sql import SQL, Identifier
from sqlalchemy import make_url

from app.db.engines import make_engine
from devtools.databases import migrate, settings_for

if TYPE_CHECKING:
    from collections.abc import Iterator

PREFIX = f"books_template_{uuid4().hex[:12]}_"
"""Of the names of this process's templates: another process may use other migrations."""


@contextmanager
def migrated_url(kind: str, server_url: str, folder: Path) -> Iterator[str]:
    """The URL of a new database of a kind, `sqlite` or `postgresql`, at the newest revision."""
    name = f"books_{uuid4().hex}"
    url = f"sqlite:///{folder / name}.db" if kind == "sqlite" else f"{server_url.rpartition('/')[0]}/{name}"
    copy_template(url)
    yield url
    if kind == "postgresql":
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


def copy_template(url: str, revision: str = "head") -> None:
    """Bring a database to a revision; what is in it is lost.

    Args:
        url: of an SQLite file that nothing has open, or of a PostgreSQL database.
        revision: of the migrations.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        _write_sqlite(Path(parsed.database or ""), revision)
    elif parsed.database == "postgres":  # to which others connect in order to create databases
        _migrate(url, revision)
    else:
        _create_postgres(url, revision)


def drop_postgres_templates(server_url: str) -> None:
    """Drop the templates of this process on a server that outlives it."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        found = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{PREFIX}%"]).fetchall()
        for (name,) in found:
            connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


def _write_sqlite(file: Path, revision: str) -> None:
    file.touch(mode=0o600)
    file.write_bytes(_sqlite_template(revision))


def _create_postgres(url: str, revision: str) -> None:
    server, _, name = url.rpartition("/")
    template = PREFIX + revision
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [template]).fetchone()
        if known is None:
            connection.execute(SQL("CREATE DATABASE {}").format(Identifier(template)))
            _migrate(f"{server}/{template}", revision)
        connection.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))
        connection.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(template)))


def _migrate(url: str, revision: str) -> None:
    engine = make_engine(settings_for(url))
    migrate(engine, revision)
    engine.dispose()


@cache
def _sqlite_template(revision: str) -> bytes:
    with TemporaryDirectory(prefix="books-api-template-") as folder:
        file = Path(folder) / "books.db"
        _migrate(f"sqlite:///{file}", revision)
        return file.read_bytes()
