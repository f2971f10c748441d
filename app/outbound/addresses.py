"""Which addresses may be called on behalf of users: public ones, and those that the operator allows.

A server that calls any address for its users can be made to call the services beside it, such as databases, or the
metadata of a cloud (server-side request forgery, OWASP API7:2023).
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.settings.types import Network

Address = IPv4Address | IPv6Address

NEVER_PUBLIC: tuple[Network, ...] = tuple(
    map(
        ip_network,
        (
            "100.64.0.0/10",  # carrier-grade NAT (RFC 6598); cloud metadata at Alibaba
            "192.0.0.0/24",  # of protocols (RFC 6890); cloud metadata at Oracle
            "168.63.129.16/32",  # the metadata of Azure, though the address looks public
            "192.88.99.0/24",  # relays of 6to4 (RFC 7526)
            "::/96",  # IPv4-compatible (RFC 4291, section 2.5.5.1)
            "::ffff:0:0/96",  # IPv4-mapped
            "::ffff:0:0:0/96",  # IPv4-translated (RFC 2765)
            "64:ff9b::/96",  # NAT64 (RFC 6052): they lead to IPv4 addresses, also to private ones
            "64:ff9b:1::/48",  # NAT64 of a network's own (RFC 8215)
            "2001::/23",  # of protocols (RFC 2928), Teredo among them
            "3fff::/20",  # documentation (RFC 9637)
            "5f00::/16",  # segment routing (RFC 9602)
            "2002::/16",  # 6to4
            "fec0::/10",  # site-local, deprecated
        ),
    )
)
"""Networks that `ipaddress`, in some version of Python, calls global."""
LOWEST_PORT = 1024
WEB_PORTS = frozenset({80, 443})


class AddressRefused(Exception):  # noqa: N818  (it states the fact, as the errors of the domain do)
    """The address must not be called; the message says why, for people."""


class NameUnknown(Exception):  # noqa: N818  (likewise)
    """The name of a host has no address."""


@dataclass(frozen=True)
class AddressGuard:
    """Resolves names, and refuses those of which any address is not public.

    Args:
        allowed: networks that are allowed although they are not public.
        resolve: as `socket.getaddrinfo`.
    """

    allowed: tuple[Network, ...] = ()
    resolve: Callable[..., list[Any]] = socket.getaddrinfo

    def addresses_of(self, host: str, port: int) -> list[str]:
        """The addresses of a host, each of which was checked: connect to these, and do not resolve the name again.

        Args:
            host: a name or an address, without brackets.
            port: the port to connect to.

        Raises:
            AddressRefused: the port, or any of the addresses, must not be called.
            NameUnknown: the name has no address.
        """
        require_port(port)
        try:
            found = self.resolve(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            msg = "the name of the host has no address"
            raise NameUnknown(msg) from None
        addresses = list(dict.fromkeys(str(place[0]) for *_, place in found))
        for address in addresses:
            self.require_allowed(address)
        return addresses

    def require_allowed(self, text: str) -> None:
        """Check an address.

        Raises:
            AddressRefused: it is neither public nor allowed.
        """
        try:
            address = ip_address(text)
        except ValueError:
            msg = "the address cannot be read"
            raise AddressRefused(msg) from None
        if any(address in network for network in self.allowed if network.version == address.version):
            return
        if not is_public(address):
            msg = "the host has an address that is not public"
            raise AddressRefused(msg)


def is_public(address: Address) -> bool:
    """Whether an address belongs to the public internet, and leads to itself and not to another."""
    if any(address in network for network in NEVER_PUBLIC if network.version == address.version):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def require_port(port: int) -> None:
    """Check a port: those below 1024 belong to other protocols, such as mail, except those of the web.

    Raises:
        AddressRefused: it must not be called.
    """
    if port < LOWEST_PORT and port not in WEB_PORTS:
        msg = "the port is neither 80, nor 443, nor at least 1024"
        raise AddressRefused(msg)
