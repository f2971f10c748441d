"""Limits on what one client may have under way."""

from __future__ import annotations

from contextlib import ExitStack

from app.errors import BooksError, TooManyImports, TooManyRequests
from app.front.concurrency_limit import ImportLimit


def outcomes(limit: ImportLimit, accounts: list[int]) -> list[type[BooksError] | None]:
    """What becomes of imports of these accounts, all under way at once."""
    with ExitStack() as stack:
        refusals = [stack.enter_context(limit.one_more(account)) for account in accounts]
        return [None if refusal is None else type(refusal) for refusal in refusals]


class TestImports:
    def test_are_limited_by_account_and_in_all(self) -> None:
        limit = ImportLimit(3, 2)
        expected = [None, None, TooManyRequests, None, TooManyImports, TooManyImports]
        for _ in range(2):  # all places are given back
            assert outcomes(limit, [1, 1, 1, 2, 2, 3]) == expected

    def test_that_are_refused_take_no_place(self) -> None:
        limit = ImportLimit(2, 1)
        with limit.one_more(1) as first, limit.one_more(1) as second, limit.one_more(2) as third:
            assert (first, third) == (None, None)
            assert isinstance(second, TooManyRequests)
            assert second.retry_after == 5
