"""The feed of changes, as tests follow and compare it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

    from tests.support.client import Client


def following(client: Client, reply: httpx.Response) -> httpx.Response:
    """The page of the feed to which the link of this one leads."""
    return client.get(reply.links["next"]["url"]).raise_for_status()


def summaries(changes: list[dict[str, Any]]) -> list[tuple[str, int, int, str]]:
    """Of each change: the kind of its record, the record's id and version, and the action."""
    return [(change["kind"], change["record_id"], change["version"], change["action"]) for change in changes]
