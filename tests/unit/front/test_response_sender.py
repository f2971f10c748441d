"""Responses of WSGI applications, as ASGI messages."""

from __future__ import annotations

import asyncio
from contextlib import closing
from io import BytesIO
from typing import TYPE_CHECKING, Any
from weakref import ref

import pytest

from app.front.response_sender import LARGEST_WHOLE, ResponseSender
from app.metrics.instruments import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


class Parts:
    """A body in parts, which notes that it was closed."""

    def __init__(self, *parts: bytes, fails: bool = False) -> None:
        self._parts, self._fails, self.is_closed = parts, fails, False

    def __iter__(self) -> Iterator[bytes]:
        yield from self._parts
        if self._fails:
            raise RuntimeError

    def close(self) -> None:
        self.is_closed = True


def application(body: Parts | list[bytes], *headers: tuple[str, str]) -> WSGIApplication:
    def respond(_environ: WSGIEnvironment, start: StartResponse) -> Parts | list[bytes]:
        start("200 OK", [*headers])
        return body

    return respond


def answered(wsgi: WSGIApplication, *, closes: bool = False) -> list[dict[str, Any]]:
    """The messages with which a request is answered."""
    messages = []

    def send(message: dict[str, Any]) -> Any:
        messages.append(message)
        return asyncio.sleep(0) if message.get("more_body") else None

    async def run() -> None:
        loop = asyncio.get_running_loop()
        await asyncio.to_thread(ResponseSender(send, loop, closes).run, wsgi, {"wsgi.input": BytesIO()})

    asyncio.run(run())
    return messages


class TestBody:
    def test_of_known_length_is_sent_at_once(self) -> None:
        body = Parts(b"ab", b"c")
        start, whole = answered(application(body, ("Content-Length", "3")))
        assert start == {"type": "http.response.start", "status": 200, "headers": [(b"Content-Length", b"3")]}
        assert (whole["body"], body.is_closed) == (b"abc", True)

    @pytest.mark.parametrize("headers", [[], [("Content-Length", str(LARGEST_WHOLE + 1))]])
    def test_of_unknown_or_large_length_is_sent_in_parts(self, headers: list[tuple[str, str]]) -> None:
        body = Parts(b"ab", b"", b"c")
        _, *parts = answered(application(body, *headers))
        assert [(part["body"], part.get("more_body", False)) for part in parts] == [
            (b"ab", True),
            (b"c", True),
            (b"", False),
        ]
        assert body.is_closed

    def test_closes_the_connection_if_the_request_was_not_received_whole(self) -> None:
        assert (b"Connection", b"close") in answered(application([b"x"]), closes=True)[0]["headers"]

    def test_does_not_keep_the_connection_afterwards(self) -> None:
        """Even where an exception keeps the frames of the request alive."""
        kept: list[Exception] = []

        def refuse(_environ: WSGIEnvironment, start: StartResponse) -> list[bytes]:
            try:
                next(iter(()))
            except StopIteration as error:
                kept.append(error)
            start("408 Request Timeout", [])
            return [b"late"]

        class Sending:
            def __call__(self, _message: dict[str, Any]) -> Any:
                return None

        sending = Sending()
        connection = ref(sending)
        with closing(asyncio.new_event_loop()) as loop:
            answer = ResponseSender(sending, loop, closes=True)
            del sending
            answer.run(refuse, {"wsgi.input": BytesIO()})
        assert kept[0].__traceback__ is not None
        assert connection() is None


class TestFailure:
    def test_before_the_response_is_a_500(self) -> None:
        body = Parts(fails=True)
        start, whole = answered(application(body))
        assert (start["status"], whole["body"], body.is_closed) == (500, b"Internal server error\n", True)

    def test_within_the_response_cuts_it_off(self) -> None:
        body = Parts(b"ab", fails=True)
        messages = answered(application(body))
        assert messages[-1] == {"type": "http.response.body", "body": b"ab", "more_body": True}
        assert body.is_closed


class TestCount:
    def test_of_a_failure_is_that_of_a_500(self) -> None:
        labels = {"route": "unknown", "method": "other", "status": "500"}
        before = REGISTRY.get_sample_value("books_http_requests_total", labels) or 0
        start, _ = answered(application(Parts(b"", fails=True), ("Content-Length", "1")))
        assert start["status"] == 500
        assert REGISTRY.get_sample_value("books_http_requests_total", labels) == before + 1
