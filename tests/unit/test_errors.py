"""Errors in the words of the domain."""

from __future__ import annotations

import pytest

from app.errors import AuthorMissing, Fault, InvalidCursor, InvalidRequest


class TestFault:
    @pytest.mark.parametrize(
        ("fault", "words"),
        [
            (Fault("/title", "must not be empty"), "title: must not be empty"),
            (Fault("/genres/2", "must be a string"), "genres[2]: must be a string"),
            (Fault("/books/0/title", "is required"), "books[0].title: is required"),
            (Fault("", "must be a JSON object"), "must be a JSON object"),
            (Fault("limit", "must be at least 1", "parameter"), "limit: must be at least 1"),
            (Fault("If-Match", "is stale", "header"), "If-Match: is stale"),
        ],
    )
    def test_is_said_as_a_person_would(self, fault: Fault, words: str) -> None:
        assert str(fault) == words


class TestMessage:
    def test_is_that_of_the_kind_or_one_of_its_own(self) -> None:
        assert str(InvalidRequest()) == InvalidRequest.message
        assert str(InvalidRequest("Something else.")) == "Something else."
        assert InvalidRequest().message == InvalidRequest.message

    def test_of_what_names_its_own_place(self) -> None:
        assert [fault.where for fault in AuthorMissing().faults] == ["/author_id"]
        assert [fault.source for fault in InvalidCursor().faults] == ["parameter"]
