"""Client address, scheme, host and user from the headers of trusted proxies.

Not werkzeug's `ProxyFix`: it counts hops and does not look at addresses, so a client that reaches the service past the
proxy can forge its own.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Any

from flask import request

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from app.settings.types import Network

Address = IPv4Address | IPv6Address

WITH_PORT = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::\d+)?|(\d+(?:\.\d+){3}):\d+")
"""An address with a port, as some proxies write it: `[2001:db8::1]:4711`, `192.0.2.1:4711`."""
HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252})|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")
SCHEMES = {"http", "https"}
USER = "books-api.trusted_user"
"""The WSGI variable with the user whom a trusted proxy has named. No header can set a variable of this name."""


class ProxyHeadersMiddleware:
    """WSGI middleware that takes the client's address, scheme and host from trusted proxies.

    Granian's own `wrap_wsgi_with_proxy_headers` accepts any text as an address, ignores X-Forwarded-Host, and heeds
    X-Forwarded-Proto only together with X-Forwarded-For.

    Args:
        application: the application behind the proxies.
        trusted: the networks of trusted proxies. `X-Forwarded-*` headers from other addresses are ignored.
        user_header: the header in which a trusted proxy names the user; it is removed from every request.
    """

    def __init__(
        self, application: WSGIApplication, trusted: tuple[Network, ...], user_header: str | None = None
    ) -> None:
        self._application, self._trusted = application, trusted
        self._user_variable = None if user_header is None else f"HTTP_{user_header.upper().replace('-', '_')}"

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """PEP 3333."""
        user = None if self._user_variable is None else environ.pop(self._user_variable, None)
        if is_trusted(parse_address(environ.get("REMOTE_ADDR", "")), self._trusted):
            self._believe(environ)
            if user is not None:
                environ[USER] = user
        return self._application(environ, start_response)

    def _believe(self, environ: dict[str, Any]) -> None:
        environ["REMOTE_ADDR"] = client_address(environ, self._trusted)
        environ["wsgi.url_scheme"] = _forwarded_scheme(environ)
        host = _nearest(environ, "HTTP_X_FORWARDED_HOST")
        if HOST.fullmatch(host):
            environ["HTTP_HOST"] = host


def client_address(environ: WSGIEnvironment, trusted: tuple[Network, ...]) -> str:
    """The client's address: the peer's, or if that is a trusted proxy, the first from the right that is not trusted.

    The client itself may have written anything to the left of it. If that entry is not an address, the client is
    unknown, and the address of the last trusted proxy is used.
    """
    client = str(environ["REMOTE_ADDR"])
    if not trusted or not is_trusted(parse_address(client), trusted):
        return client
    for entry in reversed(environ.get("HTTP_X_FORWARDED_FOR", "").split(",")):
        address = parse_address(entry)
        if address is None:
            return client
        client = str(address)
        if not is_trusted(address, trusted):
            return client
    return client


def client_scheme(environ: WSGIEnvironment, trusted: tuple[Network, ...]) -> str:
    """The scheme that the client used: the peer's, or if that is a trusted proxy, the one that it names."""
    if trusted and is_trusted(parse_address(environ["REMOTE_ADDR"]), trusted):
        return _forwarded_scheme(environ)
    return str(environ["wsgi.url_scheme"])


def is_trusted(address: Address | None, trusted: tuple[Network, ...]) -> bool:
    """Whether the address is one of a trusted proxy."""
    return address is not None and any(address in network for network in trusted)


def trusted_user() -> str | None:
    """The user whom a trusted proxy names in this request; None if it names none, or in anything but UTF-8."""
    try:
        name = str(request.environ.get(USER, "")).encode("latin-1").decode()  # how PEP 3333 passes bytes
    except UnicodeError:
        return None
    return name.strip() or None


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
        if address.scope_id is not None:  # names an interface of the sender's machine, in arbitrary text
            return None
        return address.ipv4_mapped or address
    return address


@lru_cache(maxsize=4096)
def network_of(text: str) -> str:
    """What counts as one client: an address, or the /64 of an IPv6 address, which belongs to one household."""
    address = parse_address(text)
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False))
    return str(address or text)


def _forwarded_scheme(environ: WSGIEnvironment) -> str:
    scheme = _nearest(environ, "HTTP_X_FORWARDED_PROTO").lower()
    return scheme if scheme in SCHEMES else str(environ["wsgi.url_scheme"])


def _nearest(environ: dict[str, Any], header: str) -> str:
    """The last value, which the nearest proxy added, if every proxy appends its own."""
    return str(environ.get(header, "")).rpartition(",")[2].strip()
