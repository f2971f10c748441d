"""Clients of a service during a fault, and what they see."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Lock
from time import monotonic, sleep
from typing import TYPE_CHECKING
from uuid import uuid4

import httpx

from devtools.polling import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from devtools.faults.target import Target

LOADS = ("idle", "reads", "writes")
CLIENTS = 4
READS = ("/books/1", "/books", "/authors/1", "/readyz")
CLOSED = "closed"
"""The connection was refused, or closed without a response."""
LATE = "late"
"""There was no response within a minute."""
CREATED = "201"


@dataclass
class Observed:
    """What clients saw.

    Attributes:
        outcomes: how often each of: a status, with the code of its problem; `closed`; `late`.
        longest: the seconds of the longest request.
        acknowledged: the names of the authors and the titles of the books that were created, and when each request
            began.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    longest: float = 0.0
    acknowledged: dict[str, float] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def note(self, outcome: str, seconds: float) -> None:
        """Note one request."""
        with self._lock:
            self.outcomes[outcome] += 1
            self.longest = max(self.longest, seconds)


def outcome(client: httpx.Client, method: str, path: str, body: object = None) -> str:
    """What a client sees: the status, and the code of the problem if it is one."""
    try:
        response = client.request(method, path, json=body)
    except httpx.TimeoutException:
        return LATE
    except httpx.TransportError:
        return CLOSED
    if response.is_success:
        return str(response.status_code)
    code = response.json().get("code") if "json" in response.headers.get("Content-Type", "") else "no problem document"
    return f"{response.status_code} {code}"


@contextmanager
def under_load(target: Target, load: str, observed: Observed) -> Iterator[None]:
    """Have clients that read or write without a pause, until the block ends and all of them have a response."""
    if load == "idle":
        yield
        return
    until, token = Event(), target.sign_in()
    with ThreadPoolExecutor(CLIENTS) as pool:
        clients = [pool.submit(_run, target, load, token, observed, until) for _ in range(CLIENTS)]
        try:
            wait_until(lambda: observed.outcomes.total() > 5 * CLIENTS)
            yield
        finally:
            until.set()
        for client in clients:
            client.result()


def _run(target: Target, load: str, token: str, observed: Observed, until: Event) -> None:
    """One client."""
    turn = 0
    with target.client(token) as client:
        while not until.is_set():
            name, began = f"New {uuid4().hex}", monotonic()
            if load == "writes" and turn % 2:
                status = outcome(client, "POST", "/authors", {"name": name})
            elif load == "writes":
                status = outcome(client, "POST", "/books", {"title": name, "author_id": 1})
            else:
                status = outcome(client, "GET", READS[turn % len(READS)])
            observed.note(status, monotonic() - began)
            if status == CREATED:
                observed.acknowledged[name] = began
            turn += 1
            sleep(0.01 if status in {"200", CREATED} else 0.1)
