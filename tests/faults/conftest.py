"""Services in this process on databases of their own, which tests delete, replace and damage."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import text

from app.database import Database
from app.main import create_app
from devtools.databases import settings_for
from devtools.postgres import PostgresServer
from devtools.serving import migrated
from tests.support.client import Client
from tests.support.factories import Factory
from tests.support.openapi_contract import OpenApiContract

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

TEMPLATE = "migrated"
"""The database that the others are copies of: to migrate one takes seconds."""


class Service:
    """A service with a member and the author 1."""

    def __init__(self, url: str, folder: Path, contract: OpenApiContract) -> None:
        settings = settings_for(url, instance_path=folder)
        self.url = url
        self.database = Database.of(settings)
        self.client = Client(create_app(settings, self.database), contract)
        self.member = Factory(self.client).user()
        Factory(self.member).author(self.member, id=1)

    @property
    def file(self) -> Path:
        """The file of SQLite."""
        return Path(self.url.removeprefix("sqlite:///"))

    @property
    def companions(self) -> list[Path]:
        """The write-ahead log and the shared memory of SQLite."""
        return [self.file.with_name(self.file.name + suffix) for suffix in ("-wal", "-shm")]

    def execute(self, *statements: str) -> None:
        """Execute statements, as the operator may."""
        with self.database.engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))

    def add(self, name: str) -> httpx.Response:
        """Add an author."""
        return self.member.post("/authors", json={"name": name})


@pytest.fixture(scope="session")
def document(tmp_path_factory: pytest.TempPathFactory) -> OpenApiContract:
    """The OpenAPI document; it needs no database."""
    settings = settings_for("sqlite:///:memory:", instance_path=tmp_path_factory.mktemp("document"))
    return OpenApiContract(create_app(settings).test_client().get("/openapi.json").get_json())


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file."""
    file = tmp_path_factory.mktemp("migrated") / "books.db"
    migrated(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="module")
def server_with_template(own_postgres: PostgresServer) -> PostgresServer:
    """The module's own PostgreSQL, with a migrated database to copy."""
    with psycopg.connect(own_postgres.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {TEMPLATE}")
    migrated(_url_of(own_postgres, TEMPLATE))
    return own_postgres


@contextmanager
def _serving(url: str, folder: Path, document: OpenApiContract) -> Iterator[Service]:
    service = Service(url, folder, document)
    yield service
    service.database.engine.dispose()


def _url_of(server: PostgresServer, name: str) -> str:
    return server.url.rpartition("/")[0] + f"/{name}"


@pytest.fixture
def on_file(migrated_file: Path, tmp_path: Path, document: OpenApiContract) -> Iterator[Service]:
    """A service on an SQLite file."""
    file = shutil.copyfile(migrated_file, tmp_path / "books.db")
    with _serving(f"sqlite:///{file}", tmp_path, document) as service:
        yield service


@pytest.fixture
def on_postgres(server_with_template: PostgresServer, tmp_path: Path, document: OpenApiContract) -> Iterator[Service]:
    """A service on a database of the module's own PostgreSQL."""
    name = f"books_{uuid4().hex}"
    with psycopg.connect(server_with_template.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        with _serving(_url_of(server_with_template, name), tmp_path, document) as service:
            yield service
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def service(kind: str, request: pytest.FixtureRequest) -> Service:
    """A service on each database."""
    found: Service = request.getfixturevalue("on_file" if kind == "sqlite" else "on_postgres")
    return found
