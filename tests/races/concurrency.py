"""Clients that send requests at the same moment."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.support.client import Client

SIZE = 16


class ConcurrentClients:
    """Sixteen clients, each with a connection of its own that is open already; all send the same user's token."""

    def __init__(self, member: Client) -> None:
        self.member = member
        self._clients = [member.as_bearer(member.headers["Authorization"].split()[1]) for _ in range(SIZE)]

    def at_once(self, ask: Callable[[Client, int], httpx.Response]) -> list[httpx.Response]:
        """The responses to all clients, which send their requests at once; `ask` gets each with its number.

        A 5xx fails the test.
        """
        barrier = Barrier(SIZE)

        def wait_and_ask(number: int) -> httpx.Response:
            client = self._clients[number]
            client.get("/healthz")
            barrier.wait(timeout=30)
            return ask(client, number)

        with ThreadPoolExecutor(SIZE) as pool:
            answers = list(pool.map(wait_and_ask, range(SIZE)))
        failed = [answer.text for answer in answers if answer.status_code >= 500]
        assert failed == [], failed
        return answers


def tally(answers: list[httpx.Response]) -> dict[int, int]:
    """How often each status came."""
    return dict(Counter(answer.status_code for answer in answers))
