"""Which addresses may be called: public ones, whatever spelling they have, and those that the operator allows."""

from __future__ import annotations

import socket
from ipaddress import ip_network
from typing import Any

import pytest

from app.outbound.addresses import AddressGuard, AddressRefused, NameUnknown

REFUSED = (
    # loopback, and spellings of it that resolvers accept
    "127.0.0.1",
    "127.1",
    "127.255.255.254",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "0x7f.1",
    "localhost",
    "::1",
    # this host, and this network
    "0.0.0.0",  # noqa: S104  (not bound)
    "0",
    "0.1.2.3",
    "::",
    # private networks
    "10.0.0.1",
    "10.255.255.255",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "fd00::1",
    "fc00::1",
    "fec0::1",
    # link-local, and the metadata of clouds
    "169.254.169.254",
    "169.254.170.2",
    "0xa9fea9fe",
    "fe80::1",
    "fd00:ec2::254",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    # carrier-grade NAT
    "100.64.0.1",
    "100.127.255.255",
    # addresses that lead to IPv4 addresses
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "::ffff:169.254.169.254",
    "::ffff:8.8.8.8",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "2001:0:7f00:1::",
    "::ffff:0:127.0.0.1",
    # multicast, broadcast, reserved, documentation, benchmarks
    "224.0.0.1",
    "239.255.255.250",
    "255.255.255.255",
    "240.0.0.1",
    "ff02::1",
    "ff0e::1",
    "192.0.2.1",
    "198.51.100.1",
    "203.0.113.1",
    "198.18.0.1",
    "192.88.99.1",
    "2001:db8::1",
    "3fff::1",
    "5f00::1",
    "100::1",
)
PUBLIC = ("8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "2a00:1450:4001:81b::200e")


def resolving_to(*addresses: str) -> Any:
    """A resolver whose every name has these addresses."""

    def resolve(_host: str, port: int, **_options: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    return resolve


def test_there_are_more_than_forty() -> None:
    assert len(set(REFUSED)) > 40


@pytest.mark.parametrize("host", REFUSED)
def test_refuses(host: str) -> None:
    with pytest.raises(AddressRefused):
        AddressGuard().addresses_of(host, 443)


@pytest.mark.parametrize("address", PUBLIC)
def test_permits_public(address: str) -> None:
    assert AddressGuard().addresses_of(address, 443) == [address]


@pytest.mark.parametrize("others", [("8.8.8.8", "127.0.0.1"), ("::1", "1.1.1.1"), ("8.8.8.8", "fe80::1%eth0")])
def test_refuses_a_name_if_any_of_its_addresses_is_not_public(others: tuple[str, ...]) -> None:
    with pytest.raises(AddressRefused):
        AddressGuard(resolve=resolving_to(*others)).addresses_of("receiver.example", 443)


def test_permits_what_the_operator_allows_and_nothing_else() -> None:
    guard = AddressGuard((ip_network("10.8.0.0/16"), ip_network("::1")))
    assert guard.addresses_of("10.8.1.2", 8080) == ["10.8.1.2"]
    assert guard.addresses_of("::1", 8080) == ["::1"]
    for host in ("10.9.0.1", "127.0.0.1", "::ffff:10.8.1.2", "169.254.169.254"):
        with pytest.raises(AddressRefused):
            guard.addresses_of(host, 8080)


@pytest.mark.parametrize("port", [0, 22, 25, 81, 1023])
def test_refuses_ports_of_other_protocols(port: int) -> None:
    with pytest.raises(AddressRefused):
        AddressGuard().addresses_of("8.8.8.8", port)


@pytest.mark.parametrize("host", ["no such name", "x" * 300, "a..b"])
def test_name_without_an_address(host: str) -> None:
    def resolve(name: str, *_more: object, **_options: object) -> list[Any]:
        name.encode("idna")
        raise socket.gaierror

    with pytest.raises(NameUnknown):
        AddressGuard(resolve=resolve).addresses_of(host, 443)


def test_address_that_cannot_be_read() -> None:
    with pytest.raises(AddressRefused):
        AddressGuard(resolve=resolving_to("not an address")).addresses_of("receiver.example", 443)
