"""The files for Prometheus and Grafana are valid, each alert fires when it should, and all metrics in them exist."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml  # type: ignore[import-untyped]  # no stubs are installed

from app.metrics.instruments import instruments
from devtools.databases import ROOT
from tests.monitoring.exported import NAMES

if TYPE_CHECKING:
    from pathlib import Path

RULES = ROOT / "deploy" / "prometheus-rules.yml"
TESTS = ROOT / "tests" / "monitoring" / "alerts.yml"
DASHBOARD = ROOT / "deploy" / "grafana-dashboard.json"
METRIC = re.compile(r"\bbooks_\w+")


def promtool(*arguments: object) -> str:
    """What promtool says, which must be content."""
    command = ["promtool", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  (our own command)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def alerts() -> dict[str, dict[str, Any]]:
    [group] = yaml.safe_load(RULES.read_text())["groups"]
    return {rule["alert"]: rule for rule in group["rules"]}


def queries() -> list[str]:
    """The queries of the dashboard's panels, with Grafana's variables replaced."""
    panels = json.loads(DASHBOARD.read_text())["panels"]
    expressions = [target["expr"] for panel in panels for target in panel.get("targets", [])]
    return [query.replace("$__rate_interval", "1m").replace("$instance", ".*") for query in expressions]


class TestRules:
    def test_are_valid(self) -> None:
        assert f"{len(alerts())} rules found" in promtool("check", "rules", RULES)

    def test_fire_when_they_should_and_only_then(self) -> None:
        assert "SUCCESS" in promtool("test", "rules", TESTS)

    def test_are_all_tested(self) -> None:
        [group] = yaml.safe_load(TESTS.read_text())["tests"]
        tested = {test["alertname"]: test["exp_alerts"] for test in group["alert_rule_test"]}
        assert tested.keys() == alerts().keys()
        assert all(tested.values())

    def test_a_test_that_expects_something_else_fails(self, tmp_path: Path) -> None:
        wrong = (
            TESTS.read_text().replace("../../deploy", str(RULES.parent)).replace("takes longer than 4.6s", "is fast")
        )
        (tmp_path / "alerts.yml").write_text(wrong)
        with pytest.raises(AssertionError, match="BooksSlow"):
            promtool("test", "rules", tmp_path / "alerts.yml")

    @pytest.mark.parametrize("name", alerts())
    def test_refer_to_metrics_that_exist(self, name: str) -> None:
        assert set(METRIC.findall(alerts()[name]["expr"])) <= NAMES

    def test_are_loaded_by_the_example_configuration(self) -> None:
        assert "1 rule files found" in promtool("check", "config", RULES.with_name("prometheus.yml"))


class TestDashboard:
    def test_has_queries_that_are_valid(self, tmp_path: Path) -> None:
        rules = [{"record": f"query:{number}", "expr": query} for number, query in enumerate(queries())]
        (tmp_path / "queries.yml").write_text(yaml.safe_dump({"groups": [{"name": "all", "rules": rules}]}))
        assert f"{len(rules)} rules found" in promtool("check", "rules", tmp_path / "queries.yml")

    def test_refers_to_metrics_that_exist(self) -> None:
        assert set(METRIC.findall(DASHBOARD.read_text())) <= NAMES

    def test_shows_every_metric_that_the_service_counts(self) -> None:
        shown = METRIC.findall(DASHBOARD.read_text())
        left_out = [one.exported for one in instruments() if not any(name.startswith(one.exported) for name in shown)]
        assert left_out == []

    def test_panels_do_not_overlap(self) -> None:
        places = [panel["gridPos"] for panel in json.loads(DASHBOARD.read_text())["panels"]]
        cells = [
            (place["x"] + x, place["y"] + y) for place in places for x in range(place["w"]) for y in range(place["h"])
        ]
        assert len(cells) == len(set(cells))
        assert max(x for x, _ in cells) < 24
