"""What the Compose files promise: no published database, no fixed password, and containers with few rights."""

from __future__ import annotations

from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # no stubs are installed, and only this test reads YAML

from app.settings import POSTGRES_DEFAULT
from devtools.databases import ROOT

FILES = ("docker-compose.yml", "docker-compose.full.yml")


def services(file: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / file).read_text())["services"]
    return found


SERVICES = [(file, name) for file in FILES for name in services(file)]


class TestContainers:
    @pytest.mark.parametrize(("file", "name"), SERVICES)
    def test_have_few_rights(self, file: str, name: str) -> None:
        service = services(file)[name]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["read_only"] is True
        assert "/tmp" in service["tmpfs"]  # noqa: S108  (in a container)
        assert not service.get("privileged")

    def test_of_the_service_have_no_rights(self) -> None:
        assert "cap_add" not in services("docker-compose.full.yml")["api"]


class TestDatabase:
    def test_alone_is_that_of_the_default_url_and_reached_from_this_machine_only(self) -> None:
        database = services("docker-compose.yml")["db"]
        assert database["ports"] == ["127.0.0.1:5432:5432"]
        assert database["environment"]["POSTGRES_PASSWORD"] == "${POSTGRES_PASSWORD:-password}"  # noqa: S105  (the documented default)
        name = database["environment"]["POSTGRES_DB"]
        assert f"postgresql+psycopg2://postgres:password@localhost:5432/{name}" == POSTGRES_DEFAULT

    def test_with_the_service_publishes_nothing_and_has_no_default_password(self) -> None:
        full = services("docker-compose.full.yml")
        assert {name for name, service in full.items() if "ports" in service} == {"proxy"}
        assert full["db"]["networks"] == ["inside"]
        assert full["db"]["environment"]["POSTGRES_PASSWORD"].startswith("${POSTGRES_PASSWORD:?")
        assert ":password@" not in full["api"]["environment"]["DATABASE_URL"]


class TestMetrics:
    def test_are_off_by_default_and_never_published(self) -> None:
        service = services("docker-compose.full.yml")["api"]
        assert service["environment"]["METRICS_PORT"] == "${METRICS_PORT:-}"
        assert "ports" not in service
