"""A real Redis for the tests, where one is installed."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from devtools.postgres import free_port

PROGRAM = next(filter(None, map(shutil.which, ("redis-server", "valkey-server"))), None)
READY_WITHIN = 20


class RedisServer:
    """A server of our own on a port of its own, which keeps nothing; it can be stopped, started, and made to hang."""

    def __init__(self) -> None:
        if PROGRAM is None:
            pytest.skip("no Redis is installed here (Debian: apt-get install redis-server)")
        self.folder = Path(tempfile.mkdtemp(prefix="books-api-redis-"))
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """What RATE_LIMIT_STORAGE says."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start, and wait until it answers."""
        options = {"port": self.port, "bind": "127.0.0.1", "save": "", "appendonly": "no", "dir": self.folder}
        arguments = [part for name, value in options.items() for part in (f"--{name}", str(value))]
        self._process = subprocess.Popen(  # noqa: S603  (our own command)
            [str(PROGRAM), *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + READY_WITHIN
        while not self._answers():
            if time.monotonic() > deadline or self._process.poll() is not None:
                pytest.fail("Redis did not start")
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop at once; what was counted is gone."""
        if self._process is not None:
            self.resume()
            self._process.terminate()
            self._process.wait(READY_WITHIN)
            self._process = None

    def hang(self) -> None:
        """From now on it takes connections, and says nothing."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """No longer hang."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    def remove(self) -> None:
        """Stop, and leave nothing."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as line:
                line.sendall(b"PING\r\n")
                return line.recv(16).startswith(b"+PONG")
        except OSError:
            return False
