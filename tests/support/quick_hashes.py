"""Hashes that do not wait, in a run of the tests that keeps all cores busy."""

from __future__ import annotations

from app.security import hashing_queue

give_way = hashing_queue._give_way  # noqa: SLF001  (not public)
"""What gives the threads of the service their low priority."""


def hash_at_normal_priority() -> None:
    """Let the threads that hash in this process have the priority of all others.

    With their own they run only when a core is idle. While another worker of `make test` is busy, a hash that takes
    2 ms then waits for 40 ms. The servers that tests start are processes of their own, and keep the low priority.
    """
    hashing_queue._give_way = lambda: None  # noqa: SLF001  (likewise)
