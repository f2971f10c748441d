"""Serve the application: `python run.py`. PORT, HOST, WORKERS, THREADS and more come from the environment or `.env`."""

from __future__ import annotations

import gc

if __name__ == "__main__":
    gc.disable()  # until `preload`: there is no garbage yet, and looking for it takes a tenth of the start

import sys

if __name__ == "__main__":
    # structlog and Alembic import them, if they can, for tracebacks in colour, which the service never shows: 9 MB.
    sys.modules |= dict.fromkeys(("rich", "pygments"))  # type: ignore[arg-type]  # None: an import of it fails

import argparse
import os
import signal
import socket
from contextlib import ExitStack
from errno import EADDRINUSE
from typing import TYPE_CHECKING

import structlog
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from app.database import open_database
from app.db.bulkheads import Kind
from app.db.connection_count import warn_of_too_many_connections
from app.errors import BooksError
from app.front.open_files import connections
from app.front.preloading import preload
from app.front.supervisor import Supervisor
from app.metrics.exporter import Exporter
from app.metrics.sharing import FIRST_WORKER, SUPERVISOR, reserve, run_folder, share
from app.observability.logs import configure_logs
from app.security.signing_keys import signing_secrets
from app.settings import SettingsError, load_settings

if TYPE_CHECKING:
    from pathlib import Path

    from app.settings import Settings

log = structlog.get_logger(__name__)

DRAIN_SECONDS = 30
"""How long a stopping worker may take to finish its requests."""

BACKLOG = 4096
"""How many connections may wait to be accepted; the operating system may allow fewer."""


def main() -> None:
    """Check the prerequisites, then serve until told to stop."""
    with ExitStack() as closing:
        serve(closing)


def serve(closing: ExitStack) -> None:
    """Check the prerequisites, then serve until told to stop.

    Args:
        closing: closes what must be closed at the end.
    """
    try:
        settings = load_settings()
        configure_logs(settings)
        metrics = shared_metrics(settings, closing)
        database = open_database(settings)
        with database.reading(Kind.HEALTH) as connection:
            warn_of_too_many_connections(connection, settings)
        database.engine.dispose()
        signing_secrets(settings)
        require_free_port(settings)
        exporter = listening_exporter(settings)
        preload()
    except (BooksError, SettingsError, OSError) as error:
        sys.exit(f"run.py: {' '.join(str(error).split())}")
    # A worker that is told to stop while it is starting would run granian's handler, inherited from its parent.
    os.register_at_fork(after_in_child=_forget_handlers)
    print(f"Books API serves on {address(settings)}; Ctrl+C stops it.", flush=True)  # noqa: T201  (for the operator)
    supervisor = Supervisor(
        "app.front.application:create_front",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGINL,
        http=HTTPModes.auto if settings.http2 else HTTPModes.http1,
        websockets=False,
        http1_settings=HTTP1Settings(header_read_timeout=settings.header_timeout * 1000),
        workers=settings.workers,
        backlog=BACKLOG,
        backpressure=connections(settings),
        respawn_failed_workers=True,
        workers_kill_timeout=DRAIN_SECONDS,
        log_level=LogLevels.error,
        metrics=metrics,
    )
    if exporter is not None and metrics is not None:
        exporter.start(metrics, supervisor)
        print(f"Metrics are exported on {settings.metrics_host}:{settings.metrics_port}.", flush=True)  # noqa: T201  (likewise)
    supervisor.serve()


def shared_metrics(settings: Settings, closing: ExitStack) -> Path | None:
    """The folder in which the workers share their metrics; None without metrics, or if there is no room for them."""
    if settings.metrics_port is None:
        return None
    try:
        folder = closing.enter_context(run_folder())
        for process in (SUPERVISOR, *range(FIRST_WORKER, FIRST_WORKER + settings.workers)):
            reserve(folder, process)
    except OSError as error:
        log.error("metrics_unavailable", cause=repr(error))  # noqa: TRY400  (the cause says all)
        return None
    share(folder)
    return folder


def listening_exporter(settings: Settings) -> Exporter | None:
    """What exports the metrics, on their port; None without metrics.

    Raises:
        SettingsError: the port cannot be used.
    """
    if settings.metrics_port is None:
        return None
    if settings.metrics_port == settings.port:
        msg = f"METRICS_PORT must differ from PORT, which is {settings.port} too"
        raise SettingsError(msg)
    try:
        return Exporter(settings.metrics_host, settings.metrics_port)
    except OSError as error:
        where = f"{settings.metrics_host}:{settings.metrics_port}"
        msg = f"cannot listen on {where} (METRICS_HOST, METRICS_PORT): {error.strerror}"
        raise SettingsError(msg) from None


def _forget_handlers() -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)


def address(settings: Settings) -> str:
    """The service's address, as reached from this machine."""
    host = "localhost" if settings.host in {"127.0.0.1", "::1", "0.0.0.0", "::"} else settings.host  # noqa: S104  (only compared)
    return f"http://{host}:{settings.port}"


def require_free_port(settings: Settings) -> None:
    """Detect now what granian's workers would report only in tracebacks.

    Raises:
        SettingsError: the address is in use, or not this machine's.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            hint = f"; choose another, such as PORT={settings.port + 1}" if error.errno == EADDRINUSE else ""
            msg = f"cannot listen on {settings.host}:{settings.port} (HOST, PORT): {error.strerror}{hint}"
            raise SettingsError(msg) from None


if __name__ == "__main__":
    argparse.ArgumentParser(prog="python run.py", description=__doc__).parse_args()
    main()
