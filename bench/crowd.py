"""Many concurrent clients, each sending its next request on the response: one thread and raw sockets, at low cost."""

from __future__ import annotations

import re
import socket
from collections import Counter
from dataclasses import dataclass, field
from selectors import EVENT_READ, DefaultSelector
from time import perf_counter
from urllib.parse import urlsplit

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
WITHIN = 60
"""Seconds in which some client must get a response."""


@dataclass
class Answers:
    """The milliseconds of each response, the statuses, and the seconds in total."""

    times: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Responses per second."""
        return len(self.times) / self.seconds


class _Client:
    def __init__(self, base: str, number: int) -> None:
        address = urlsplit(base)
        self.host, self.turn = str(address.hostname), number
        self.socket = socket.create_connection((self.host, address.port), timeout=WITHIN)
        self.sent, self.got = 0.0, b""

    def ask(self, paths: list[str]) -> None:
        """Send the next request."""
        path = paths[self.turn % len(paths)]
        self.turn += 1
        self.sent, self.got = perf_counter(), b""
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: {self.host}\r\n\r\n".encode())

    def answered(self) -> bool:
        """Read what has arrived; return whether the response is complete."""
        self.got += self.socket.recv(1 << 16)
        head, end, body = self.got.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        return bool(end) and length is not None and len(body) >= int(length[1])

    @property
    def status(self) -> int:
        """The status of the response."""
        return int(self.got.split(b" ", 2)[1])


def crowd(base: str, paths: list[str], clients: int, seconds: float) -> Answers:
    """Request these paths in turn, for some seconds, with that many concurrent clients."""
    answers, selector = Answers(), DefaultSelector()
    crowd_clients = [_Client(base, number * 7) for number in range(clients)]
    began = perf_counter()
    for client in crowd_clients:
        selector.register(client.socket, EVENT_READ, client)
        client.ask(paths)
    asking = clients
    while asking:
        ready = selector.select(WITHIN)
        if not ready:
            msg = f"{asking} clients got no response"
            raise RuntimeError(msg)
        for key, _ in ready:
            client = key.data
            if not client.answered():
                continue
            now = perf_counter()
            answers.times.append((now - client.sent) * 1000)
            answers.statuses[client.status] += 1
            if now - began < seconds:
                client.ask(paths)
            else:
                asking -= 1
    answers.seconds = perf_counter() - began
    for client in crowd_clients:
        client.socket.close()
    return answers
