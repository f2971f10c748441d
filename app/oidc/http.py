"""Requests to the provider: few at once, with limits on their time and on the size of the response."""

from __future__ import annotations

import ssl
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

import httpx2

from app.errors import ProviderUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

TIMEOUT = httpx2.Timeout(5, connect=3)
LONGEST = 10.0
"""Seconds for a whole response: the timeout is for each part of it."""
LARGEST = 256 * 1024
"""Bytes of a response."""
AT_ONCE = 4
"""Requests to the provider at once, in each process. A slow provider must not occupy all threads."""
PATIENCE = 2.0
"""Seconds to wait until fewer are under way."""
HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity"}


class ProviderHttp:
    """How all requests to the provider are sent."""

    def __init__(self) -> None:
        context = ssl.create_default_context()  # the system's authorities, or those of SSL_CERT_FILE
        self._slots = threading.BoundedSemaphore(AT_ONCE)
        self.options: dict[str, Any] = {
            "transport": BoundedTransport(httpx2.HTTPTransport(verify=context, trust_env=False)),
            "timeout": TIMEOUT,
            "follow_redirects": False,
            "trust_env": False,
            "headers": HEADERS,
        }
        """Of a client: `trust_env` would send client secrets through the proxies of the environment."""
        self._client = httpx2.Client(**self.options)

    @contextmanager
    def request(self) -> Iterator[None]:
        """A place among the requests that are under way. A failure to get a response is translated.

        Raises:
            ProviderUnavailable: there is none, or the provider does not respond in time.
        """
        if not self._slots.acquire(timeout=PATIENCE):
            raise ProviderUnavailable
        try:
            yield
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise ProviderUnavailable from error
        finally:
            self._slots.release()

    def get_json(self, url: str, token: str | None = None) -> dict[str, Any]:
        """A JSON object of the provider.

        Args:
            url: its address.
            token: an access token that the provider issued.

        Raises:
            ProviderUnavailable: it cannot be fetched, or is something else.
        """
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        with self.request():
            response = self._client.get(url, headers=headers)
            response.raise_for_status()
        try:
            document = response.json()
        except ValueError as error:
            raise ProviderUnavailable from error
        if response.is_redirect or not isinstance(document, dict):
            raise ProviderUnavailable
        return document


class BoundedTransport(httpx2.BaseTransport):
    """Ends a response that takes too long, or is too large."""

    def __init__(self, transport: httpx2.BaseTransport) -> None:
        self._transport = transport

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """As httpx2 defines it."""
        until = time.monotonic() + LONGEST
        response = self._transport.handle_request(request)
        response.stream = BoundedStream(cast("httpx2.SyncByteStream", response.stream), until)
        return response


class BoundedStream(httpx2.SyncByteStream):
    """The body of a response, until the limits are reached."""

    def __init__(self, stream: httpx2.SyncByteStream, until: float) -> None:
        self._stream, self._until = stream, until

    def __iter__(self) -> Iterator[bytes]:
        read = 0
        for chunk in self._stream:
            read += len(chunk)
            if read > LARGEST or time.monotonic() > self._until:
                msg = "the response is too large or takes too long"
                raise httpx2.ReadError(msg)
            yield chunk

    def close(self) -> None:
        """As httpx2 defines it."""
        self._stream.close()
