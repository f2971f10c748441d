"""Reading the rows of an import, chunk by chunk."""

from __future__ import annotations

from threading import current_thread, main_thread
from typing import TYPE_CHECKING

import pytest

from app.errors import UnreadableFile
from app.search.words import words
from app.services.imports.read_ahead import Chunks
from app.transfer.rows import Row
from app.transfer.validation import fill

if TYPE_CHECKING:
    from collections.abc import Iterator
    from threading import Thread


def rows(titles: list[str], threads: list[Thread] | None = None, *, fails: bool = False) -> Iterator[Row]:
    for line, title in enumerate(titles, 1):
        row = Row(line)
        fill(row, {"title": title, "contributors": [{"name": "Jane Austen"}]})
        if threads is not None:
            threads.append(current_thread())
        yield row
    if fails:
        msg = "the file is damaged"
        raise UnreadableFile(msg)


def lines(chunk: list[Row]) -> list[int]:
    return [row.line for row in chunk]


class TestChunks:
    def test_has_all_rows_in_order(self) -> None:
        with Chunks(rows(list("abcde")), 2) as chunks:
            assert [lines(chunks.take()) for _ in range(4)] == [[1, 2], [3, 4], [5], []]

    def test_has_the_same_rows_if_they_are_read_ahead(self) -> None:
        with Chunks(rows(list("abcde")), 2) as chunks:
            taken = []
            for _ in range(4):
                chunks.read_ahead()
                chunks.read_ahead()
                taken.append(lines(chunks.take()))
            assert taken == [[1, 2], [3, 4], [5], []]

    def test_reads_ahead_in_another_thread(self) -> None:
        threads: list[Thread] = []
        with Chunks(rows(list("ab"), threads), 1) as chunks:
            chunks.take()
            chunks.read_ahead()
            chunks.take()
        assert [thread is main_thread() for thread in threads] == [True, False]

    def test_an_error_is_raised_when_its_chunk_is_taken(self) -> None:
        with Chunks(rows(list("ab"), fails=True), 2) as chunks:
            assert lines(chunks.take()) == [1, 2]
            chunks.read_ahead()
            with pytest.raises(UnreadableFile, match="the file is damaged"):
                chunks.take()

    def test_a_row_without_a_book_is_read_too(self) -> None:
        with Chunks(rows(["", "b"]), 2) as chunks:
            first, second = chunks.take()
        assert (first.book, first.errors[0].field) == (None, "title")
        assert second.book is not None

    @pytest.mark.parametrize("text", ["Pride and Prejudice", "Jane Austen"])
    def test_texts_are_split_when_they_are_read(self, text: str) -> None:
        with Chunks(rows(["Pride and Prejudice"]), 1) as chunks:
            chunks.take()
            assert chunks.words(text) == words(text)
            assert (chunks.words.cache_info().hits, chunks.words.cache_info().misses) == (1, 2)

    def test_of_large_books_is_shorter(self) -> None:
        def large() -> Iterator[Row]:
            for line in range(1, 31):
                row = Row(line, original="x" * 1_000)
                people = [{"name": f"Author {number}"} for number in range(200)]
                fill(row, {"title": f"Book {line}", "contributors": people, "description": "y" * 10_000})
                yield row

        with Chunks(large(), 500, keep_originals=False) as chunks:
            first, second, end = (chunks.take() for _ in range(3))
        assert (lines(first), lines(second), end) == ([*range(1, 24)], [*range(24, 31)], [])
        assert {row.original for row in first} == {""}
