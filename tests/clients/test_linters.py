"""Linters of OpenAPI documents: they find nothing but what is excused, with a reason, in their configurations."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clients.conftest import run

pytestmark = pytest.mark.slow


def test_redocly(workshop: Path) -> None:
    done = run(workshop / "node_modules/.bin/redocly", "lint", "--format", "json", "openapi.json", cwd=workshop)
    assert (done.returncode, '"totals":{"errors":0,"warnings":0' in "".join(done.stdout.split())) == (0, True), (
        done.stdout
    )


def test_spectral(workshop: Path) -> None:
    tool = workshop / "node_modules/.bin/spectral"
    done = run(tool, "lint", "--ruleset", "spectral.yaml", "--fail-severity", "hint", "openapi.json", cwd=workshop)
    assert done.returncode == 0, done.stdout
