"""A limit on the long requests of one client."""

from __future__ import annotations

from app.web.turns import Turns


class TestTurns:
    def test_of_one_client_are_limited_and_given_back(self) -> None:
        turns = Turns(2)
        assert [turns.take("a") for _ in range(3)] == [True, True, False]
        assert turns.take("b")
        turns.give_back("a")
        assert [turns.take("a") for _ in range(2)] == [True, False]
