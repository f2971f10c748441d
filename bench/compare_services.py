"""The services that are compared, each started on a port of its own with two workers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx
import psutil  # type: ignore[import-untyped]
from psutil import NoSuchProcess

from bench.compare_install import NODE, PYTHON, install_node, install_python
from devtools.databases import ROOT
from devtools.polling import answers, wait_until
from devtools.postgres import free_port
from devtools.serving import serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

WORKERS = 2
THREADS = 16
"""Of each worker of gunicorn."""
STARTS_WITHIN, STOPS_WITHIN = 60, 15
UNLIMITED = "1000000000/second"
"""A rate limit that is checked for every request, and never reached."""
ACCOUNT = {"username": "compared", "password": "a pair of scales"}
UVICORN = (str(PYTHON), "-m", "uvicorn", "--no-access-log", "--log-level", "warning", "--workers", str(WORKERS))
GUNICORN = (
    *(str(PYTHON), "-m", "gunicorn", "--worker-class", "gthread", "--workers", str(WORKERS)),
    *("--threads", str(THREADS), "--keep-alive", "60", "--log-level", "warning"),
)
GRANIAN = (sys.executable, "-m", "granian", "--workers", str(WORKERS), "--no-ws", "--log-level", "warning")


@dataclass(frozen=True)
class Service:
    """A service that is compared.

    Attributes:
        key: by which `PEERS` names it.
        name: in the report.
        command: what starts it on a port.
        install: what installs its packages.
        says_hello: whether it only answers `/`, and marks what a server can do at most.
    """

    key: str
    name: str
    command: Callable[[int], Sequence[str]]
    install: Callable[[], None]
    says_hello: bool = False


@dataclass
class Running:
    """A running service: its address, what authorizes writes, and its first process."""

    base: str
    token: str
    process: psutil.Process

    def processes(self) -> list[psutil.Process]:
        """All its processes."""
        return [self.process, *self.process.children(recursive=True)]

    def cpu_seconds(self) -> float:
        """The processor time that its processes have used, including those that have ended."""
        own = sum(sum(one.cpu_times()[:2]) for one in self.processes())
        return float(own + sum(self.process.cpu_times()[2:4]))

    def megabytes(self) -> float:
        """The memory of all its processes (PSS: shared pages are counted once)."""
        return float(sum(one.memory_full_info().pss for one in self.processes()) / 2**20)


def _uvicorn(module: str) -> Callable[[int], Sequence[str]]:
    return lambda port: (*UVICORN, "--port", str(port), f"bench.peers.{module}:app")


def _gunicorn(module: str) -> Callable[[int], Sequence[str]]:
    return lambda port: (*GUNICORN, "--bind", f"127.0.0.1:{port}", f"bench.peers.{module}:app")


def _granian(interface: str, module: str) -> Callable[[int], Sequence[str]]:
    return lambda port: (*GRANIAN, "--interface", interface, "--port", str(port), f"bench.peers.{module}:app")


def _nothing() -> None:
    """The packages of the service suffice."""


PEERS = [
    Service("fastapi-orm", "FastAPI, async ORM", _uvicorn("fastapi_orm"), install_python),
    Service("fastapi-tuned", "FastAPI, asyncpg + orjson", _uvicorn("fastapi_tuned"), install_python),
    Service("django", "Django REST", _gunicorn("django_rest.wsgi"), install_python),
    Service("flask", "Flask, ORM", _gunicorn("flask_orm"), install_python),
    Service("fastify", "Fastify + pg", lambda _port: ("node", str(NODE / "server.mjs")), install_node),
    Service("hello-flask", "hello: Flask on granian", _granian("wsgi", "hello_flask"), _nothing, says_hello=True),
    Service("hello-wsgi", "hello: WSGI on granian", _granian("wsgi", "hello_wsgi"), _nothing, says_hello=True),
    Service("hello-asgi", "hello: ASGI on granian", _granian("asgi", "hello_asgi"), _nothing, says_hello=True),
]


@contextmanager
def running(peer: Service | None, url: str, folder: Path) -> Iterator[Running]:
    """Run a peer, or our service (None), on this database until the block ends.

    Raises:
        RuntimeError: it did not start.
    """
    with _ours(url, folder) if peer is None else _peer(peer, url, folder) as service:
        wait_until(lambda: len(service.processes()) > WORKERS, within=STARTS_WITHIN)
        yield service


@contextmanager
def _ours(url: str, folder: Path) -> Iterator[Running]:
    """Our service as `run.py` starts it by default, with metrics, and limits that never refuse."""
    limits = dict.fromkeys(("rate_limit_reads", "rate_limit_writes"), UNLIMITED)
    settings = {"rate_limit_enabled": True, "metrics_port": free_port(), "workers": WORKERS, **limits}
    defaults = dict.fromkeys(("threads", "log_format", "bcrypt_rounds"))
    with serving(url, folder, **settings, **defaults) as server:
        with httpx.Client(base_url=server.base, trust_env=False, timeout=60) as client:
            registered = client.post("/register", json=ACCOUNT)
            if registered.status_code not in {httpx.codes.CREATED, httpx.codes.CONFLICT}:
                registered.raise_for_status()
            token = client.post("/auth/login", json=ACCOUNT).raise_for_status().json()["access_token"]
        yield Running(server.base, token, psutil.Process(server.process.pid))


@contextmanager
def _peer(peer: Service, url: str, folder: Path) -> Iterator[Running]:
    port = free_port()
    environment = {"DATABASE_URL": url, "PORT": str(port), "WORKERS": str(WORKERS), "PYTHONPATH": str(ROOT)}
    environment |= {"PATH": os.environ["PATH"], "NODE_ENV": "production", "PYTHONDONTWRITEBYTECODE": "1"}
    log = folder / f"{peer.key}.log"
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603  (our own command)
            peer.command(port), cwd=folder, env=environment, stdout=output, stderr=output, start_new_session=True
        )
    base = f"http://127.0.0.1:{port}"
    path = "/" if peer.says_hello else "/books/1"
    try:
        wait_until(lambda: process.poll() is not None or answers(base + path), within=STARTS_WITHIN)
        if process.poll() is not None:
            msg = f"{peer.name} did not start:\n{log.read_text()[-2000:]}"
            raise RuntimeError(msg)
        yield Running(base, "", psutil.Process(process.pid))
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Stop all processes of a peer, which is the leader of its process group."""
    workers = []
    if process.poll() is None:
        with suppress(NoSuchProcess):
            workers = psutil.Process(process.pid).children(recursive=True)
        process.terminate()
        try:
            process.wait(STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(STOPS_WITHIN)
    _, remaining = psutil.wait_procs(workers, STOPS_WITHIN)
    for worker in remaining:
        worker.kill()
