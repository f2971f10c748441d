"""Connections to addresses that were checked, which end at a fixed time."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any

import httpcore2
from httpcore2 import NetworkBackend, NetworkStream

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable

    from app.outbound.addresses import AddressGuard

CONNECTS_WITHIN = 5.0
"""Seconds for each address of a host, so that there is time for the next."""


class GuardedBackend(NetworkBackend):
    """Resolves a name once, checks its addresses, and connects to one of these.

    The name of the host stays that of the URL for everything else: TLS verifies it, and sends it as SNI.

    Args:
        guard: which addresses may be called.
        ends_at: when the connection ends (`time.monotonic`), whatever the server does.
    """

    def __init__(self, guard: AddressGuard, ends_at: float) -> None:
        self._guard, self._ends_at = guard, ends_at
        self._plain = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002  (the whole request has a limit)
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> NetworkStream:
        """As httpcore2 defines it.

        Raises:
            AddressRefused, NameUnknown: see `AddressGuard.addresses_of`.
        """
        failure: Exception = httpcore2.ConnectError("no address")
        for address in self._guard.addresses_of(host, port):
            seconds = min(_left(self._ends_at, httpcore2.ConnectTimeout), CONNECTS_WITHIN)
            try:
                stream = self._plain.connect_tcp(address, port, seconds, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
            else:
                return EndingStream(stream, self._ends_at)
        raise failure


class EndingStream(NetworkStream):
    """A connection that ends at a fixed time: the limits of httpcore2 are for each part that arrives.

    Args:
        stream: the connection.
        ends_at: when it ends.
    """

    def __init__(self, stream: NetworkStream, ends_at: float) -> None:
        self._stream, self._ends_at = stream, ends_at

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002  (as above)
        """As httpcore2 defines it."""
        return self._stream.read(max_bytes, _left(self._ends_at, httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002  (as above)
        """As httpcore2 defines it."""
        self._stream.write(buffer, _left(self._ends_at, httpcore2.WriteTimeout))

    def close(self) -> None:
        """As httpcore2 defines it."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002  (as above)
    ) -> NetworkStream:
        """As httpcore2 defines it."""
        left = _left(self._ends_at, httpcore2.ConnectTimeout)
        return EndingStream(self._stream.start_tls(ssl_context, server_hostname, left), self._ends_at)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401  (httpcore2's)
        """As httpcore2 defines it."""
        return self._stream.get_extra_info(info)


def _left(ends_at: float, error: type[Exception]) -> float:
    left = ends_at - monotonic()
    if left <= 0:
        msg = "the time is over"
        raise error(msg)
    return left
