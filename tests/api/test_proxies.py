"""The client's address, scheme and host behind a proxy: what trusted proxies say, and no other client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from app.settings.types import networks
from app.web.proxies import ProxyHeadersMiddleware
from devtools.databases import ROOT
from tests.api.responses import user_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.support.client import Client

TRUSTED = "10.0.0.1, 172.16.0.0/12, 2001:db8:1::/48"
PROXY, CLIENT, STRANGER = "10.0.0.1", "203.0.113.9", "198.51.100.7"
FORWARDED = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "books.test:8443", "X-Forwarded-For": CLIENT}


def seen(peer: str, **headers: str) -> dict[str, str]:
    """What an application behind trusted proxies sees of a request from this peer."""
    noted: dict[str, Any] = {}

    def application(environ: dict[str, Any], _start_response: object) -> Iterable[bytes]:
        noted.update(environ)
        return []

    environ = {"REMOTE_ADDR": peer, "wsgi.url_scheme": "http", "HTTP_HOST": "inside:5000"}
    sent = {f"HTTP_X_FORWARDED_{name.upper()}": value for name, value in headers.items()}
    ProxyHeadersMiddleware(application, networks(TRUSTED))(environ | sent, lambda *_: lambda _data: None)
    return {"address": noted["REMOTE_ADDR"], "scheme": noted["wsgi.url_scheme"], "host": noted["HTTP_HOST"]}


def reset_of(admin: Client) -> str:
    """Where the admin gets a link for a new password, the one absolute address that the service gives out."""
    return f"/users/{user_id(admin)}/password-reset"


class TestAddress:
    @pytest.mark.parametrize(
        ("forwarded", "client"),
        [
            (CLIENT, CLIENT),
            (f"{STRANGER}, {CLIENT}", CLIENT),
            (f"{STRANGER},{CLIENT},172.20.0.9,10.0.0.1", CLIENT),
            (f"{CLIENT}, 2001:db8:1::7", CLIENT),
            ("172.20.0.9, 10.0.0.1", "172.20.0.9"),
            ("2001:db8:2::1", "2001:db8:2::1"),
            ("2001:DB8:2:0::1", "2001:db8:2::1"),
            ("[2001:db8:2::1]:4711", "2001:db8:2::1"),
            ("[2001:db8:2::1]", "2001:db8:2::1"),
            (f"{CLIENT}:4711", CLIENT),
            (f"::ffff:{CLIENT}", CLIENT),
            (f"{CLIENT}, ::ffff:10.0.0.1", CLIENT),
        ],
    )
    def test_is_the_first_from_the_right_that_is_not_trusted(self, forwarded: str, client: str) -> None:
        assert seen(PROXY, **{"for": forwarded})["address"] == client

    @pytest.mark.parametrize(
        "garbage",
        [
            *(
                "",
                " ",
                ",",
                "unknown",
                "_hidden",
                "localhost",
                "<script>",
                "1.2.3",
                "1.2.3.4.5",
                "0x7f.1",
                "127.1",
                "1",
            ),
            *("1.2.3.4/8", "1.2.3.4 5.6.7.8", "fe80::1%eth0", "::1%<b>", "[::1", "1.2.3.4:port", "\xff", "٣.1.1.1"),
            "9" * 9000,
        ],
        ids=repr,
    )
    def test_garbage_never_becomes_one(self, garbage: str) -> None:
        assert seen(PROXY, **{"for": garbage})["address"] == PROXY
        assert seen(PROXY, **{"for": f"{CLIENT}, {garbage}, 172.20.0.9"})["address"] == "172.20.0.9"

    def test_without_the_header_is_the_peer(self) -> None:
        assert seen(PROXY)["address"] == PROXY

    @pytest.mark.parametrize("peer", [STRANGER, "10.0.0.2", "2001:db8:2::1", "::ffff:10.0.0.2", "", "unix:"])
    def test_cannot_be_forged_by_others(self, peer: str) -> None:
        forged = seen(peer, **{"for": CLIENT, "proto": "https", "host": "evil.test"})
        assert forged == {"address": peer, "scheme": "http", "host": "inside:5000"}

    @pytest.mark.parametrize("peer", [PROXY, "::ffff:10.0.0.1", "172.31.255.255", "2001:db8:1:ffff::1"])
    def test_is_told_by_those_that_the_setting_names(self, peer: str) -> None:
        assert seen(peer, **{"for": CLIENT})["address"] == CLIENT


class TestSchemeAndHost:
    @pytest.mark.parametrize(
        ("forwarded", "scheme"),
        [("https", "https"), ("HTTPS", "https"), ("http, https", "https"), ("https, http", "http")],
    )
    def test_the_nearest_proxy_says_the_scheme(self, forwarded: str, scheme: str) -> None:
        assert seen(PROXY, proto=forwarded)["scheme"] == scheme

    @pytest.mark.parametrize("forwarded", ["", "ftp", "javascript", "https://", "https,"])
    def test_no_other_scheme_is_taken(self, forwarded: str) -> None:
        assert seen(PROXY, proto=forwarded)["scheme"] == "http"

    @pytest.mark.parametrize(
        ("forwarded", "host"),
        [
            ("books.test", "books.test"),
            ("books.test:8443", "books.test:8443"),
            ("evil.test, books.test", "books.test"),
            ("[2001:db8::1]:80", "[2001:db8::1]:80"),
        ],
    )
    def test_the_nearest_proxy_says_the_host(self, forwarded: str, host: str) -> None:
        assert seen(PROXY, host=forwarded)["host"] == host

    @pytest.mark.parametrize("forwarded", ["", "a b", "a/b", "user@host", "a\r\nX: y", "<b>", "a:port", "-", "x" * 300])
    def test_no_other_host_is_taken(self, forwarded: str) -> None:
        assert seen(PROXY, host=forwarded)["host"] == "inside:5000"


class TestService:
    def test_links_to_itself_as_the_client_sees_it(self, service_with: Callable[..., Client], admin: Client) -> None:
        behind = service_with(trusted_proxies="127.0.0.0/8", allowed_hosts="books.test")
        reply = behind.post(reset_of(admin), headers={**admin.headers, **FORWARDED})
        assert reply.json()["link"].startswith("https://books.test:8443/reset#")

    def test_trusts_no_proxy_by_default(self, service_with: Callable[..., Client], admin: Client) -> None:
        reply = service_with(allowed_hosts="books.test").post(
            reset_of(admin), headers={**admin.headers, **FORWARDED, "X-Forwarded-Host": "evil.test"}
        )
        assert reply.json()["link"].startswith("http://books.test/reset#")

    @pytest.mark.parametrize("headers", [{}, FORWARDED, {"Host": "evil.example"}])
    def test_pages_link_to_each_other_whatever_the_host(self, client: Client, headers: dict[str, str]) -> None:
        assert client.get("/books", headers=headers).headers["Link"] == '</books>; rel="first"'

    def test_knows_the_proxy_of_its_compose_file(self) -> None:
        lines = (ROOT / "docker-compose.full.yml").read_text().splitlines()
        [line] = [line for line in lines if "TRUSTED_PROXIES" in line]
        trusted = networks(line.partition(":")[2])
        assert {str(network) for network in trusted} == {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"}
        assert not any(network.is_global for network in trusted)
