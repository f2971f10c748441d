"""The stream of the log: it writes at once what it can, keeps what it cannot, and counts what it drops."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest

from app.observability import log_stream
from app.observability.log_stream import LogStream
from devtools.polling import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LINE = "a line of the log\n"


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """Both ends of a pipe."""
    reader, writer = os.pipe()
    yield reader, writer
    for end in (reader, writer):
        os.close(end)


def fill(stream: LogStream) -> int:
    """Write until a pipe that is not read takes no more. Returns: how many lines were written or are kept."""
    count = 65536 // len(LINE) + 10
    for _ in range(count):
        stream.write(LINE)
    return count


def read_lines(reader: int, count: int) -> str:
    """So many lines, as soon as they come."""
    text = ""
    while text.count("\n") < count:
        text += os.read(reader, 65536).decode()
    return text


class TestWrite:
    def test_is_done_at_once(self, pipe: tuple[int, int]) -> None:
        assert LogStream(pipe[1]).write(LINE) == len(LINE)
        assert os.read(pipe[0], 100).decode() == LINE

    def test_to_a_file_follows_what_is_there(self, tmp_path: Path) -> None:
        with (tmp_path / "log").open("w") as file:
            os.write(file.fileno(), b"before\n")
            LogStream(file.fileno()).write("École\ud800\n")
            os.write(file.fileno(), b"after\n")
        assert (tmp_path / "log").read_text() == "before\nÉcole\\ud800\nafter\n"

    def test_to_a_socket(self) -> None:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            LogStream(ours.fileno()).write(LINE)
            assert theirs.recv(100).decode() == LINE

    def test_leaves_the_descriptor_of_others_as_it_was(self, pipe: tuple[int, int]) -> None:
        LogStream(pipe[1]).write(LINE)
        assert os.get_blocking(pipe[1])


class TestPipeThatIsNotRead:
    def test_loses_no_line_that_is_kept(self, pipe: tuple[int, int]) -> None:
        stream = LogStream(pipe[1])
        count = fill(stream)
        assert read_lines(pipe[0], count) == LINE * count
        assert stream.dropped == 0

    def test_drops_what_is_too_much_and_says_so_afterwards(
        self, pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(log_stream, "MOST_KEPT", 5 * len(LINE))
        reported: list[int] = []
        stream = LogStream(pipe[1], reported.append)
        count = fill(stream)
        assert stream.dropped > 0
        assert reported == []
        assert read_lines(pipe[0], count - stream.dropped) == LINE * (count - stream.dropped)
        wait_until(lambda: reported == [stream.dropped], within=5)


class TestFullDisk:
    def test_fails_no_write(self) -> None:
        full = os.open("/dev/full", os.O_WRONLY)
        stream = LogStream(full)
        for _ in range(3):
            assert stream.write(LINE) == len(LINE)
        os.close(full)


class TestReaderThatIsGone:
    def test_fails_no_write(self) -> None:
        reader, writer = os.pipe()
        stream = LogStream(writer)
        stream.write(LINE)
        os.close(reader)
        assert stream.write(LINE) == len(LINE)
        os.close(writer)
