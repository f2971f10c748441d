"""A catalogue of ten thousand books on each database, a reader, and a client that edits it meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from app.database import Database
from app.main import create_app
from devtools.change_log import faults_of_log
from devtools.databases import settings_for
from devtools.templates import migrated_url
from tests.support.client import BASE, Client
from tests.support.factories import Factory
from tests.walks.catalogue import fill
from tests.walks.concurrent_editor import ConcurrentEditor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask

    from tests.support.openapi_contract import OpenApiContract


@pytest.fixture(scope="package")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the database and the service keep what they keep."""
    return tmp_path_factory.mktemp("walk")


@pytest.fixture(scope="package")
def url(kind: str, server_url: str, folder: Path) -> Iterator[str]:
    """The database, migrated."""
    with migrated_url(kind, server_url, folder) as url:
        yield url


@pytest.fixture(scope="package")
def catalogue(url: str) -> Iterator[Database]:
    """The service's connections to it; real commits."""
    database = Database.of(settings_for(url))
    yield database
    with database.reading() as connection:
        assert faults_of_log(connection) == {}, "after all walks"
    database.engine.dispose()


@pytest.fixture(scope="package")
def service(catalogue: Database, url: str, folder: Path) -> Flask:
    """The application on it."""
    return create_app(settings_for(url, instance_path=folder), catalogue)


@pytest.fixture(scope="package")
def editor(service: Flask, catalogue: Database, contract: OpenApiContract) -> ConcurrentEditor:
    """A client that owns all books, and edits them."""
    member = Factory(Client(service, contract)).user()
    fill(catalogue, member.get("/auth/me").json()["id"])
    return ConcurrentEditor(member, catalogue)


@pytest.fixture(scope="package")
def reader(service: Flask) -> Iterator[httpx.Client]:
    """A reader of very many books. To hold them all against the document would take most of the time."""
    with httpx.Client(transport=httpx.WSGITransport(app=service), base_url=BASE) as reader:
        yield reader
