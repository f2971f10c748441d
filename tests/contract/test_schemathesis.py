"""Schemathesis makes requests out of the OpenAPI document, and holds each answer against it: all checks, every run.

The run here is short and always the same. The longer run, against a server with RATE_LIMIT_ENABLED=false
on a database that may be filled with nonsense; DATABASE_URL and SECRET_KEY are the server's:

    PYTHONPATH=. SCHEMATHESIS_HOOKS=tests.contract.schemathesis_auth \
        schemathesis --config-file tests/contract/schemathesis.toml run http://localhost:5000/openapi.json \
        --max-time 600 --continue-on-failure
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from devtools.databases import ROOT, SECRET
from tests.support.factories import Factory
from tests.support.serving import serving

if TYPE_CHECKING:
    from tests.support.serving import Served

pytestmark = pytest.mark.slow

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
PROGRAM = Path(sys.executable).with_name("schemathesis")
EXAMPLES = 5
"""Requests of each kind for each operation, besides those that cover the edges of its schema."""


def run_schemathesis(served: Served, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run schemathesis as an admin."""
    command: list[str | Path] = [
        PROGRAM,
        "--no-color",
        "--config-file",
        CONFIGURATION,
        "run",
        f"{served.base}/openapi.json",
    ]
    command += ["--continue-on-failure", "--generation-deterministic", "--max-examples", str(EXAMPLES)]
    return subprocess.run(  # noqa: S603  (our own command)
        command,
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "PYTHONUTF8": "1",
            "PYTHONPATH": str(ROOT),
            "SCHEMATHESIS_HOOKS": "tests.contract.schemathesis_auth",
            "DATABASE_URL": served.url,
            "SECRET_KEY": SECRET,
        },
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )


class TestSchemathesis:
    def test_finds_nothing(self, own_url: str, tmp_path: Path) -> None:
        with serving(own_url, tmp_path) as served:
            member = served.member()
            Factory(member).book(member)
            done = run_schemathesis(served, tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
