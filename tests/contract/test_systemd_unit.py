"""deploy/books-api.service is a valid unit, withholds what the service does not need, and agrees with run.py."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from app.settings import Settings
from app.settings.files import SUFFIX, may_be_secret
from devtools.databases import ROOT
from run import DRAIN_SECONDS

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow  # not since it takes long: `make test` runs where there is no systemd, too

UNIT = ROOT / "deploy" / "books-api.service"
HOME = "/opt/books-api"
MOST_EXPOSED = 30
"""In tenths, as `systemd-analyze security` rates a unit: 100 is the worst."""


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The unit, as if this checkout were installed."""
    here = UNIT.read_text().replace(f"{HOME}/.venv", sys.prefix).replace(HOME, str(ROOT))
    copy = tmp_path / UNIT.name
    copy.write_text(here)
    return copy


def options(name: str) -> list[str]:
    """The values of an option of the unit, from all its lines."""
    return [line.partition("=")[2] for line in UNIT.read_text().splitlines() if line.startswith(f"{name}=")]


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  (our own command)
        ["systemd-analyze", *arguments],  # noqa: S607  (wherever it is installed)
        capture_output=True,
        text=True,
        check=False,
    )


def test_is_valid(installed: Path) -> None:
    verified = analyze("verify", "--recursive-errors=no", str(installed))
    assert (verified.returncode, verified.stderr) == (0, "")


def test_is_hardened() -> None:
    rated = analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED}", "--no-pager", str(UNIT))
    assert rated.returncode == 0, rated.stdout


def test_waits_until_requests_are_finished() -> None:
    assert int(options("TimeoutStopSec")[0]) > DRAIN_SECONDS


def test_has_the_secrets_that_settings_name() -> None:
    credentials = {value.partition(":")[0]: value.partition(":")[2] for value in options("LoadCredential")}
    variables = dict(value.split("=") for value in options("Environment")[0].split())
    assert variables == {f"{name.upper()}{SUFFIX}": f"%d/{name}" for name in credentials}
    assert all(may_be_secret(Settings.model_fields[name]) for name in credentials)
