"""A real Redis for tests, from the system's binaries."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from devtools.polling import wait_until
from devtools.postgres import free_port

PROGRAM = next(filter(None, map(shutil.which, ("redis-server", "valkey-server"))), None)
READY_WITHIN = 20


class RedisServer:
    """A private server on its own port, without persistence; it can be stopped, started, and made to hang."""

    def __init__(self) -> None:
        if PROGRAM is None:
            msg = "Redis is not installed (Debian: apt-get install redis-server)"
            raise RuntimeError(msg)
        self.folder = Path(tempfile.mkdtemp(prefix="books-api-redis-"))
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The value for RATE_LIMIT_STORAGE."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start, and wait until it responds."""
        options = {"port": self.port, "bind": "127.0.0.1", "save": "", "appendonly": "no", "dir": self.folder}
        arguments = [part for name, value in options.items() for part in (f"--{name}", str(value))]
        self._process = process = subprocess.Popen(  # noqa: S603  (our own command)
            [str(PROGRAM), *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        with suppress(TimeoutError):
            wait_until(lambda: process.poll() is not None or self._answers(), within=READY_WITHIN)
        if not self._answers():
            msg = "Redis did not start"
            raise RuntimeError(msg)

    def stop(self) -> None:
        """Stop at once; the counters are lost."""
        if self._process is not None:
            self.resume()
            self._process.terminate()
            self._process.wait(READY_WITHIN)
            self._process = None

    def hang(self) -> None:
        """Suspend it: it accepts connections, and does not respond."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Resume it after `hang`."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    def remove(self) -> None:
        """Stop, and delete its folder."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as line:
                line.sendall(b"PING\r\n")
                return line.recv(16).startswith(b"+PONG")
        except OSError:
            return False
