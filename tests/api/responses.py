"""Answers, as tests look at them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from tests.support.client import Client


def faults(reply: httpx.Response) -> list[tuple[str, str]]:
    """The faults that a problem lists: where, and what."""
    return [(fault.get("pointer", fault.get("parameter")), fault["detail"]) for fault in reply.json().get("errors", [])]


def refusal(reply: httpx.Response) -> tuple[int, str]:
    """The status and the code of a problem."""
    return reply.status_code, reply.json()["code"]


def pages(client: httpx.Client, address: str) -> Iterator[httpx.Response]:
    """The pages of a list from this one on, as `rel="next"` leads."""
    following: dict[str | None, dict[str | None, str]] = {"next": {"url": address}}
    while "next" in following:
        reply = client.get(following["next"]["url"] or "").raise_for_status()
        yield reply
        following = reply.links  # type: ignore[assignment]  # httpx says less than it knows


def ids(records: list[dict[str, Any]]) -> list[int]:
    """Their ids, in order."""
    return [record["id"] for record in records]


def next_cursor(reply: httpx.Response) -> str:
    """The cursor in the link to the next page."""
    return reply.request.url.join(reply.links["next"]["url"]).params["cursor"]


def user_id(member: Client) -> int:
    """Who a client is."""
    number: int = member.get("/auth/me").raise_for_status().json()["id"]
    return number
