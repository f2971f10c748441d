"""Where the cast acts: a service on which every attempt finds the same things there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.main import create_app
from tests.contract.access import bodies
from tests.contract.principals import Cast
from tests.support.client import Client

if TYPE_CHECKING:
    import httpx

    from app.settings import Settings
    from devtools.databases import DatabaseInside
    from tests.support.openapi_contract import Promise


class Stage:
    """A service, and everyone who may come to it. What an attempt did is undone before the next."""

    def __init__(self, settings: Settings, database: DatabaseInside, promise: Promise) -> None:
        self._settings, self._database, self.promise = settings, database, promise
        self._cast = Cast(self._nobody("members"), database)
        self._everyone: dict[str, dict[str, Client]] = {}

    def everyone(self, editing: str = "members") -> dict[str, Client]:
        """A client for each of the cast, at a service with this `EDITING`."""
        if editing not in self._everyone:
            nobody = self._nobody(editing)
            signed_in = {name: nobody.as_bearer(token) for name, token in self._cast.tokens.items()}
            self._everyone[editing] = {"nobody": nobody, **signed_in}
        return self._everyone[editing]

    def attempts_of_everyone(self, operation: str, editing: str) -> dict[str, httpx.Response]:
        """What everyone is answered who tries this."""
        return {name: self.attempt(client, operation) for name, client in self.everyone(editing).items()}

    def attempt(
        self, client: Client, operation: str, headers: dict[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        """Try an operation with a good body, these headers, and more fields than the body has."""
        method, template = operation.split()
        known = self._cast.known
        body = bodies(known).get(operation)
        undone = self._database.connection.begin_nested()
        try:
            address = template.format(**known)
            return client.request(method, address, json=None if body is None else body | more, headers=headers)
        finally:
            undone.rollback()

    def _nobody(self, editing: str) -> Client:
        settings = self._settings.model_copy(update={"editing": editing})
        return Client(create_app(settings, self._database), self.promise)
