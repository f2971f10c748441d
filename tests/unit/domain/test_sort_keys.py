"""Keys that lists are sorted and filtered by."""
# ruff: noqa: RUF001  (names as they are really written, look-alikes included)

from __future__ import annotations

import unicodedata
from hashlib import blake2b
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.names import plain
from app.domain.sort_keys import LETTERS_OF_THEIR_OWN, LONGEST_FIRST, NEIGHBOURS, RULE, filter_key, person_key, sort_key

MOST_BYTES = 2_600
"""What PostgreSQL indexes of one value, beside an id."""
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
NAMES = st.lists(
    st.sampled_from(["Ecole", "École", "ecole", "Écoles", "«École»", "", "2", "10", "Ёлка", "?", "🐈 École"])
)

IN_ORDER = [
    # marks alone
    ["!!!", "???", "🚀"],
    # numbers, by their value, before letters
    ["0", "½", "3", "3.5", "4", "007 Reports", "١٠", "1984", "20,000 Leagues under the Sea", "100,000,000", "A"],
    ["Volume 2", "Volume 02", "Volume 9", "Volume 10", "Volume 10a", "Volume 100", "Volume A"],
    ["9" * 40, "1" + "0" * 40, "1" + "0" * 60, "a"],
    # accents, ligatures, letters with strokes: Latin
    ["Ecole", "École", "ecole normale", "École normale", "Ecolier", "Zebra2"],
    ["Oeuvre", "Œuvre", "Œuvres", "Ovid", "Øvig", "Ówa"],
    ["Aeneis", "Ærø", "Affe", "Anders", "Änderung", "Ångström", "Åre", "Azur"],
    ["Lodz", "Łódź", "Lodzia"],
    ["Dada", "Đakovo", "Dam"],
    ["Strass", "Straße", "Strassen"],
    ["Theta", "Þing", "Thor"],
    ["Ia", "İb", "ıc", "Id"],
    ["finale", "ﬁnn", "Ｆｉｐ"],
    # marks before, within and after
    ["An-d", "And", "…And Justice for All", "Ant"],
    ["Hola", "¡Hola!", "Hola y adiós", "Holar"],
    ["(500) Days of Summer", "501"],
    ["Salem", "'Salem's Lot", "Salemz"],
    ["Girl", "#GirlBoss", "Girlz"],
    ["Spider", "Spider-Man", "Spider Man 2", "Spiderman"],
    ["C", "C Programming", "C#", "C++", "Ca"],
    ["Dr. No", "Dr No, again", "Dr. Zhivago"],
    ["OBrien", "O'Brien", "O’Briena"],
    ["Moon", "🚀 Moon", "Moonz"],
    # Cyrillic
    ["Ежи", "Ёлка", "Ёлочка", "Ель", "Енот", "Єва", "Ж"],
    ["Война и мир", "«Война» и мир, том 2", "Война миров"],
    ["Икра", "Ия", "Йод", "Ірина", "Їжак", "Кот"],
    ["Гора", "Ґанок", "Дом", "Ђак", "Ед"],
    ["Уж", "Ўсё", "Фа"],
    # Greek, Hebrew, Arabic, Persian
    ["Ιλιας", "Ἰλιάς β", "Οδυσσεια", "Ὀδύσσεια β"],
    ["שלום", "שָׁלוֹם א", "תורה"],
    ["احمد", "أَحْمَد ب", "بيت", "پدر", "تاج", "كتاب", "کتاب ب", "گل", "ليل"],
    # vowels are no accents: Devanagari, Thai
    ["क", "का", "कि", "कु", "क्ष", "ख"],
    ["กา", "กุ", "เก", "ขา", "แข"],
    # Han, kana
    ["か", "が", "き", "猫"],
]
PERSONS = [
    ["Garcia, Zoe", "García Lorca, Federico", "García Márquez, Gabriel", "Garciaparra, Nomar"],
    ["Smith", "Smith, Zoe", "Smith Jones, Adam", "Smith-Jones, Betty", "Smithson, A"],
    ["OBrien, A", "O'Brien, Flann", "O’Brien, Tim", "Obst, B"],
    ["Tolkien, Christopher", "Tolkien, J. R. R.", "Tolkien, J.R.R., Jr."],
    ["'Alī", "ʿAlī, B", "‘Alīz"],
    [", and", "Andy"],
]


class TestSortKey:
    @pytest.mark.parametrize("titles", IN_ORDER, ids=lambda titles: ascii(titles[0]))
    def test_puts_titles_in_the_order_that_readers_expect(self, titles: list[str]) -> None:
        backwards = titles[::-1]
        assert sorted(backwards, key=sort_key) == titles

    @pytest.mark.parametrize("names", PERSONS, ids=lambda names: ascii(names[0]))
    def test_puts_persons_by_family_name(self, names: list[str]) -> None:
        backwards = names[::-1]
        assert sorted(backwards, key=person_key) == names

    @given(TEXT, TEXT)
    def test_of_two_texts_that_filters_tell_apart_is_in_the_same_order(self, one: str, other: str) -> None:
        """The second level decides only where the first does not."""
        if filter_key(one) != filter_key(other):
            assert (sort_key(one) < sort_key(other)) == (filter_key(one) < filter_key(other))

    @given(NAMES)
    def test_brings_names_together_that_are_one_but_for_accents(self, names: list[str]) -> None:
        firsts = [filter_key(name) for name in sorted(names, key=sort_key)]
        assert firsts == sorted(firsts)

    @given(st.integers(0, 10**30), st.integers(0, 10**30))
    def test_orders_numbers_by_value(self, one: int, other: int) -> None:
        assert (one < other) == (sort_key(f"Volume {one}") < sort_key(f"Volume {other}"))

    @given(st.integers(0, 10**12), st.text(st.characters(categories=["Ll", "Lu", "Lo"]), min_size=1, max_size=3))
    def test_puts_numbers_before_letters(self, number: int, word: str) -> None:
        assert sort_key(str(number)) < sort_key(word)

    @pytest.mark.parametrize(
        "letter", ["a", "é", "ß", "й", "猫", "𝔄", "🐈", "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}"]
    )
    @pytest.mark.parametrize("key", [sort_key, person_key, filter_key])
    def test_always_fits_an_index(self, key: type[str], letter: str) -> None:
        for text in (letter * 500, f"{letter * 250},{letter * 249}", f"?{letter * 499}"):
            assert len(key(text).encode()) <= MOST_BYTES

    @given(st.text(max_size=500))
    def test_of_any_text_fits_an_index_and_has_no_nul(self, text: str) -> None:
        for key in (sort_key(text), person_key(text), filter_key(text)):
            assert len(key.encode()) <= MOST_BYTES
            assert "\0" not in key

    @pytest.mark.parametrize("letter", ["a", "д", "猫"])
    def test_of_the_longest_titles_is_never_cut(self, letter: str) -> None:
        titles = [f"{letter * 499}{last}" for last in "abcdef"]
        backwards = titles[::-1]
        assert sorted(backwards, key=sort_key) == titles

    def test_that_is_cut_is_still_in_order_up_to_there_and_of_one_text(self) -> None:
        start = "🐈a" * (LONGEST_FIRST // 5)
        titles = [start, f"{start}{'c' * 99}x", f"{start}{'c' * 99}y"]
        assert len({filter_key(title) for title in titles}) == len(titles)
        assert sort_key(titles[0]) < min(map(sort_key, titles[1:]))
        assert max(map(sort_key, titles)) < sort_key(start[:-1] + "b")

    def test_is_made_by_a_rule_that_has_a_number(self) -> None:
        """Another digest means another rule: raise RULE, write a migration that computes all keys again, and this."""
        assert RULE == 3
        keys = [key(text) for text in chain(*IN_ORDER, *PERSONS) for key in (sort_key, person_key, filter_key)]
        assert blake2b("\n".join(keys).encode(), digest_size=8).hexdigest() == "dcd7b635735e9839"


class TestFilterKey:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("Poésie", "poesie"),
            ("Éditions  Gallimard", "EDITIONS GALLIMARD"),
            ("O'Reilly", "o’reilly"),
            ("Sci-Fi", "sci‑fi"),
            ("W. W. Norton & Co.", "W.W. Norton & Co"),
            ("Straße", "STRASSE"),
            ("Cœur", "coeur"),
            ("Фёдор", "федор"),
            ("كِتَاب", "کتاب"),
            ("Ｆ", "f"),
            ("a\N{SOFT HYPHEN}b", "ab"),
            ("Pléiade", unicodedata.normalize("NFD", "Pléiade")),
        ],
    )
    def test_is_the_same(self, one: str, other: str) -> None:
        assert filter_key(one) == filter_key(other)

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            ("C", "C#"),
            ("C", "C++"),
            ("Ana", "Anna"),
            ("7", "007"),
            ("?", "!"),
            ("कि", "की"),
            ("กุ", "กู"),
            ("и", "й"),
            ("か", "が"),
        ],
    )
    def test_differs(self, one: str, other: str) -> None:
        assert filter_key(one) != filter_key(other)

    @given(TEXT)
    def test_is_the_same_in_every_form_of_unicode_and_case(self, text: str) -> None:
        forms = [filter_key(unicodedata.normalize(form, text)) for form in ("NFC", "NFD", "NFKC", "NFKD")]
        assert forms == [filter_key(text)] * 4
        assert filter_key(text.casefold()) == filter_key(text)

    def test_takes_the_letters_for_one_that_search_does(self) -> None:
        """Every letter of the alphabets, but for those that have a place of their own in theirs."""
        codes = (*range(0x3100), *range(0xA640, 0xAC00), *range(0xFB00, 0xFFDC))
        letters = [chr(code) for code in codes if unicodedata.category(chr(code)) in {"Ll", "Lu", "Lt", "Lo"}]
        own = set(LETTERS_OF_THEIR_OWN)
        apart = [
            letter
            for letter in letters
            if own.isdisjoint(map(ord, unicodedata.normalize("NFKC", letter.casefold())))
            and filter_key(f"a{letter}") != filter_key(f"a{plain(letter)}")
        ]
        assert apart == []

    def test_gives_letters_of_their_own_a_place_after_their_neighbour(self) -> None:
        for group in NEIGHBOURS.split():
            after = chr(ord(group[0]) + 1)
            following = after if after not in group else chr(ord(after) + 1)
            assert sorted([following, *group[::-1]], key=filter_key) == [*group, following]
