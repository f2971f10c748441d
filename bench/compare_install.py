"""What `make bench` needs besides the service: wrk, pgbench, Node.js, and the packages of the peers."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from devtools.postgres import binaries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PEERS = Path(__file__).parent / "peers"
ENVIRONMENT = Path(sys.prefix) / "peers"
"""The packages of the peers, apart from those of the service; `make clean` deletes them, too."""
PYTHON = ENVIRONMENT / "bin" / "python"
NODE = ENVIRONMENT / "fastify"
LOCKED = ("package.json", "package-lock.json", ".npmrc")


class MissingToolError(Exception):
    """Something is not installed; the message says how to get it."""


def wrk() -> str:
    """The path of wrk, which sends the requests.

    Raises:
        MissingToolError: it is not installed.
    """
    return _program("wrk", "wrk sends the requests. Debian, Ubuntu: sudo apt install wrk; macOS: brew install wrk")


def pgbench() -> Path:
    """The path of pgbench, which comes with PostgreSQL.

    Raises:
        MissingToolError: it is not installed.
    """
    beside = binaries() / "pgbench"
    return beside if beside.exists() else Path(_program("pgbench", "pgbench comes with PostgreSQL's server packages"))


def install_python() -> None:
    """Install the packages of the peers in Python.

    Raises:
        MissingToolError: they cannot be installed.
    """
    requirements = PEERS / "requirements.txt"

    def install() -> None:
        shutil.rmtree(ENVIRONMENT / "lib", ignore_errors=True)
        _run(sys.executable, "-m", "venv", str(ENVIRONMENT))
        locked = ("--no-deps", "--require-hashes", "--requirement", str(requirements))
        _run(str(PYTHON), "-m", "pip", "install", "--quiet", *locked)

    _once(install, ENVIRONMENT / ".python", requirements)


def install_node() -> None:
    """Install the packages of the peer in JavaScript.

    Raises:
        MissingToolError: Node.js is missing, or they cannot be installed.
    """
    npm = _program("npm", "Fastify needs Node.js 20 and npm. Debian, Ubuntu: sudo apt install nodejs npm")
    _program("node", "Fastify needs Node.js 20. Debian, Ubuntu: sudo apt install nodejs")

    def install() -> None:
        shutil.rmtree(NODE, ignore_errors=True)
        NODE.mkdir(parents=True)
        for name in (*LOCKED, "server.mjs"):
            shutil.copy(PEERS / "fastify" / name, NODE)
        _run(npm, "ci", "--silent", folder=NODE)

    _once(install, ENVIRONMENT / ".node", *(PEERS / "fastify" / name for name in (*LOCKED, "server.mjs")))


def _once(install: Callable[[], None], mark: Path, *files: Path) -> None:
    """Install if one of these files has changed since the last time."""
    wanted = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    with _locked():
        if not mark.exists() or mark.read_text() != wanted:
            mark.unlink(missing_ok=True)
            install()
            mark.write_text(wanted)


@contextmanager
def _locked() -> Iterator[None]:
    """Let one process install at a time."""
    ENVIRONMENT.mkdir(exist_ok=True)
    with (ENVIRONMENT / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _program(name: str, remedy: str) -> str:
    found = shutil.which(name)
    if found is None:
        msg = f"{name} was not found. {remedy}"
        raise MissingToolError(msg)
    return found


def _run(*command: str, folder: Path | None = None) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603  (our own command)
    if done.returncode:
        msg = f"{' '.join(command)} failed:\n{(done.stdout + done.stderr).strip()[-2000:]}"
        raise MissingToolError(msg)
