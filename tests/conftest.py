"""Fixtures: a service on each database, clients of it, and makers of records."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

os.environ.pop("DATABASE_URL_FILE", None)  # the developer's own: it would conflict with the variable below
os.environ.pop("SECRET_KEY_FILE", None)  # likewise
os.environ.setdefault("DATABASE_URL", "sqlite:///:memory:")  # for app.database.engine and app.main.app
os.environ.setdefault("SECRET_KEY", "a secret for the tests, of more than 32 bytes")

import pytest
from sqlalchemy import text

from app.database import Database
from app.main import create_app
from app.models import User
from app.security.roles import ADMIN
from app.web.state import EXTENSION
from devtools.databases import DatabaseInside, fresh_url, settings_for
from devtools.postgres import PostgresServer, binaries
from devtools.templates import drop_postgres_templates, migrated_url
from tests.support.client import Client
from tests.support.copied_users import RecordedUser, UserCopies
from tests.support.factories import Factory
from tests.support.forging_provider import ForgingProvider, forging_provider
from tests.support.openapi_contract import OpenApiContract
from tests.support.quick_hashes import hash_at_normal_priority
from tests.support.quick_routes import remember_builders
from tests.support.scheduling import FilesOfOneDatabase, longest_first

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask
    from xdist.remote import Producer  # type: ignore[import-untyped]  # it has no types

    from app.settings import Settings

KINDS = ["sqlite", "postgresql"]
FORGET_LARGE_IDS = text(
    "SELECT setval(ids, 1, false) FROM (SELECT pg_get_serial_sequence(:table, 'id')::regclass AS ids) AS sequence"
    " WHERE pg_sequence_last_value(ids) > 1000000000"
)
"""A rollback leaves sequences behind the ids that a test supplied: later ids could not be supplied any more."""

remember_builders()
hash_at_normal_priority()


@pytest.hookimpl(trylast=True)  # after pytest has sorted them by their fixtures
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In all runs."""
    longest_first(items)


@pytest.hookimpl(optionalhook=True)  # by default, pytest-xdist is not used
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> FilesOfOneDatabase | None:
    """With `--dist loadfile`, our own order."""
    if config.getvalue("dist") != "loadfile":
        return None
    config.option.loadscopereorder = False
    return FilesOfOneDatabase(config, log)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server: the one that TEST_DATABASE_URL names, or one of our own."""
    external_url = os.environ.get("TEST_DATABASE_URL")
    if external_url:
        yield external_url
        drop_postgres_templates(external_url)
        return
    server = PostgresServer(in_memory=True)
    server.start()
    os.environ["PATH"] += f"{os.pathsep}{binaries()}"  # for pg_dump and pg_restore
    yield server.url
    server.remove()


@pytest.fixture(scope="module")
def own_postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server of the module's own, which its tests may stop or suspend."""
    server = PostgresServer(in_memory=True)
    server.start()
    yield server
    server.remove()


@pytest.fixture(scope="session", params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Every test that asks for a database runs on both."""
    return str(request.param)


@pytest.fixture(scope="session")
def server_url(kind: str, request: pytest.FixtureRequest) -> str:
    """PostgreSQL is started only for those who need it."""
    return str(request.getfixturevalue("postgres_url")) if kind == "postgresql" else ""


@pytest.fixture(scope="session")
def settings(kind: str, server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """The settings of the service under test."""
    folder = tmp_path_factory.mktemp("database")
    with migrated_url(kind, server_url, folder) as url:
        yield settings_for(url, instance_path=folder)


@pytest.fixture(scope="session")
def schema(settings: Settings) -> Iterator[Database]:
    """A migrated database."""
    database = Database.of(settings)
    yield database
    database.engine.dispose()


@pytest.fixture(scope="session")
def application(settings: Settings, schema: Database) -> Flask:
    """The application; each test gives it a database of its own."""
    return create_app(settings, schema)


@pytest.fixture(scope="session")
def contract(application: Flask) -> OpenApiContract:
    """The application's OpenAPI document, which every response must match."""
    document = application.test_client().get("/openapi.json").get_json()
    return OpenApiContract(document)


@pytest.fixture
def database(schema: Database) -> Iterator[DatabaseInside]:
    """A database that rolls back under the test."""
    with schema.engine.connect() as connection:
        outer = connection.begin()
        yield DatabaseInside(connection)
        outer.rollback()
        if connection.dialect.name == "postgresql":
            for table in ("authors", "books"):
                connection.execute(FORGET_LARGE_IDS, {"table": table})
            connection.commit()


def on_database(application: Flask, database: DatabaseInside) -> Flask:
    """The application on this database."""
    state = application.extensions[EXTENSION]
    signing_in = replace(state.signing_in, database=database)
    application.extensions[EXTENSION] = replace(state, database=database, signing_in=signing_in)
    return application


@pytest.fixture
def app(application: Flask, database: DatabaseInside) -> Flask:
    """The application on that database."""
    return on_database(application, database)


@pytest.fixture(scope="session")
def recorded_user(application: Flask, schema: Database, contract: OpenApiContract) -> RecordedUser:
    """A user who has registered and logged in, and of whom nothing remains but the record."""
    with schema.engine.connect() as connection:
        outer = connection.begin()
        client = Client(on_database(application, DatabaseInside(connection)), contract)
        recorded = RecordedUser.of(client, connection)
        outer.rollback()
    return recorded


@pytest.fixture
def user_copies(recorded_user: RecordedUser, app: Flask, database: DatabaseInside, client: Client) -> UserCopies:
    """Makes signed-in users without requests."""
    return UserCopies(recorded_user, app, database, client)


@pytest.fixture
def client(app: Flask, contract: OpenApiContract) -> Client:
    """A client that is not signed in."""
    return Client(app, contract)


@pytest.fixture
def make(client: Client, user_copies: UserCopies) -> Factory:
    """Makes what a test needs."""
    return Factory(client, user_copies)


@pytest.fixture
def member(make: Factory) -> Client:
    """A signed-in user."""
    return make.user()


@pytest.fixture
def admin(make: Factory, database: DatabaseInside) -> Client:
    """An admin, signed in. The first one is made where no client reaches."""
    first = make.user()
    database.mark(User, first.get("/auth/me").json()["id"], role=ADMIN)
    return first


@pytest.fixture
def own_url(kind: str, server_url: str, tmp_path: Path) -> Iterator[str]:
    """A migrated database for a test that must see real commits, or break things."""
    with migrated_url(kind, server_url, tmp_path) as url:
        yield url


@pytest.fixture
def own_database(own_url: str) -> Iterator[Database]:
    """The service's connections to it."""
    database = Database.of(settings_for(own_url))
    yield database
    database.engine.dispose()


@pytest.fixture
def empty_url(kind: str, server_url: str, tmp_path: Path) -> Iterator[str]:
    """An empty database, which is not migrated."""
    with fresh_url(kind, server_url, tmp_path) as url:
        yield url


@pytest.fixture(scope="session")
def provider_process() -> Iterator[ForgingProvider]:
    """The forging provider, which all tests share."""
    with forging_provider() as provider:
        yield provider


@pytest.fixture
def provider(provider_process: ForgingProvider) -> ForgingProvider:
    """An OpenID provider that behaves correctly until a test changes its responses."""
    provider_process.reset()
    return provider_process
