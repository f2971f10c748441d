"""Invitations, and registrations with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.factories import PASSWORD

if TYPE_CHECKING:
    import httpx

    from tests.support.client import Client

BOB = {"username": "bob", "password": PASSWORD}
INVALID = (403, "invitation_invalid")


def invite(admin: Client, **fields: Any) -> dict[str, Any]:
    """A new invitation as the response shows it, with its token."""
    issued: dict[str, Any] = admin.post("/invitations", json=fields).raise_for_status().json()
    return issued


def register(client: Client, token: object, **fields: object) -> httpx.Response:
    """The response to a registration of Bob with an invitation."""
    return client.post("/register", json=BOB | {"invitation": token} | fields)
