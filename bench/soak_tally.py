"""What the clients of the soak count: requests, responses, problems and times."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from threading import Lock

Request = tuple[str, str, str]
"""The template of a route, a method, and the status of the response."""


@dataclass
class Tally:
    """What clients received.

    Attributes:
        requests: how often each response was received; a request without one has the status `closed` or `late`.
        problems: how often each error, by code and status.
        unexpected: responses that the request should not have had.
        seconds: of each request.
    """

    requests: Counter[Request] = field(default_factory=Counter)
    problems: Counter[tuple[str, str]] = field(default_factory=Counter)
    unexpected: Counter[Request] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def note(self, request: Request, seconds: float, code: str | None, *, expected: bool) -> None:
        """Note one request; `code` is that of its problem."""
        with self._lock:
            self.requests[request] += 1
            self.seconds.append(seconds)
            if code is not None:
                self.problems[code, request[2]] += 1
            if not expected:
                self.unexpected[request] += 1
