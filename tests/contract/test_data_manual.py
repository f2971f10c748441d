"""The manual of data and logs names every table and every event."""

from __future__ import annotations

import ast

from app.models import Base
from devtools.databases import ROOT

DATA = (ROOT / "docs" / "data.md").read_text()
SECURITY = (ROOT / "docs" / "security.md").read_text()
LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}


def logged_events() -> set[str]:
    """The names of all events that the service logs: the first argument of `log.info` and the like."""
    found = set()
    for path in (ROOT / "app").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LEVELS:
                [name, *_] = [argument.value for argument in node.args if isinstance(argument, ast.Constant)] or [None]
                if ast.unparse(node.func.value) in {"log", "logger"} and isinstance(name, str):
                    found.add(name)
    return found


class TestData:
    def test_every_table_has_a_level_of_protection(self) -> None:
        levels = DATA.partition("## Levels of protection")[2].partition("\n## ")[0]
        assert {name for name in Base.metadata.tables if f"`{name}`" not in levels} == set()


class TestLogs:
    def test_every_event_is_in_the_inventory(self) -> None:
        inventory = DATA.partition("## Logs")[2].partition("\n## ")[0] + SECURITY.partition("## The audit log")[2]
        assert {"request", "internal_error", "limits_back"} <= logged_events()
        assert {name for name in logged_events() if f"`{name}`" not in inventory} == set()
