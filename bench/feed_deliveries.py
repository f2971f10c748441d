"""Webhooks beside the feed: a receiver, and two commands that deliver to it, which are killed and started again."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import select

from app.models import Change
from devtools.databases import ROOT

if TYPE_CHECKING:
    import random

    from sqlalchemy import Connection

DELIVERERS = 2
EVENTS = ("author.created", "author.updated", "author.deleted", "book.deleted")
"""Some of all changes: a delivery takes more processor time than the write that it tells of."""
SETTINGS = {"webhooks_allow_private": "127.0.0.1", "webhooks_in_service": False}
"""Of the services: only the commands deliver."""


class Deliveries:
    """What a webhook's receiver got.

    Args:
        environment: the variables of the commands.
    """

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        self._processes: list[subprocess.Popen[bytes]] = []
        self._received: Counter[int] = Counter()
        """How often each change arrived, by its id."""
        received = self._received

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                received[content["data"]["change"]] += 1
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the base's)
                """Log nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = Thread(target=self._server.serve_forever, args=[0.05])

    @property
    def webhook(self) -> dict[str, Any]:
        """The webhook to create."""
        return {"url": f"http://127.0.0.1:{self._server.server_port}/", "events": list(EVENTS)}

    @property
    def received(self) -> int:
        """How many changes arrived."""
        return len(self._received)

    @property
    def repeated(self) -> int:
        """How many deliveries arrived more than once, since a deliverer was killed between attempt and commit."""
        return sum(times - 1 for times in self._received.values())

    def __enter__(self) -> Self:
        self._thread.start()
        self._processes = [self._start() for _ in range(DELIVERERS)]
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            process.kill()
            process.wait()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def kill_one(self, chance: random.Random) -> None:
        """Kill a deliverer with SIGKILL, and start another."""
        victim = chance.randrange(DELIVERERS)
        self._processes[victim].kill()
        self._processes[victim].wait()
        self._processes[victim] = self._start()

    def revive(self) -> None:
        """Start those again that ended since the database was gone while they began, as a service manager would."""
        self._processes = [self._start() if process.poll() is not None else process for process in self._processes]

    def missing(self, connection: Connection) -> list[int]:
        """The ids of the changes that the receiver should have got, and did not get."""
        wanted = (Change.kind + "." + Change.action).in_(EVENTS)
        return [each for each in connection.scalars(select(Change.id).where(wanted)) if each not in self._received]

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "scripts.deliver_webhooks"]
        quiet = subprocess.DEVNULL
        return subprocess.Popen(command, cwd=ROOT, env=self._environment, stdout=quiet, stderr=quiet)  # noqa: S603  (our own command)
