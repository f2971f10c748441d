"""Sign-in by the header of a proxy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from app.settings.types import networks
from tests.support.client import Client

if TYPE_CHECKING:
    import httpx
    from flask import Flask

    from tests.support.openapi_contract import OpenApiContract

HEADER: dict[str, Any] = {"trusted_proxies": networks("127.0.0.1"), "trusted_user_header": "Remote-User"}
"""The settings of a service behind a proxy that names the user."""


def sign_in_by_header(
    service: Client, contract: OpenApiContract, name: str | bytes, **fields: object
) -> httpx.Response:
    """Sign in as the user whom the proxy names: in octets, as httpx and the gateway interface differ about them."""
    octets = name if isinstance(name, bytes) else name.encode()

    def behind_proxy(environ: dict[str, Any], start_response: Any) -> Any:
        return service.application(environ | {"HTTP_REMOTE_USER": octets.decode("latin-1")}, start_response)

    return Client(cast("Flask", behind_proxy), contract).post("/auth/login/header", json=fields)
