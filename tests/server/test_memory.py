"""What the processes of the service have in memory, and what they share."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import psutil  # type: ignore[import-untyped]
import pytest

from devtools.databases import ROOT
from devtools.serving import migrated
from tests.support.serving import WITHOUT_TLS, Served, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

MEGABYTE = 2**20
HEAP = 64 * MEGABYTE
"""Bytes that glibc reserves for each further heap, at a multiple of its size."""
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


def further_heaps(process: psutil.Process) -> list[int]:
    """The addresses of glibc's heaps beside the first: each is followed by what is reserved for it."""
    mappings = []
    for line in Path(f"/proc/{process.pid}/maps").read_text().splitlines():
        addresses, permissions, *_ = line.split()
        start, end = (int(address, 16) for address in addresses.split("-"))
        mappings.append((start, end, permissions))
    return [
        start
        for (start, _, own), (_, end, reserved) in pairwise(mappings)
        if start % HEAP == 0 and end == start + HEAP and (own, reserved) == ("rw-p", "---p")
    ]


def test_idle_workers_share_the_application(served: Served) -> None:
    assert served.answers()
    assert min(worker.memory_full_info().uss for worker in workers(served)) < OWN * MEGABYTE


def test_threads_have_one_heap(served: Served) -> None:
    def get(number: int) -> int:
        url = f"{served.base}/books?limit={number + 1}&author_id=1&genre=a"
        return httpx.get(url, trust_env=False, verify=WITHOUT_TLS).status_code

    with ThreadPoolExecutor(16) as threads:
        assert set(threads.map(get, range(100))) == {200}
    assert [further_heaps(worker) for worker in workers(served)] == [[], []]


def test_what_a_service_does_not_use_is_not_imported() -> None:
    done = subprocess.run(  # noqa: S603  (our own command)
        [sys.executable, "-c", IMPORTED], cwd=ROOT, capture_output=True, text=True, check=True
    )
    packages = {name.partition(".")[0] for name in json.loads(done.stderr)}
    assert {"sqlalchemy", "structlog", "app"} <= packages
    assert not {"alembic", "mako", "rich", "pygments", "pymarc", "openpyxl", "authlib", "redis"} & packages
