"""Names that look alike."""

# ruff: noqa: RUF001  (confusable characters are what is tested)

from __future__ import annotations

import pytest

from app.domain.lookalikes import shapes, skeleton


class TestSkeleton:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("alice", "аlice"),
            ("paypal", "раураl"),
            ("modern", "rnodern"),
            ("O0", "0O"),
            ("l1|I", "Il1|"),
            ("e\u0301", "\u00e9"),
            ("ali\u200bce", "alice"),
            ("𝒶𝓁ice", "alice"),
        ],
    )
    def test_is_one_of_texts_that_look_alike(self, one: str, other: str) -> None:
        assert skeleton(one) == skeleton(other)

    @pytest.mark.parametrize("name", ["alice", "Алиса", "有栖川 有栖", "O'Hara; --", "m1I0|𝒶ρ"])
    def test_has_itself_as_its_skeleton(self, name: str) -> None:
        """UTS 39, section 4: the prototypes have no prototypes."""
        assert skeleton(skeleton(name)) == skeleton(name)

    @pytest.mark.parametrize(("one", "other"), [("alice", "alicé"), ("ali", "all"), ("ian", "lan"), ("ё", "е")])
    def test_is_another_of_others(self, one: str, other: str) -> None:
        assert skeleton(one) != skeleton(other)


class TestShapes:
    @pytest.mark.parametrize(
        ("one", "other"), [("PaypaI", "paypal"), ("АLICE", "alice"), ("Ian", "lan"), ("b0b", "BOB"), ("Ian", "іan")]
    )
    def test_are_in_common_whatever_the_capitals(self, one: str, other: str) -> None:
        assert set(shapes(one)) & set(shapes(other))

    @pytest.mark.parametrize(("one", "other"), [("ian", "lan"), ("Ali", "all"), ("user11", "user12")])
    def test_are_not_in_common_for_names_that_differ(self, one: str, other: str) -> None:
        assert not set(shapes(one)) & set(shapes(other))

    @pytest.mark.parametrize("name", ["ﷺ" * 64, "m" * 64, "𝒶" * 64])
    def test_fit_an_index(self, name: str) -> None:
        assert max(len(shape.encode()) for shape in shapes(name)) < 2_700
