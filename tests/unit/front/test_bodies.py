"""Receiving bodies: how each kind of body ends."""

from __future__ import annotations

import asyncio
from errno import ENOSPC
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest

from app.front.bodies import IN_MEMORY, MOST_PIECES, Allowance, End, allowance_of, announces_body, receive_body

if TYPE_CHECKING:
    from collections.abc import Iterable

LIMIT = 2 * IN_MEMORY
GONE = {"type": "http.disconnect"}


def pieces(*bodies: bytes) -> list[dict[str, Any]]:
    """A body in pieces, as ASGI has them; granian ends each with an empty one."""
    return [
        *({"type": "http.request", "body": body, "more_body": True} for body in bodies),
        {"type": "http.request", "body": b"", "more_body": False},
    ]


def received(messages: Iterable[dict[str, Any]], announced: str = "", seconds: float = 0.05) -> tuple[bytes, End]:
    """What arrives, and how it ends; after the last message nothing comes."""
    coming = iter(messages)

    async def receive() -> dict[str, Any]:
        for message in coming:
            return message
        await asyncio.Event().wait()
        raise AssertionError

    body, end = asyncio.run(receive_body(receive, announced, Allowance(LIMIT, seconds)))
    with body:
        return body.read(), end


class TestEnd:
    @pytest.mark.parametrize(
        ("sent", "arrived", "end"),
        [
            (pieces(), b"", End.COMPLETE),
            (pieces(b"ab", b"c"), b"abc", End.COMPLETE),
            (pieces(b"x" * LIMIT), b"x" * LIMIT, End.COMPLETE),
            (pieces(b"x" * LIMIT, b"y"), b"x" * LIMIT + b"y", End.TOO_LARGE),
            (pieces(b"x" * 3 * LIMIT), b"x" * (LIMIT + 1), End.TOO_LARGE),
            (pieces(b"ab")[:1], b"ab", End.LATE),
            ([], b"", End.LATE),
            ([*pieces(b"ab")[:1], GONE], b"ab", End.GONE),
        ],
    )
    def test_of_a_body(self, sent: list[dict[str, Any]], arrived: bytes, end: End) -> None:
        assert received(sent) == (arrived, end)

    def test_of_one_for_which_the_disk_has_no_room(self, monkeypatch: pytest.MonkeyPatch) -> None:
        class Full(BytesIO):
            def write(self, _content: object) -> int:
                raise OSError(ENOSPC, "No space left on device")

        monkeypatch.setattr("app.front.bodies.SpooledTemporaryFile", lambda _size: Full())
        assert received(pieces(b"ab")) == (b"", End.NO_ROOM)

    def test_of_one_that_announces_too_much_comes_at_once(self) -> None:
        assert received([], str(LIMIT + 1), seconds=60) == (b"", End.TOO_LARGE)

    def test_of_one_in_too_many_pieces(self) -> None:
        body, end = received(pieces(*[b"x"] * (MOST_PIECES + 1)), seconds=60)
        assert (len(body), end) == (MOST_PIECES + 1, End.TOO_LARGE)


class TestDeadline:
    def test_moves_with_what_arrives_but_not_with_a_trickle(self) -> None:
        async def trickle(piece: bytes) -> End:
            async def receive() -> dict[str, Any]:
                await asyncio.sleep(0.02)
                return {"type": "http.request", "body": piece, "more_body": True}

            body, end = await asyncio.wait_for(receive_body(receive, "", Allowance(LIMIT, 0.1)), 20)
            body.close()
            return end

        assert asyncio.run(trickle(b"x")) is End.LATE
        assert asyncio.run(trickle(b"x" * 8192)) is End.TOO_LARGE, "it took longer, but was fast enough"


class TestAnnouncement:
    @pytest.mark.parametrize(
        ("others", "announced"),
        [
            ({}, False),
            ({"CONTENT_LENGTH": "0"}, False),
            ({"CONTENT_LENGTH": "1"}, True),
            ({"HTTP_TRANSFER_ENCODING": "chunked"}, True),
            ({"SERVER_PROTOCOL": "HTTP/2"}, True),
            ({"SERVER_PROTOCOL": "HTTP/2", "CONTENT_LENGTH": "0"}, False),
            ({"SERVER_PROTOCOL": "HTTP/2", "REQUEST_METHOD": "GET"}, False),
        ],
    )
    def test_of_a_body(self, others: dict[str, str], announced: bool) -> None:  # noqa: FBT001  (what is expected)
        assert announces_body({"SERVER_PROTOCOL": "HTTP/1.1", "REQUEST_METHOD": "POST", **others}) is announced

    def test_a_body_without_meaning_is_hardly_waited_for(self) -> None:
        assert allowance_of({"REQUEST_METHOD": "PUT"}, LIMIT, 20) == Allowance(LIMIT, 20)
        assert allowance_of({"REQUEST_METHOD": "GET"}, LIMIT, 20).seconds == 1
