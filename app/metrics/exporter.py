"""The port from which Prometheus fetches the metrics of all processes.

A thread of the supervisor serves it, so it answers while all workers are busy or stopped. It reads files and /proc
only. It uses no lock that a worker needs: a worker that is forked at that moment would find it locked for ever.
"""

from __future__ import annotations

import os
import platform
import socket
from socketserver import ThreadingMixIn
from threading import Thread
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import CollectorRegistry, ProcessCollector, make_wsgi_app
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from app import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import Protocol

    class Supervised(Protocol):
        """The processes of a run."""

        @property
        def configured(self) -> int:
            """How many workers there should be."""

        def processes(self) -> Mapping[str, int]:
            """The process ids of those that run, by name."""

        def deaths(self) -> Mapping[str, int]:
            """How often each worker had to be replaced."""


READS_WITHIN = 5.0
"""Seconds that a client may take to send its request."""


class Exporter:
    """Listens at once, and answers when it is started.

    Args:
        host: the address to listen on.
        port: the port to listen on.

    Raises:
        OSError: it cannot listen there.
    """

    def __init__(self, host: str, port: int) -> None:
        kind = _Server6 if ":" in host else _Server
        self._server = kind((host, port), _Handler)
        os.register_at_fork(after_in_child=self._server.socket.close)

    def start(self, folder: Path, supervised: Supervised) -> None:
        """Answer from now on, in a thread."""
        registry = CollectorRegistry()
        MultiProcessCollector(registry, str(folder))  # type: ignore[no-untyped-call]  # the library's
        registry.register(Processes(supervised))
        self._server.set_app(make_wsgi_app(registry))
        Thread(target=self._server.serve_forever, name="metrics", daemon=True).start()

    def close(self) -> None:
        """Stop listening; not to be called after `start`."""
        self._server.server_close()


class Processes(Collector):
    """What the operating system tells of the processes, and the supervisor of the workers.

    Args:
        supervised: the processes.
    """

    def __init__(self, supervised: Supervised) -> None:
        self._supervised = supervised

    def collect(self) -> Iterator[Metric]:
        """The metrics as they are now."""
        running = self._supervised.processes()
        yield InfoMetricFamily(
            "books_build",
            "The version of the service, and of Python.",
            value={"version": __version__, "python": platform.python_version()},
        )
        yield GaugeMetricFamily("books_workers", "Worker processes that run.", len(running) - 1)
        yield GaugeMetricFamily("books_workers_configured", "Worker processes of WORKERS.", self._supervised.configured)
        deaths = CounterMetricFamily("books_worker_deaths", "How often a worker was replaced.", labels=["process"])
        for name, number in self._supervised.deaths().items():
            deaths.add_metric([name], number)
        yield deaths
        yield from _of_processes(running)


def _of_processes(running: Mapping[str, int]) -> Iterator[Metric]:
    """The library's metrics of one process, each with the name of the process as a label."""
    found: dict[str, Metric] = {}
    for name, process in running.items():
        for metric in ProcessCollector("books", lambda process=process: process, registry=None).collect():  # type: ignore[misc]  # mypy knows no defaults of lambdas
            kept = found.setdefault(metric.name, Metric(metric.name, metric.documentation, metric.type))
            for sample in metric.samples:
                kept.add_sample(sample.name, {"process": name}, sample.value)
    yield from found.values()


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def server_bind(self) -> None:
        """Bind without looking up the host's name, which can take long."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])
        self.setup_environ()


class _Server6(_Server):
    address_family = socket.AF_INET6


class _Handler(WSGIRequestHandler):
    timeout = READS_WITHIN

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the base's)
        """Log nothing."""
