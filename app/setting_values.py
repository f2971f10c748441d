"""The notations of settings: what their texts mean, and what is wrong with them."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network

Network = IPv4Network | IPv6Network


def networks(text: str) -> tuple[Network, ...]:
    """Addresses and networks, separated by commas; an address is the network that holds nothing else.

    Raises:
        ValueError: an entry is neither, or a network's address has bits that its mask leaves out.
    """
    return tuple(_network(entry) for entry in _entries(text))


def _network(entry: str) -> Network:
    try:
        return ip_network(entry)
    except ValueError as error:
        msg = f"must be addresses and networks, separated by commas: {error}"
        raise ValueError(msg) from None


def _entries(text: str) -> list[str]:
    return [entry.strip() for entry in text.split(",") if entry.strip()]
