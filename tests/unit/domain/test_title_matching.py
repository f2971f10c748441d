"""Titles of the same book."""

from __future__ import annotations

import pytest

from app.domain.title_matching import titles_agree


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Emma", "EMMA."),
        ("Emma", "Emma: A Novel"),
        ("Godel, Escher, Bach", "Gödel, Escher, Bach"),
        ("Spider-Man", "Spiderman"),
        ("Catch-22", "Catch 22 (Catch-22, #1)"),
        ("Hunger Games, The", "The Hunger Games"),
    ],
)
def test_that_agree(one: str, other: str) -> None:
    assert titles_agree(one, other)
    assert titles_agree(other, one)


@pytest.mark.parametrize(("one", "other"), [("Emma", "Persuasion"), ("It", "Itch"), ("Volume 1", "Volume 2")])
def test_that_do_not(one: str, other: str) -> None:
    assert not titles_agree(one, other)
    assert not titles_agree(other, one)
