"""What the readiness probe says about a database that cannot be used, and that it never takes long to say it."""

from __future__ import annotations

import os
from time import monotonic
from types import SimpleNamespace
from typing import TYPE_CHECKING

import psycopg
import pytest

from devtools.polling import wait_until
from tests.support.probing import readiness

if TYPE_CHECKING:
    import httpx

    from devtools.postgres import PostgresServer
    from tests.faults.conftest import Service

WITHIN = 1.0
"""Seconds in which the probe answers."""
DISK_FULL, DATA_CORRUPTED = "53100", "XX001"


def cause(response: httpx.Response) -> str:
    assert response.status_code == 503
    assert int(response.headers["Retry-After"]) > 0
    return str(response.json()["cause"])


def database_of(service: Service) -> str:
    """The name of its database."""
    return str(service.database.engine.url.database)


class TestSchema:
    def test_of_an_older_version(self, service: Service) -> None:
        service.execute("UPDATE alembic_version SET version_num = '0001'")
        assert cause(readiness(service.client)) == "not_migrated"

    def test_of_a_newer_version(self, service: Service) -> None:
        service.execute("UPDATE alembic_version SET version_num = '9999'")
        response = readiness(service.client)
        assert (cause(response), response.json()["code"]) == ("newer", "database_newer")

    def test_without_its_tables(self, service: Service) -> None:
        for table in ("book_genres", "book_contributors", "books"):
            service.execute(f"ALTER TABLE {table} RENAME TO lost_{table}")
        assert cause(readiness(service.client)) == "schema_changed"
        assert cause(service.client.get("/books")) == "schema_changed"
        assert service.client.get("/authors/1").status_code == 200


class TestSilence:
    def test_is_said_in_time(self, own_postgres: PostgresServer, on_postgres: Service) -> None:
        assert on_postgres.client.get("/readyz").status_code == 200
        with own_postgres.silent():
            for _ in range(4):
                began = monotonic()
                assert cause(on_postgres.client.get("/readyz")) == "silent"
                assert monotonic() - began < WITHIN
            assert on_postgres.client.get("/healthz").status_code == 200
        wait_until(lambda: on_postgres.client.get("/readyz").status_code == 200, within=10)


class TestPostgresThatFails:
    @pytest.mark.parametrize(("state", "expected"), [(DISK_FULL, "full"), (DATA_CORRUPTED, "corrupt")])
    def test_says_why(self, on_postgres: Service, state: str, expected: str) -> None:
        raising = f"BEGIN RAISE EXCEPTION 'could not write' USING ERRCODE = '{state}'; END"
        on_postgres.execute(
            f"CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $${raising}$$",
            "CREATE TRIGGER fails BEFORE INSERT ON authors FOR EACH ROW EXECUTE FUNCTION fail()",
        )
        assert cause(on_postgres.add("Jane Austen")) == expected
        on_postgres.execute("DROP TRIGGER fails ON authors")
        assert on_postgres.add("Jane Austen").status_code == 201

    def test_is_not_ready_until_its_disk_has_space(self, on_postgres: Service) -> None:
        raising = f"BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '{DISK_FULL}'; END"
        on_postgres.execute(
            f"CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $${raising}$$",
            "CREATE TRIGGER fails BEFORE INSERT ON authors FOR EACH ROW EXECUTE FUNCTION fail()",
            f"CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $${raising}$$",
        )
        assert readiness(on_postgres.client).status_code == 200
        assert cause(on_postgres.add("Jane Austen")) == "full"
        on_postgres.execute(
            "CREATE EVENT TRIGGER refuses ON ddl_command_start WHEN TAG IN ('CREATE TABLE AS') "
            "EXECUTE FUNCTION refuse()"
        )
        assert cause(readiness(on_postgres.client)) == "full"
        on_postgres.execute("DROP EVENT TRIGGER refuses")
        assert readiness(on_postgres.client).status_code == 200

    def test_is_told_from_a_database_that_was_dropped(self, own_postgres: PostgresServer, on_postgres: Service) -> None:
        with psycopg.connect(own_postgres.url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {database_of(on_postgres)} WITH (FORCE)".encode())
        wait_until(lambda: cause(readiness(on_postgres.client)) == "deleted", within=10)
        assert cause(on_postgres.add("Jane Austen")) == "deleted"

    def test_is_told_from_a_database_that_was_renamed(self, own_postgres: PostgresServer, on_postgres: Service) -> None:
        name = database_of(on_postgres)
        on_postgres.database.engine.dispose()
        with psycopg.connect(own_postgres.url, autocommit=True) as connection:
            connection.execute(f"ALTER DATABASE {name} RENAME TO renamed".encode())
            assert cause(readiness(on_postgres.client)) == "deleted"
            connection.execute(f"ALTER DATABASE renamed RENAME TO {name}".encode())
        assert readiness(on_postgres.client).status_code == 200


class TestDiskOfSqlite:
    def test_that_is_full(self, on_file: Service, monkeypatch: pytest.MonkeyPatch) -> None:
        full = SimpleNamespace(f_bavail=100, f_bfree=100, f_blocks=10**6, f_frsize=4096)
        with monkeypatch.context() as patch:
            patch.setattr(os, "statvfs", lambda _path: full)
            assert cause(readiness(on_file.client)) == "full"
        assert readiness(on_file.client).status_code == 200
