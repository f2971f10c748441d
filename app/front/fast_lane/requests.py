"""What the fast lane knows of a request: a GET whose path and query are parsed, or a POST of a book."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from asyncio import Future
    from collections.abc import Awaitable, Callable, Mapping
    from wsgiref.types import WSGIEnvironment

    from app.rate_limiting.limits import Usage

    Send = Callable[[dict[str, Any]], Awaitable[None]]


@dataclass(slots=True, eq=False)
class LaneRequest:
    """A request in the fast lane."""

    environ: WSGIEnvironment
    send: Send
    received_at: float = field(default_factory=perf_counter)
    done: Future[bool] = field(init=False)
    """Of the event loop: whether the fast lane has sent a response."""
    is_answered: bool = False
    limit: int = 1
    """The most records of its response."""
    address: str = ""
    """The client's."""
    network: str = ""
    """That of the address, by which clients take turns and are counted."""
    request_id: str = ""
    usage: Usage | None = None
    """What was counted for it."""
    principal: Mapping[str, object] = field(default_factory=dict)
    """Who sends it, as its line of the log says it."""


@dataclass(slots=True, eq=False)
class ReadRequest(LaneRequest):
    """A read, parsed as far as its route needs."""

    number: int = 0
    """The id in its path, if there is one."""
    parameters: list[tuple[str, str]] = field(default_factory=list)
    """Those of its query string."""
    author_id: int | None = None
    after: int = 0
    """The id after which its page begins."""
