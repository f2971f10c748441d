"""Values of the catalogue: language tags, relator codes, sort names."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.languages import LONGEST_TAG, normalize_language
from app.domain.relator_codes import AUTHOR, RELATORS
from app.domain.sort_names import sort_name_of


class TestLanguage:
    @pytest.mark.parametrize(
        ("text", "tag"),
        [
            ("en", "en"),
            ("EN", "en"),
            ("eng", "en"),
            ("EN_us", "en-US"),
            ("ger", "de"),
            ("deu", "de"),
            ("fre", "fr"),
            ("zh-hant-tw", "zh-Hant-TW"),
            ("sr-latn", "sr-Latn"),
            ("iw", "he"),
            ("grc", "grc"),
            ("mul", "mul"),
            (" ar ", "ar"),
        ],
    )
    def test_has_one_form(self, text: str, tag: str) -> None:
        assert normalize_language(text) == tag

    @pytest.mark.parametrize("text", ["", " ", "english", "xyz", "e", "en-", "-en", "en--US", "12", "en\0", "日本語"])
    def test_is_one_that_is_registered(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"^is not a language tag"):
            normalize_language(text)

    @given(st.text() | st.from_regex(r"[a-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,3}", fullmatch=True))
    def test_of_any_text_is_none_or_stays_as_it_is(self, text: str) -> None:
        with suppress(ValueError):
            tag = normalize_language(text)
            assert normalize_language(tag) == tag
            assert len(tag) <= LONGEST_TAG


class TestRelators:
    def test_are_codes_of_three_letters(self) -> None:
        assert {len(code) for code in RELATORS} == {3}
        assert all(code.isascii() and code.islower() and code.isalpha() for code in RELATORS)

    @pytest.mark.parametrize("code", [AUTHOR, "trl", "edt", "ill", "nrt", "aui", "ctb", "cov", "com", "win"])
    def test_have_those_that_books_need(self, code: str) -> None:
        assert code in RELATORS


class TestSortName:
    @pytest.mark.parametrize(
        ("name", "filed"),
        [
            ("Jane Austen", "Austen, Jane"),
            ("J. R. R. Tolkien", "Tolkien, J. R. R."),
            ("Johann Wolfgang von Goethe", "Goethe, Johann Wolfgang von"),
            ("Martin Luther King Jr.", "King, Martin Luther, Jr."),
            ("Homer", "Homer"),
            ("Austen, Jane", "Austen, Jane"),
            ("Sammy III", "III, Sammy"),
            ("夏目漱石", "夏目漱石"),
            ("الطيب صالح", "الطيب صالح"),
            ("Фёдор Достоевский", "Достоевский, Фёдор"),
            ("bell hooks", "bell hooks"),
        ],
    )
    def test_begins_with_the_last_name(self, name: str, filed: str) -> None:
        assert sort_name_of(name) == filed

    @given(st.text(min_size=1, max_size=255).filter(lambda text: bool(text.strip())))
    def test_of_any_name_is_a_name_and_filed_as_it_is(self, name: str) -> None:
        filed = sort_name_of(name)
        assert filed.strip()
        assert sort_name_of(filed) == filed
