"""The catalogue on each database, filled once, and a client of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from app.database import Database
from app.main import create_app
from devtools.databases import settings_for
from devtools.templates import migrated_url
from tests.ranking.catalogue import fill
from tests.support.client import BASE, Client
from tests.support.factories import Factory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

    from tests.support.openapi_contract import OpenApiContract


@pytest.fixture(scope="package")
def service(
    kind: str, server_url: str, contract: OpenApiContract, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """The application, on the filled catalogue."""
    folder = tmp_path_factory.mktemp("ranking")
    with migrated_url(kind, server_url, folder) as url:
        database = Database.of(settings_for(url))
        app = create_app(settings_for(url, instance_path=folder), database)
        fill(database, Factory(Client(app, contract)).user().get("/auth/me").json()["id"])
        yield app
        database.engine.dispose()


@pytest.fixture(scope="package")
def reader(service: Flask, contract: OpenApiContract) -> Client:
    """A reader of first pages."""
    return Client(service, contract)


@pytest.fixture(scope="package")
def walker(service: Flask) -> Iterator[httpx.Client]:
    """A reader of very many books. To hold them all against the document would take most of the time."""
    with httpx.Client(transport=httpx.WSGITransport(app=service), base_url=BASE) as walker:
        yield walker
