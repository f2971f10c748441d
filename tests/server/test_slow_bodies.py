"""Request bodies that come slowly, too many at once, or not at all."""

from __future__ import annotations

import json
from contextlib import ExitStack
from time import monotonic
from typing import TYPE_CHECKING

import pytest

from devtools.serving import migrated
from tests.server.raw import RawConnection, raw_connection, status_of
from tests.support.serving import Served, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

AT_ONCE = 3
TIMEOUT = 1.5
"""Seconds."""
CREDENTIALS = json.dumps({"username": "alice", "password": "correct horse battery"}).encode()
LOGIN = b"POST /auth/login HTTP/1.1\r\nHost: books\r\nContent-Type: application/json\r\n"
HALF = LOGIN + b"Content-Length: %d\r\n\r\n" % len(CREDENTIALS) + CREDENTIALS[:3]
PROMISE = b"GET /books HTTP/1.1\r\nHost: books\r\nContent-Length: 1000\r\n\r\n"


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with low limits, behind a proxy of this machine."""
    folder = tmp_path_factory.mktemp("strict")
    with serving(
        migrated(f"sqlite:///{folder}/books.db"),
        folder,
        body_timeout=TIMEOUT,
        bodies_per_address=AT_ONCE,
        trusted_proxies="127.0.0.1",
    ) as served:
        yield served


@pytest.fixture
def connection(strict: Served) -> Iterator[RawConnection]:
    with raw_connection(strict.base) as connection:
        yield connection


def problem(connection: RawConnection) -> tuple[int, str, bytes]:
    """The status, the code and the headers of a problem after which the server closes the connection."""
    head = connection.read_head()
    return status_of(head), json.loads(connection.read_rest())["code"], head.lower()


class TestLate:
    def test_is_a_408_and_the_connection_is_closed(self, connection: RawConnection) -> None:
        connection.send(HALF)
        status, code, head = problem(connection)
        assert (status, code) == (408, "request_timeout")
        assert b"\r\nconnection: close" in head
        assert b"\r\ncontent-type: application/problem+json" in head
        assert b"\r\nx-request-id: " in head

    def test_in_time_is_answered(self, connection: RawConnection) -> None:
        connection.send(HALF)
        connection.send(CREDENTIALS[3:])
        assert status_of(connection.read_head()) == 401

    def test_trickling_does_not_help(self, connection: RawConnection) -> None:
        connection.connection.settimeout(0.2)
        connection.send(LOGIN + b"Transfer-Encoding: chunked\r\n\r\n")
        began, head = monotonic(), b""
        while not head and monotonic() - began < 10:
            connection.send(b"1\r\n \r\n")
            try:
                head = connection.read_head()
            except TimeoutError:
                continue
        assert status_of(head) == 408
        assert monotonic() - began < 10

    def test_is_logged(self, strict: Served, connection: RawConnection) -> None:
        connection.send(HALF.replace(b"Host: books", b"Host: books\r\nX-Request-ID: late-body"))
        assert problem(connection)[0] == 408
        [line] = [entry for entry in strict.logged("request") if entry["request_id"] == "late-body"]
        assert (line["status"], line["path"]) == (408, "/auth/login")


class TestCrowd:
    def test_of_one_address_is_a_429_and_others_are_answered(self, strict: Served) -> None:
        with ExitStack() as stack:
            held = [stack.enter_context(raw_connection(strict.base)) for _ in range(AT_ONCE)]
            for one in held:
                one.send(HALF.replace(b"Host: books", b"Host: books\r\nExpect: 100-continue"))
                assert status_of(one.read_head()) == 100  # it is being received
            with raw_connection(strict.base) as another:
                another.send(HALF, CREDENTIALS[3:])
                status, code, head = problem(another)
                assert (status, code) == (429, "too_many_requests")
                assert b"\r\nretry-after: 5" in head
            elsewhere = strict.client().post(
                "/auth/login",
                content=CREDENTIALS,
                headers={"X-Forwarded-For": "192.0.2.7", "Content-Type": "application/json"},
            )
            assert elsewhere.status_code == 401
            assert strict.client().get("/books").status_code == 200
            for one in held:
                assert problem(one)[:2] == (408, "request_timeout")
        with raw_connection(strict.base) as later:
            later.send(HALF, CREDENTIALS[3:])
            assert status_of(later.read_head()) == 401


class TestGet:
    def test_that_promises_a_body_is_answered_without_it(self, connection: RawConnection) -> None:
        connection.send(PROMISE)
        head = connection.read_head()
        assert status_of(head) == 200
        assert b"\r\nconnection: close" in head.lower()
        assert connection.read_rest() == b"[]"

    def test_that_has_a_body_keeps_its_connection(self, strict: Served) -> None:
        client = strict.client()
        for _ in range(20):
            answer = client.request("GET", "/healthz", content=b"abc")
            assert answer.status_code == 200
            assert "Connection" not in answer.headers


class TestHttp2:
    PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"

    def test_is_not_spoken(self, connection: RawConnection) -> None:
        connection.send(self.PREFACE)
        assert b"\4\0\0\0\0\0" not in connection.read_rest()

    @pytest.mark.slow
    def test_is_a_setting(self, tmp_path_factory: pytest.TempPathFactory) -> None:
        folder = tmp_path_factory.mktemp("http2")
        with (
            serving(migrated(f"sqlite:///{folder}/books.db"), folder, http2=True) as served,
            raw_connection(served.base) as connection,
        ):
            connection.send(self.PREFACE)
            assert connection.connection.recv(9)[3:5] == b"\4\0", "the server's settings"
