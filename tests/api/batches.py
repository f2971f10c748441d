"""Batches, as tests send them and look at their results."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx

    from tests.support.client import Client


def send(member: Client, *books: object, atomic: str = "false") -> httpx.Response:
    """Send a batch."""
    return member.post("/books/batch", params={"atomic": atomic}, json={"books": books})


def statuses(reply: httpx.Response) -> list[int]:
    """The result of each item."""
    assert reply.status_code == 207
    return [result["status"] for result in reply.json()["results"]]
