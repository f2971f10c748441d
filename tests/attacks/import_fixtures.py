"""What attacks with files and slow readers need: uploads by hand, what others wait for meanwhile, and what remains."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from time import perf_counter
from typing import TYPE_CHECKING

import httpx
import psutil  # type: ignore[import-untyped]

from tests.support.serving import WITHOUT_TLS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.serving import Served

PATIENCE = 60
"""Seconds: on a machine that is busy with other tests. bench/hostile.md has the times."""
ELSEWHERE = "198.51.100.9"
"""The address of the clients that are not hostile."""


def upload(
    served: Served, token: str, content: bytes, form: str = "csv", address: str = "203.0.113.1"
) -> httpx.Response:
    """Import a file, on a connection of its own."""
    headers = {"Authorization": f"Bearer {token}", "X-Forwarded-For": address, "Connection": "close"}
    with httpx.Client(timeout=10 * PATIENCE, trust_env=False, verify=WITHOUT_TLS) as client:
        return client.post(f"{served.base}/imports?format={form}", content=content, headers=headers)


def head_of_upload(token: str, length: int) -> bytes:
    """The beginning of an upload whose body does not follow, or slowly."""
    lines = ["POST /imports?format=csv HTTP/1.1", "Host: books.test", f"Authorization: Bearer {token}"]
    return "\r\n".join([*lines, f"Content-Length: {length}", "", ""]).encode()


@contextmanager
def others_served(served: Served, token: str) -> Iterator[None]:
    """Read and write as another member elsewhere, as long as the block runs: every response comes in time."""
    ended, slowest = Event(), [0.0]
    statuses: set[int] = set()
    headers = {"Authorization": f"Bearer {token}", "X-Forwarded-For": ELSEWHERE}

    def ask() -> None:
        with httpx.Client(base_url=served.base, timeout=PATIENCE, trust_env=False, verify=WITHOUT_TLS) as client:
            while True:
                for method, path, body in (
                    ("GET", "/healthz", None),
                    ("GET", "/books/1", None),
                    ("POST", "/books", {"title": f"Book {os.urandom(4).hex()}", "author_id": 1}),
                ):
                    began = perf_counter()
                    statuses.add(client.request(method, path, json=body, headers=headers).status_code)
                    slowest[0] = max(slowest[0], perf_counter() - began)
                if ended.wait(0.1):
                    return

    thread = Thread(target=ask)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
    assert statuses == {200, 201}
    assert slowest[0] < PATIENCE / 6


def workers_of(served: Served) -> list[psutil.Process]:
    """The worker processes."""
    children = psutil.Process(served.process.pid).children(recursive=True)
    return [child for child in children if "resource_tracker" not in " ".join(child.cmdline())]


def memory_of(served: Served) -> list[int]:
    """Bytes of each worker that are not those of a file."""
    states = [Path(f"/proc/{worker.pid}/status").read_text() for worker in workers_of(served)]
    return [int(state.partition("RssAnon:")[2].split()[0]) * 1024 for state in states if "RssAnon:" in state]


def temporary_files_of(served: Served) -> list[str]:
    """The temporary files that workers have open: they have no name any more."""
    folders = [Path(f"/proc/{worker.pid}/fd") for worker in workers_of(served)]
    found = []
    for descriptor in (one for folder in folders for one in folder.iterdir()):
        try:
            target = descriptor.readlink()
        except OSError:
            continue  # it has just been closed
        if str(target).startswith(("/tmp/#", "/tmp/tmp", "/var/tmp/")) and "(deleted)" in str(target):  # noqa: S108
            found.append(str(target))
    return found
