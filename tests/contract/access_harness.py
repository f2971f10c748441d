"""Tries operations as each principal, on a service where every attempt finds the same records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.main import create_app
from tests.contract.access import bodies
from tests.contract.principals import Principals
from tests.support.client import Client

if TYPE_CHECKING:
    import httpx

    from app.settings import Settings
    from devtools.databases import DatabaseInside
    from tests.support.openapi_contract import OpenApiContract


class AccessHarness:
    """A service, and a client for each principal. Every attempt is rolled back."""

    def __init__(self, settings: Settings, database: DatabaseInside, contract: OpenApiContract) -> None:
        self._settings, self._database, self.contract = settings, database, contract
        self._principals = Principals(self._anonymous_client("members"), database)
        self._clients: dict[str, dict[str, Client]] = {}

    def clients(self, editing: str = "members") -> dict[str, Client]:
        """A client for each principal, of a service with this `EDITING`."""
        if editing not in self._clients:
            anonymous = self._anonymous_client(editing)
            signed_in = {name: anonymous.as_bearer(token) for name, token in self._principals.tokens.items()}
            self._clients[editing] = {"anon": anonymous, **signed_in}
        return self._clients[editing]

    def attempt_as_each(self, operation: str, editing: str) -> dict[str, httpx.Response]:
        """The response to each principal that tries this operation."""
        return {name: self.attempt(client, operation) for name, client in self.clients(editing).items()}

    def attempt(
        self, client: Client, operation: str, headers: dict[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        """Try an operation with a good body, these headers, and more fields than the body has."""
        method, template = operation.split()
        known = self._principals.known
        body = bodies(known).get(operation)
        undone = self._database.connection.begin_nested()
        try:
            address = template.format(**known)
            return client.request(method, address, json=None if body is None else body | more, headers=headers)
        finally:
            undone.rollback()

    def _anonymous_client(self, editing: str) -> Client:
        settings = self._settings.model_copy(update={"editing": editing})
        return Client(create_app(settings, self._database), self.contract)
