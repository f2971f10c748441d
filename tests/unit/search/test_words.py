"""Words: what counts as one, and when two are nearly one."""

from __future__ import annotations

import sys
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.search.query import MOST_ALTERNATIVES, All, Either, Term, WordQuery
from app.search.words import LONGEST_WORD, MOST_WORDS, query_words, words


class TestWords:
    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("Wuthering Heights", ["wuthering", "heights"]),
            ("Brontë", ["bronte"]),
            ("Bronte\N{COMBINING DIAERESIS}", ["bronte"]),
            ("STRASSE Straße", ["strasse", "strasse"]),
            ("Høeg Łódź Æsir", ["hoeg", "lodz", "aesir"]),
            ("O'Brien", ["obrien", "brien"]),
            ("O\u2019Brien", ["obrien", "brien"]),
            ("Eighty-Four: 1984", ["eighty", "four", "1984", "eightyfour"]),
            ("J. R. R. Tolkien", ["j", "r", "r", "tolkien", "jrr"]),
            ("R.U.R.", ["r", "u", "r", "rur"]),
            ("Jean-P. Sartre, J.-P.", ["jean", "p", "sartre", "j", "p", "jeanp", "jp"]),
            ("Vitamin C 3", ["vitamin", "c", "3"]),
            ("C++ or C#", ["c", "c\ue02b\ue02b", "or", "c", "c\ue023"]),
            ("Mars\U0001f680 & ?", ["mars", "uf09f9a80", "u26", "u3f"]),
            ("snake_case", ["snake", "case"]),
            ("紅樓夢", ["紅樓", "樓夢", "夢"]),
            ("猫", ["猫"]),
            ("ドン・キ", ["ドン", "ン", "キ"]),
            ("ｶﾞ ガ", ["ガ", "ガ"]),
            ("soft\N{SOFT HYPHEN}hyphen zero\N{ZERO WIDTH SPACE}width", ["softhyphen", "zerowidth"]),
            ("مُوسِم", ["موسم"]),
            ("Ὀδύσσεια", ["οδυσσεια"]),
            ("Фёдор", ["федор"]),
            ("x" * 100, ["x" * LONGEST_WORD]),
            ("", []),
            (" \n", []),
        ],
    )
    def test_of_a_text(self, text: str, found: list[str]) -> None:
        assert words(text) == found

    def test_of_nothing_but_signs_are_the_signs(self) -> None:
        assert len(words("?!")) == 1
        assert words("?!")[0] in words("C++ ?!")
        assert words("?!") != words("!?")

    def test_every_sign_of_unicode_finds_itself(self) -> None:
        every = (chr(point) for point in range(1, sys.maxunicode + 1, 7))
        there = [sign for sign in every if unicodedata.category(sign) != "Cs" and sign.strip()]
        lost = [sign for sign in there if not set(query_words(sign)) or not set(query_words(sign)) <= set(words(sign))]
        assert lost == []

    @given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
    def test_asked_for_are_among_those_kept(self, text: str) -> None:
        assert set(query_words(text)) <= set(words(text))

    @given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
    def test_are_the_same_in_every_form_and_case(self, text: str) -> None:
        forms = [words(unicodedata.normalize(form, text)) for form in ("NFC", "NFD")]
        assert forms == [words(text)] * 2

    @given(st.text("紅樓夢猫犬山川", min_size=2, max_size=12))
    def test_without_spaces_are_pairs(self, text: str) -> None:
        pairs = [first + second for first, second in pairwise(text)]
        assert words(text) == [*pairs, text[-1]]
        assert query_words(text) == list(dict.fromkeys(pairs))[-MOST_WORDS:]


class TestQuery:
    def test_the_last_word_may_be_a_beginning(self) -> None:
        required = WordQuery.of("emily bronte wuther").required
        assert required == All((Term("emily"), Term("bronte"), Term("wuther", beginning=True)))

    def test_of_two_words_may_be_one(self) -> None:
        two = All((Term("spider"), Term("man", beginning=True)))
        assert WordQuery.of("spider man").required == All((Either((two, Term("spiderman", beginning=True))),))

    def test_a_letter_of_a_script_without_spaces_may_be_a_beginning_too(self) -> None:
        assert WordQuery.of("猫 emma").required == All((Term("猫", beginning=True), Term("emma", beginning=True)))

    def test_has_so_many_words_and_no_more(self) -> None:
        assert len(WordQuery.of(" ".join(map(str, range(1000)))).required.of) == MOST_WORDS
        assert len(WordQuery.of("a" * 10 + " b" * 1000).words) < MOST_WORDS

    def test_forgives_with_the_words_that_are_near(self) -> None:
        query = WordQuery.of("the heigths of").forgiving(["heights", "eighths", "weights", "off"])
        near = Either((Term("heigths"), Term("heights")))
        assert query.required == All((Term("the"), near, Term("of", beginning=True)))

    def test_holds_words_that_are_known_to_be_closer(self) -> None:
        query = WordQuery.of("the emma wodhouse").forgiving(["emma", "emmy", "woodhouse"])
        assert query.closer == All((Term("the"), Term("emma"), Either((Term("wodhouse"), Term("woodhouse")))))

    def test_forgives_with_no_more_than_so_many(self) -> None:
        near = [f"emma{chr(letter)}" for letter in range(0x61, 0x7B)] * 2
        [either] = WordQuery.of("emma").forgiving(near).required.of
        assert isinstance(either, Either)
        assert len(either.of) == MOST_ALTERNATIVES + 1

    def test_of_many_words_forgives_each_with_fewer(self) -> None:
        typed = [f"word{n:02}" for n in range(MOST_WORDS)]
        near = [f"{word}{letter}" for word in typed for letter in "abcdefghij"]
        parts = WordQuery.of(" ".join(typed)).forgiving(near).required.of
        assert {len(part.of) for part in parts if isinstance(part, Either)} == {4}
        assert len(parts) == MOST_WORDS

    def test_of_more_words_than_count_has_no_forgiven_title(self) -> None:
        typed = " ".join(f"word{n}" for n in range(MOST_WORDS + 1))
        assert WordQuery.of(typed).forgiving(["word1"]).titles == ((), ())

    def test_of_nothing_asks_for_nothing(self) -> None:
        assert WordQuery.of(" ").required.of == ()
