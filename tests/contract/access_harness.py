"""Tries operations as each principal, on a service where every attempt finds the same records."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from app.main import create_app
from tests.contract.principals import Principals
from tests.contract.request_bodies import valid_bodies
from tests.support.client import Client
from tests.support.openapi_contract import OpenApiContract

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx
    from sqlalchemy import Connection

    from app.settings import Settings
    from devtools.databases import DatabaseInside


class AccessHarness:
    """A service, and a client for each principal. Every attempt is rolled back."""

    def __init__(self, settings: Settings, database: DatabaseInside, contract: OpenApiContract) -> None:
        self._settings, self._database, self.contract = settings, database, contract
        self._principals = Principals(self._anonymous_client(), database)
        self._clients: dict[str, dict[str, Client]] = {}

    def clients(self, **mode: str) -> dict[str, Client]:
        """A client for each principal, of a service with these settings: `editing="owner"`."""
        key = repr(sorted(mode.items()))
        if key not in self._clients:
            anonymous = self._anonymous_client(**mode)
            signed_in = {name: anonymous.as_bearer(token) for name, token in self._principals.tokens.items()}
            self._clients[key] = {"anon": anonymous, **signed_in}
        return self._clients[key]

    def attempt_as_each(self, operation: str, **mode: str) -> dict[str, httpx.Response]:
        """The response to each principal that tries this operation, of a service with these settings."""
        return {name: self.attempt(client, operation) for name, client in self.clients(**mode).items()}

    def attempt(
        self, client: Client, operation: str, headers: dict[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        """Try an operation with a valid body, these headers, and more fields than the body has."""
        with self.rolled_back():
            return self.request(client, operation, headers, **more)

    @contextmanager
    def rolled_back(self) -> Iterator[Connection]:
        """Undo at the end of the block what was written in it."""
        undone = self._database.connection.begin_nested()
        try:
            yield self._database.connection
        finally:
            undone.rollback()

    def request(
        self, client: Client, operation: str, headers: dict[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        """Send the request of an operation."""
        method, template = operation.split()
        known = self._principals.known
        body = valid_bodies(known).get(operation)
        address = template.format(**known)
        return client.request(method, address, json=None if body is None else body | more, headers=headers)

    def _anonymous_client(self, **mode: str) -> Client:
        app = create_app(self._settings.model_copy(update=mode), self._database)
        contract = self.contract
        if "reading" in mode:  # the document says which operations need credentials
            contract = OpenApiContract(app.test_client().get("/openapi.json").get_json())
        return Client(app, contract)
