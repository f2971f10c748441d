"""What the processes of the service have in memory, and what they share."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import psutil  # type: ignore[import-untyped]
import pytest

from devtools.databases import ROOT
from devtools.serving import migrated
from tests.support.serving import Served, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

MEGABYTE = 2**20
OWN = 26
"""Megabytes that are an idle worker's own: 16 to 20; 36 when it created the application itself."""
IMPORTED = """
import json, runpy, sys
sys.argv = ["run.py", "--help"]
try:
    runpy.run_path("run.py", run_name="__main__")
except SystemExit:
    import app.front.application
    sys.stderr.write(json.dumps([name for name, module in sys.modules.items() if module]))
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("memory")
    with serving(migrated(f"sqlite:///{folder}/books.db"), folder, workers=2) as served:
        yield served


def workers(served: Served) -> list[psutil.Process]:
    """The worker processes."""
    return list(psutil.Process(served.process.pid).children())


def test_idle_workers_share_the_application(served: Served) -> None:
    assert served.answers()
    assert min(worker.memory_full_info().uss for worker in workers(served)) < OWN * MEGABYTE


def test_what_a_service_does_not_use_is_not_imported() -> None:
    done = subprocess.run(  # noqa: S603  (our own command)
        [sys.executable, "-c", IMPORTED], cwd=ROOT, capture_output=True, text=True, check=True
    )
    packages = {name.partition(".")[0] for name in json.loads(done.stderr)}
    assert {"sqlalchemy", "structlog", "app"} <= packages
    assert not {"alembic", "mako", "rich", "pygments", "pymarc", "openpyxl", "authlib", "redis"} & packages
