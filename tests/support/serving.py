"""A server that runs in processes of its own, and clients of it that check every response."""

from __future__ import annotations

import os
import ssl
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from devtools.serving import Server
from devtools.serving import serving as server_on
from tests.support.client import Client
from tests.support.factories import Factory
from tests.support.openapi_contract import OpenApiContract

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


LIMITS = httpx.Limits(max_connections=100, keepalive_expiry=None)
"""For httpx, which may otherwise close a connection as superfluous while another thread begins a request on it."""
WITHOUT_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For httpx, where there is no TLS: to read the certificates of all authorities takes longer than most requests."""


class NetworkClient(Client):
    """The client of the tests, over a network."""

    def __init__(self, base: str, contract: OpenApiContract, closing: ExitStack, **options: Any) -> None:
        httpx.Client.__init__(
            self, base_url=base, timeout=60, trust_env=False, verify=WITHOUT_TLS, limits=LIMITS, **options
        )
        self._base, self._contract, self._closing = base, contract, closing
        closing.callback(self.close)

    def as_bearer(self, token: str) -> NetworkClient:
        """A client that sends this token."""
        return NetworkClient(self._base, self._contract, self._closing, headers={"Authorization": f"Bearer {token}"})


@dataclass(frozen=True)
class Served(Server):
    """A server, and clients of it that are closed before it stops."""

    contract: OpenApiContract
    closing: ExitStack

    def client(self) -> NetworkClient:
        """A client that is not signed in."""
        return NetworkClient(self.base, self.contract, self.closing)

    def member(self) -> Client:
        """A new user, signed in."""
        return Factory(self.client()).user(f"member-{os.urandom(6).hex()}")


@contextmanager
def serving(url: str, folder: Path, **others: object) -> Iterator[Served]:
    """Serve this database, as `devtools.serving` does; an internal error that is logged fails the test."""
    with server_on(url, folder, **others) as server:
        document = httpx.get(f"{server.base}/openapi.json", trust_env=False, verify=WITHOUT_TLS).json()
        with ExitStack() as closing:
            yield Served(server.url, server.base, server.process, server.log, OpenApiContract(document), closing)
        assert not server.logged("internal_error")
