"""PostgreSQL's own programs, in a version that fits the server."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any, cast

from psycopg.conninfo import make_conninfo

from app.backups.errors import BackupError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import psycopg
    from sqlalchemy import Connection

PLACES = (
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "opt/homebrew/opt/postgresql@*/bin",
    "opt/homebrew/opt/libpq/bin",
    "usr/local/opt/libpq/bin",
)
"""Where packages install programs of each version: Debian and Ubuntu, Red Hat, and Homebrew."""
MOST_SAID = 600
ELSEWHERE = {"host", "hostaddr", "port", "dbname", "user", "password"}
"""Parameters that are taken from the connection, and not from the URL."""


def program(name: str, at_least: int) -> str:
    """The path of a program, of the lowest major version that is not below `at_least`.

    Raises:
        BackupError: there is none.
    """
    paths = [str(path) for place in PLACES for path in sorted(Path("/").glob(f"{place}/{name}"))]
    if on_path := shutil.which(name):
        paths.append(on_path)
    versions = {path: major for path in paths if (major := _major_version(path)) is not None}
    suitable = [path for path, major in versions.items() if major >= at_least]
    if not suitable:
        others = ", ".join(f"{path} is of version {major}" for path, major in versions.items())
        msg = (
            f"{name} of PostgreSQL {at_least} or newer is needed"
            f"{f' ({others})' if others else ' and not installed'}: install the package "
            f"postgresql-client-{at_least} (Debian, Ubuntu), postgresql{at_least} (Red Hat) or libpq (Homebrew)"
        )
        raise BackupError(msg)
    return min(suitable, key=lambda path: versions[path])


@cache
def _major_version(path: str) -> int | None:
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return None
    found = re.search(r"\(PostgreSQL\) (\d+)", said)
    return int(found[1]) if found else None


def connection_of(connection: Connection) -> tuple[str, dict[str, str]]:
    """How a program connects to the same server: the argument of `--dbname`, and environment variables.

    The password is in the environment, which other users cannot read. Of several hosts, the one is named to which the
    connection leads.

    Raises:
        BackupError: a secret could only be passed as an argument, which other users can read.
    """
    # Those of the URL: psycopg's libpq may be newer than the program's, and has parameters which that does not know.
    query = connection.engine.url.query
    parameters: dict[str, Any] = {name: value for name, value in query.items() if name not in ELSEWHERE}
    info = cast("psycopg.Connection", connection.connection.driver_connection).info
    parameters |= {"host": info.host, "port": info.port, "dbname": info.dbname, "user": info.user}
    if "sslpassword" in parameters:
        msg = "DATABASE_URL has an sslpassword, which pg_dump takes as an argument only: use a key without a passphrase"
        raise BackupError(msg)
    environment = {"PGPASSWORD": info.password} if info.password else {}
    return make_conninfo(**parameters), environment


@contextmanager
def output_of(
    command: Sequence[str], environment: Mapping[str, str], source: IO[bytes] | None = None
) -> Iterator[IO[bytes]]:
    """Run a program for the block, which reads what it prints.

    Raises:
        BackupError: it failed, with what it said.
    """
    with TemporaryFile() as said:
        child = subprocess.Popen(  # noqa: S603  (our own command)
            command,
            stdin=subprocess.DEVNULL if source is None else source,
            stdout=subprocess.PIPE,
            stderr=said,
            env=os.environ | environment,
        )
        with child:
            assert child.stdout is not None  # noqa: S101  (a pipe)
            try:
                yield child.stdout
            except BaseException:
                child.kill()
                raise
        if child.returncode:
            said.seek(0)
            last = said.read()[-MOST_SAID:].decode(errors="replace")
            msg = f"{Path(command[0]).name} failed (exit code {child.returncode}): {last.strip()}"
            raise BackupError(msg)
