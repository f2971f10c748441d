"""The port from which Prometheus fetches the metrics."""

from __future__ import annotations

import platform
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import httpx
import pytest

from app import __version__
from app.metrics import exporter
from app.metrics.exporter import Exporter
from devtools.databases import ROOT
from devtools.postgres import free_port
from tests.monitoring.exported import OneWorker
from tests.support.serving import WITHOUT_TLS

if TYPE_CHECKING:
    from pathlib import Path

FORK = """
import os, signal, sys
from app.metrics.exporter import Exporter
port = int(sys.argv[1])
exporter = Exporter("127.0.0.1", port)
ready, says = os.pipe()
child = os.fork()
if child == 0:
    os.write(says, b".")
    signal.pause()
os.read(ready, 1)
exporter.close()
try:
    Exporter("127.0.0.1", port).close()
finally:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
"""
"""Opens the port again while a process lives that was forked when it was open."""


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of an exporter with little patience."""
    monkeypatch.setattr(exporter._Handler, "timeout", 0.2)  # noqa: SLF001  (a class attribute of http.server)
    port = free_port()
    Exporter("127.0.0.1", port).start(tmp_path, OneWorker())
    return f"http://127.0.0.1:{port}"


class TestMetrics:
    def test_tell_of_each_process(self, base: str) -> None:
        lines = httpx.get(f"{base}/metrics", trust_env=False, verify=WITHOUT_TLS).text.splitlines()
        assert f'books_build_info{{python="{platform.python_version()}",version="{__version__}"}} 1.0' in lines
        assert "books_workers 1.0" in lines
        assert "books_workers_configured 1.0" in lines
        assert 'books_worker_deaths_total{process="worker-1"} 3.0' in lines
        for name in ("supervisor", "worker-1"):
            [memory] = [
                line for line in lines if line.startswith(f'books_process_resident_memory_bytes{{process="{name}"')
            ]
            assert float(memory.split()[-1]) > 1_000_000

    def test_come_over_ipv6_too(self, tmp_path: Path) -> None:
        port = free_port()
        Exporter("::1", port).start(tmp_path, OneWorker())
        assert httpx.get(f"http://[::1]:{port}/metrics", trust_env=False, verify=WITHOUT_TLS).is_success

    def test_are_answered_beside_a_client_that_sends_nothing(self, base: str) -> None:
        with socket.create_connection(("127.0.0.1", int(base.rpartition(":")[2]))) as silent:
            assert httpx.get(f"{base}/metrics", trust_env=False, verify=WITHOUT_TLS).is_success
            silent.settimeout(10)
            assert silent.recv(1) == b""  # closed by the exporter

    def test_are_read_only(self, base: str) -> None:
        assert httpx.post(f"{base}/metrics", trust_env=False, verify=WITHOUT_TLS).status_code == 405


class TestPort:
    def test_in_use_is_an_error_at_once(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
            Exporter("127.0.0.1", taken.getsockname()[1])

    def test_is_not_kept_by_a_forked_process(self) -> None:
        done = subprocess.run(  # noqa: S603  (our own command)
            [sys.executable, "-c", FORK, str(free_port())], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
