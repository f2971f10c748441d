"""Sending a request to an address that a user has named."""

from __future__ import annotations

import ssl
from contextlib import closing
from functools import cached_property
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

import httpcore2
import httpx2

from app.outbound.addresses import AddressGuard, AddressRefused, NameUnknown
from app.outbound.connections import GuardedBackend

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT = 15.0
"""Seconds for the whole request, as Standard Webhooks recommends (15 to 30)."""
LARGEST = 1024
"""Bytes of a response that are read."""


class EndpointResponse(NamedTuple):
    """The response of an endpoint, or its beginning."""

    status: int
    body: str
    """The first kilobyte, as text."""
    retry_after: str
    """The header; empty without one."""


class NotSent(Exception):  # noqa: N818  (it states the fact, as the errors of the domain do)
    """There is no response; the message says why, for people."""


class Sender:
    """Sends requests, with neither proxies of the environment, nor redirects, nor connections that are reused.

    Args:
        guard: which addresses may be called.
        timeout: seconds for a whole request.
    """

    def __init__(self, guard: AddressGuard, timeout: float = TIMEOUT) -> None:
        self._guard, self._timeout = guard, timeout

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context()  # the system's authorities, or those of SSL_CERT_FILE

    def post(self, address: str, headers: Mapping[str, str], content: bytes) -> EndpointResponse:
        """Send a POST.

        Raises:
            NotSent: there is no response, or the address must not be called.
        """
        ends_at = monotonic() + self._timeout
        pool = httpcore2.ConnectionPool(self._tls, network_backend=GuardedBackend(self._guard, ends_at))
        try:
            url = httpx2.URL(address)
            target = httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
            all_headers = {"Host": url.netloc.decode(), "Connection": "close", "Accept-Encoding": "identity", **headers}
            with (
                closing(pool),
                pool.stream("POST", target, headers=list(all_headers.items()), content=content) as response,
            ):
                found = {name.lower(): value for name, value in response.headers}
                retry_after = found.get(b"retry-after", b"").decode("latin-1")
                return EndpointResponse(response.status, _beginning(response), retry_after)
        except (AddressRefused, NameUnknown) as error:
            raise NotSent(str(error)) from error
        except httpcore2.TimeoutException as error:
            msg = "no response in time"
            raise NotSent(msg) from error
        except (httpcore2.NetworkError, httpcore2.ProtocolError, httpx2.InvalidURL, OSError, ValueError) as error:
            raise NotSent(_reason(error)) from error


def _beginning(response: httpcore2.Response) -> str:
    """The beginning of a body, as text that a database can store. A status was received, so a failure ends it only."""
    read = b""
    try:
        for part in response.iter_stream():
            read += part
            if len(read) >= LARGEST:
                break
    except (httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError):
        pass
    return read[:LARGEST].decode("utf-8", "replace").replace("\x00", "\ufffd")


def _reason(error: Exception) -> str:
    """Why there is no response, without what the other side may have put into it."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"the certificate is not valid: {cause.verify_message}"[:200]
        if isinstance(cause, ssl.SSLError):
            return "TLS failed"
        if isinstance(cause, ConnectionRefusedError):
            return "the connection was refused"
        cause = cause.__cause__ or cause.__context__
    return "no valid response" if isinstance(error, httpcore2.ProtocolError) else "the connection failed"
