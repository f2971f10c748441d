"""The WSGI environment of an ASGI request."""

from __future__ import annotations

from typing import Any

import pytest

from app.front.wsgi_environ import environ_of


def scope(*headers: tuple[bytes, bytes], **others: Any) -> dict[str, Any]:
    """A request as granian passes it."""
    return {
        "http_version": "1.1",
        "server": ("127.0.0.1", "5000"),
        "client": ("192.0.2.1", "4711"),
        "scheme": "http",
        "method": "GET",
        "raw_path": b"/books/1",
        "query_string": b"limit=3",
        "headers": list(headers),
        **others,
    }


class TestLine:
    def test_is_that_of_the_request(self) -> None:
        environ = environ_of(scope())
        assert {name: environ[name] for name in ("REQUEST_METHOD", "PATH_INFO", "QUERY_STRING", "SCRIPT_NAME")} == {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": "/books/1",
            "QUERY_STRING": "limit=3",
            "SCRIPT_NAME": "",
        }
        assert environ["SERVER_PROTOCOL"] == "HTTP/1.1"
        assert (environ["SERVER_NAME"], environ["SERVER_PORT"]) == ("127.0.0.1", "5000")
        assert (environ["REMOTE_ADDR"], environ["wsgi.url_scheme"]) == ("192.0.2.1", "http")

    @pytest.mark.parametrize(
        ("raw", "path"),
        [
            (b"/%C3%89cole", "/\xc3\x89cole"),
            (b"/%FF", "/\xff"),
            (b"/a%2Fb%00", "/a/b\0"),
            (b"/%zz%", "/%zz%"),
            ("/É".encode(), "/\xc3\x89"),
        ],
    )
    def test_has_the_bytes_of_the_path(self, raw: bytes, path: str) -> None:
        assert environ_of(scope(raw_path=raw))["PATH_INFO"] == path


class TestHeader:
    def test_becomes_a_variable(self) -> None:
        environ = environ_of(
            scope((b"content-type", b"application/json"), (b"content-length", b"3"), (b"if-none-match", b'"7"'))
        )
        assert (environ["CONTENT_TYPE"], environ["CONTENT_LENGTH"]) == ("application/json", "3")
        assert environ["HTTP_IF_NONE_MATCH"] == '"7"'

    def test_on_several_lines_is_joined(self) -> None:
        environ = environ_of(scope((b"x-forwarded-for", b"192.0.2.7"), (b"x-forwarded-for", b"10.0.0.1")))
        assert environ["HTTP_X_FORWARDED_FOR"] == "192.0.2.7,10.0.0.1"

    def test_content_type_is_the_first(self) -> None:
        environ = environ_of(scope((b"content-type", b"text/plain"), (b"content-type", b"application/json")))
        assert environ["CONTENT_TYPE"] == "text/plain"

    def test_outside_ascii_is_empty(self) -> None:
        assert environ_of(scope((b"if-match", b'"\xff"')))["HTTP_IF_MATCH"] == ""

    def test_with_an_underscore_is_dropped(self) -> None:
        environ = environ_of(scope((b"x_forwarded_for", b"192.0.2.7"), (b"content_length", b"5")))
        assert not {"HTTP_X_FORWARDED_FOR", "CONTENT_LENGTH", "HTTP_CONTENT_LENGTH", ""} & environ.keys()

    def test_length_beside_an_encoding_is_dropped(self) -> None:
        environ = environ_of(scope((b"content-length", b"5"), (b"transfer-encoding", b"chunked")))
        assert "CONTENT_LENGTH" not in environ
