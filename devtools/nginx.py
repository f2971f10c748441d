"""Run nginx with deploy/nginx.conf in front of a server, for tests and benchmarks."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from devtools.databases import ROOT
from devtools.polling import answers, wait_until
from devtools.postgres import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONFIGURATION = ROOT / "deploy" / "nginx.conf"
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
STARTS_WITHIN = STOPS_WITHIN = 20
"""Seconds."""


def configuration(port: int, server: str, folder: Path) -> str:
    """The configuration of the profile `full`, for another port, server and folder; nothing else is changed."""
    paths = "".join(f"\n    {name}_temp_path {folder}/{name};" for name in TEMPORARY)
    text = CONFIGURATION.read_text()
    for old, new in (
        ("server api:5000;", f"server {urlsplit(server).netloc};"),
        ("listen 80;", f"listen 127.0.0.1:{port};"),
        ("http {\n", f"http {{{paths}\n"),
        ("access_log /dev/stdout;", f"access_log {folder}/access.log;"),
    ):
        if old not in text:
            msg = f"{CONFIGURATION.name} has no {old!r}"
            raise ValueError(msg)
        text = text.replace(old, new)
    return text


@contextmanager
def proxying(server: str, folder: Path) -> Iterator[str]:
    """Run nginx in front of a server. Yields its address.

    Args:
        server: the server's address.
        folder: for nginx's files.

    Raises:
        RuntimeError: nginx is not installed, or did not start.
    """
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")  # where Debian has it, but not every user
    if program is None:
        msg = "nginx is not installed (Debian: apt-get install nginx)"
        raise RuntimeError(msg)
    port = free_port()
    (folder / "nginx.conf").write_text(configuration(port, server, folder))
    user = " user root;" if os.getuid() == 0 else ""
    directives = f"daemon off; pid {folder}/nginx.pid;{user}"
    command = [program, "-p", str(folder), "-c", "nginx.conf", "-g", directives]
    with (folder / "nginx.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)  # noqa: S603  (our own command)
    base = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: process.poll() is not None or answers(f"{base}/healthz"), within=STARTS_WITHIN)
        if process.poll() is not None:
            raise RuntimeError((folder / "nginx.log").read_text())
        yield base
    finally:
        process.terminate()
        process.wait(STOPS_WITHIN)
