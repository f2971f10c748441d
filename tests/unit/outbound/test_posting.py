"""Sending requests: to the address that was checked, within a limit of time, and nowhere else."""

from __future__ import annotations

import re
import socket
import ssl
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.outbound.addresses import AddressGuard
from app.outbound.posting import NotSent, Sender

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LOOPBACK = (ip_network("127.0.0.0/8"),)
OK = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"


@contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server on a port of this machine, which handles each connection in a thread."""

    def accept() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                try:
                    serve(connection)
                except OSError:
                    continue

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def _received(connection: socket.socket) -> bytes:
    """A whole request: its head and its body may arrive apart."""
    request = connection.recv(65536)
    while b"\r\n\r\n" not in request:
        request += connection.recv(65536)
    head, _, body = request.partition(b"\r\n\r\n")
    length = int(dict(re.findall(rb"(?i)(content-length): (\d+)", head)).get(b"Content-Length", b"0"))
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def answering(response: bytes, received: list[bytes] | None = None) -> Callable[[socket.socket], None]:
    """Reads a request, and sends this."""

    def serve(connection: socket.socket) -> None:
        request = _received(connection)
        if received is not None:
            received.append(request)
        connection.sendall(response)

    return serve


def sender(*hosts: str, timeout: float = 5) -> Sender:
    """A sender for which every name has these addresses, by default those of this machine."""

    def resolve(_host: str, port: int, **_options: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port)) for host in hosts or ("127.0.0.1",)]

    return Sender(AddressGuard(LOOPBACK, resolve), timeout)


def test_sends_to_the_checked_address_with_the_name_of_the_url() -> None:
    received: list[bytes] = []
    with listening(answering(b"HTTP/1.1 200 OK\r\nRetry-After: 7\r\nContent-Length: 2\r\n\r\nok", received)) as port:
        answer = sender().post(f"http://receiver.example:{port}/a%20b?c=d", {"webhook-id": "1"}, b"{}")
    assert answer == (200, "ok", "7")
    [request] = received
    head, _, body = request.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /a%20b?c=d HTTP/1.1"
    assert f"Host: receiver.example:{port}" in lines
    assert "webhook-id: 1" in lines
    assert body == b"{}"


def test_does_not_follow_redirects() -> None:
    redirect = b"HTTP/1.1 307 Moved\r\nLocation: http://127.0.0.1:%d/\r\nContent-Length: 0\r\n\r\n"
    elsewhere: list[bytes] = []
    with (
        listening(answering(OK, elsewhere)) as other,
        listening(answering(redirect % other)) as port,
    ):
        assert sender().post(f"http://receiver.example:{port}/", {}, b"").status == 307
    assert elsewhere == []


def test_does_not_resolve_a_name_twice() -> None:
    """A name whose address changes between check and use (DNS rebinding) gets the request at the checked one."""
    resolved: list[str] = []

    def resolve(host: str, port: int, **_options: object) -> list[Any]:
        resolved.append(host)
        address = "127.0.0.2" if len(resolved) > 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    guard = AddressGuard((ip_network("127.0.0.1"),), resolve)
    with listening(answering(OK)) as port:
        url = f"http://rebinding.example:{port}/"
        assert Sender(guard, 5).post(url, {}, b"").status == 204
        assert resolved == ["rebinding.example"]
        with pytest.raises(NotSent, match="not public"):  # and at the next attempt it is checked again
            Sender(guard, 5).post(url, {}, b"")


def test_refuses_without_connecting() -> None:
    received: list[bytes] = []
    with listening(answering(OK, received)) as port, pytest.raises(NotSent, match="not public"):
        Sender(AddressGuard()).post(f"http://127.0.0.1:{port}/", {}, b"")
    assert received == []


def test_uses_no_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    proxied: list[bytes] = []
    with listening(answering(OK)) as port, listening(answering(OK, proxied)) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy}")
        assert sender().post(f"http://receiver.example:{port}/", {}, b"").status == 204
    assert proxied == []


def test_tries_the_next_address() -> None:
    with listening(answering(OK)) as port:
        assert sender("127.0.0.3", "127.0.0.1").post(f"http://receiver.example:{port}/", {}, b"").status == 204


def _silent(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.recv(1)


def _drip(connection: socket.socket) -> None:
    """Header by header, each in time: only the whole takes too long."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"X-More: of it\r\n")
        time.sleep(0.05)


@pytest.mark.parametrize("serve", [_silent, _drip])
def test_ends_in_time(serve: Callable[[socket.socket], None]) -> None:
    began = time.monotonic()
    with listening(serve) as port, pytest.raises(NotSent):
        sender(timeout=0.5).post(f"http://receiver.example:{port}/", {}, b"")
    assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    ("response", "reason"),
    [(b"", "no valid response"), (b"SSH-2.0-OpenSSH_9.2\r\n", "no valid response")],
)
def test_what_is_no_response(response: bytes, reason: str) -> None:
    with listening(answering(response)) as port, pytest.raises(NotSent, match=reason):
        sender().post(f"http://receiver.example:{port}/", {}, b"")


def test_connection_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(NotSent, match="refused"):
        sender().post(f"http://receiver.example:{port}/", {}, b"")


def test_keeps_one_kilobyte_of_text() -> None:
    body = b"a\x00b\xff" + b"x" * 100_000
    head = b"HTTP/1.1 500 Failed\r\nContent-Length: %d\r\n\r\n" % len(body)
    with listening(answering(head + body)) as port:
        answer = sender().post(f"http://receiver.example:{port}/", {}, b"")
    assert answer.body == "a\ufffdb\ufffd" + "x" * 1020


def test_status_counts_even_if_the_body_breaks_off() -> None:
    with listening(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")) as port:
        assert sender().post(f"http://receiver.example:{port}/", {}, b"") == (200, "abc", "")


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for `receiver.example`, and its key, in a file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "receiver.example")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("receiver.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path / "certificate.pem"
    path.write_bytes(secret + signed.public_bytes(serialization.Encoding.PEM))
    return path


def test_tls_verifies_the_name_of_the_url(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    names: list[str] = []
    context.sni_callback = lambda _socket, name, _context: names.append(name)

    def serve(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            answering(OK)(secured)

    with listening(serve) as port:
        with pytest.raises(NotSent, match="certificate is not valid"):
            sender().post(f"https://receiver.example:{port}/", {}, b"")
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert sender().post(f"https://receiver.example:{port}/", {}, b"").status == 204
        with pytest.raises(NotSent, match="certificate is not valid"):
            sender().post(f"https://other.example:{port}/", {}, b"")
    assert names == ["receiver.example", "receiver.example", "other.example"]
