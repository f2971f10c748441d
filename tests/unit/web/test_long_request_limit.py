"""A limit on the long requests of one client."""

from __future__ import annotations

from app.web.long_request_limit import LongRequestLimit


class TestLongRequestLimit:
    def test_of_one_client_are_limited_and_given_back(self) -> None:
        limit = LongRequestLimit(2)
        assert [limit.take("a") for _ in range(3)] == [True, True, False]
        assert limit.take("b")
        limit.give_back("a")
        assert [limit.take("a") for _ in range(2)] == [True, False]
