"""Client address, scheme and host from the `X-Forwarded-*` headers of trusted proxies.

Not werkzeug's `ProxyFix`: it counts hops and does not look at addresses, so a client that reaches the service past the
proxy can forge its own.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from app.settings.types import Network

Address = IPv4Address | IPv6Address

WITH_PORT = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::\d+)?|(\d+(?:\.\d+){3}):\d+")
"""What some proxies write for an address: `[2001:db8::1]:4711`, `192.0.2.1:4711`."""
HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252})|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")
SCHEMES = {"http", "https"}


class ProxyHeadersMiddleware:
    """A WSGI application that sees the client's address, scheme and host as trusted proxies tell them.

    Granian's own `wrap_wsgi_with_proxy_headers` takes any text for an address, reads no X-Forwarded-Host, and heeds
    X-Forwarded-Proto only beside X-Forwarded-For.

    Args:
        application: what is behind the proxies.
        trusted: whom to believe. Anybody else's `X-Forwarded-*` are as if they weren't there.
    """

    def __init__(self, application: WSGIApplication, trusted: tuple[Network, ...]) -> None:
        self._application, self._trusted = application, trusted

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """PEP 3333."""
        if self._trusts(parse_address(environ.get("REMOTE_ADDR", ""))):
            self._believe(environ)
        return self._application(environ, start_response)

    def _believe(self, environ: dict[str, Any]) -> None:
        environ["REMOTE_ADDR"] = self._client(environ)
        scheme = _nearest(environ, "HTTP_X_FORWARDED_PROTO").lower()
        if scheme in SCHEMES:
            environ["wsgi.url_scheme"] = scheme
        host = _nearest(environ, "HTTP_X_FORWARDED_HOST")
        if HOST.fullmatch(host):
            environ["HTTP_HOST"] = host

    def _client(self, environ: dict[str, Any]) -> str:
        """The first address from the right that is not a trusted one.

        Whatever is left of it, the client itself may have written. Where that first is no address, it is unknown who
        the client is: it goes by the address of the proxy that brought it.
        """
        client = str(environ["REMOTE_ADDR"])
        for entry in reversed(environ.get("HTTP_X_FORWARDED_FOR", "").split(",")):
            address = parse_address(entry)
            if address is None:
                return client
            client = str(address)
            if not self._trusts(address):
                return client
        return client

    def _trusts(self, address: Address | None) -> bool:
        return address is not None and any(address in network for network in self._trusted)


def parse_address(text: str) -> Address | None:
    """An address, with or without a port; None for anything else. IPv4 within IPv6 (`::ffff:192.0.2.1`) is IPv4."""
    text = text.strip()
    if with_port := WITH_PORT.fullmatch(text):
        text = with_port[1] or with_port[2]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:  # an interface of that machine, in any characters
            return None
        return address.ipv4_mapped or address
    return address


def _nearest(environ: dict[str, Any], header: str) -> str:
    """What the proxy next to us said, when each on the way has added its own."""
    return str(environ.get(header, "")).rpartition(",")[2].strip()
