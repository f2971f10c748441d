"""A service on an SQLite file of its own, which its tests delete, replace and damage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from app.database import Database
from app.main import create_app
from devtools.databases import migrate, settings_for
from tests.support.client import Client
from tests.support.factories import Factory
from tests.support.openapi_contract import OpenApiContract

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True)
class OnFile:
    """A service in this process, and its file."""

    file: Path
    client: Client
    member: Client

    @property
    def companions(self) -> list[Path]:
        """The write-ahead log and the shared memory."""
        return [self.file.with_name(self.file.name + suffix) for suffix in ("-wal", "-shm")]


@pytest.fixture
def on_file(tmp_path: Path, sqlite_contract: OpenApiContract) -> Iterator[OnFile]:
    """A service with a member and the author 1."""
    file = tmp_path / "books.db"
    settings = settings_for(f"sqlite:///{file}", instance_path=tmp_path)
    database = Database.of(settings)
    migrate(database.engine)
    client = Client(create_app(settings, database), sqlite_contract)
    member = Factory(client).user()
    Factory(member).author(member, id=1)
    yield OnFile(file, client, member)
    database.engine.dispose()


@pytest.fixture(scope="session")
def sqlite_contract(tmp_path_factory: pytest.TempPathFactory) -> OpenApiContract:
    """The OpenAPI document; it needs no database."""
    settings = settings_for("sqlite:///:memory:", instance_path=tmp_path_factory.mktemp("document"))
    return OpenApiContract(create_app(settings).test_client().get("/openapi.json").get_json())
