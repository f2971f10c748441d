"""Clients for benchmarks: logins one by one, reads at a steady rate, and a flood of logins."""

from __future__ import annotations

import json
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from threading import Barrier
from time import monotonic, perf_counter, sleep
from urllib.parse import urlsplit
from uuid import uuid4

WARM = 5
"""Warm-up logins of each kind."""
WITHIN = 120
"""Timeout in seconds."""
READ = 200


def time_logins(base: str, username: str, count: int) -> tuple[list[float], list[float]]:
    """The milliseconds of logins with an unknown username, and of logins with a wrong password, alternating."""
    connection = _connection(base)
    unknown, wrong = [], []
    for _ in range(WARM + count):
        unknown.append(_timed_login(connection, uuid4().hex))
        wrong.append(_timed_login(connection, username))
    connection.close()
    return unknown[WARM:], wrong[WARM:]


def read_steadily(base: str, readers: int, rate: float, seconds: float, books: int) -> list[float]:
    """The milliseconds of reads of single books.

    Measured from the time when a read was due, so the delay after a slow previous response is included.
    """

    def read(number: int) -> list[float]:
        connection = _connection(base)
        dice = random.Random(number)  # noqa: S311  (chooses what to read)
        _ask(connection, "GET", f"/books/{dice.randint(1, books)}")
        start = perf_counter() + number / readers / rate
        times = []
        for turn in range(round(seconds * rate)):
            due = start + turn / rate
            sleep(max(0, due - perf_counter()))
            status = _ask(connection, "GET", f"/books/{dice.randint(1, books)}")
            times.append((perf_counter() - due) * 1000)
            if status != READ:
                msg = f"a read got status {status}"
                raise RuntimeError(msg)
        connection.close()
        return times

    with ThreadPoolExecutor(readers) as pool:
        return [time for times in pool.map(read, range(readers)) for time in times]


def flood(base: str, username: str, clients: int, seconds: float) -> Counter[int]:
    """Log in repeatedly, each client as soon as it is refused; half of the clients with unknown usernames.

    Returns the statuses. Each client waits for its last response, so this takes longer than `seconds`.
    """
    together = Barrier(clients)

    def sign_in(number: int) -> Counter[int]:
        connection = _connection(base)
        statuses: Counter[int] = Counter()
        together.wait(WITHIN)
        ends = monotonic() + seconds
        while monotonic() < ends:
            statuses[_login(connection, username if number % 2 else uuid4().hex)] += 1
        connection.close()
        return statuses

    with ThreadPoolExecutor(clients) as pool:
        return sum(pool.map(sign_in, range(clients)), Counter())


def _connection(base: str) -> HTTPConnection:
    address = urlsplit(base)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=WITHIN)
    connection.connect()
    return connection


def _timed_login(connection: HTTPConnection, username: str) -> float:
    start = perf_counter()
    _login(connection, username)
    return (perf_counter() - start) * 1000


def _login(connection: HTTPConnection, username: str) -> int:
    body = json.dumps({"username": username, "password": f"wrong {uuid4().hex}"})
    return _ask(connection, "POST", "/auth/login", body)


def _ask(connection: HTTPConnection, method: str, path: str, body: str | None = None) -> int:
    connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
    answer = connection.getresponse()
    answer.read()
    return answer.status
