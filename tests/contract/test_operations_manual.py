"""The page for operators describes each metric as the service exports it, and each alert."""

from __future__ import annotations

import re

import yaml  # type: ignore[import-untyped]  # no stubs are installed

from devtools.databases import ROOT
from tests.monitoring.exported import EXPORTED

PAGE = (ROOT / "docs" / "operations.md").read_text()


def rows(heading: str) -> list[str]:
    """The rows of the table under a heading, without its own two."""
    section = PAGE.partition(f"\n### {heading}\n")[2].partition("\n##")[0]
    return re.findall(r"^\|.*\|$", section, re.MULTILINE)[2:]


class TestMetrics:
    def test_are_described_as_they_describe_themselves(self) -> None:
        assert rows("Each metric") == [metric.row for metric in EXPORTED]

    def test_labels_are_explained(self) -> None:
        explained = PAGE.partition("\n### Each metric\n")[2].partition("\n### ")[0].rpartition("|\n")[2]
        labels = {label for metric in EXPORTED for label in metric.labels}
        obvious = {"status", "table", "version", "python"}
        assert {label for label in labels - obvious if f"`{label}`" not in explained} == set()


class TestAlerts:
    def test_each_says_what_to_do(self) -> None:
        [group] = yaml.safe_load((ROOT / "deploy" / "prometheus-rules.yml").read_text())["groups"]
        described = [re.findall(r"`(\w+)`", row)[0] for row in rows("What to do at each alert")]
        assert described == [rule["alert"] for rule in group["rules"]]
