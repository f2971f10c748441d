"""What is read of the fields of a MARC record."""

from __future__ import annotations

import pytest

from tests.unit.transfer.marc.books import notes, only_book, only_row, record, rows_of


class TestTitle:
    @pytest.mark.parametrize(
        ("text", "title", "subtitle"),
        [
            ("10$aEmma /$cJane Austen.", "Emma", None),
            ("10$aEmma.", "Emma", None),
            ("10$aEmma", "Emma", None),
            (
                "10$aDesign patterns :$belements of reusable software /$cErich Gamma.",
                "Design patterns",
                "elements of reusable software",
            ),
            ("10$aDesign patterns:$belements.", "Design patterns", "elements"),
            ("10$aFaust.$nTeil 1,$pUrfaust /$cGoethe.", "Faust. Teil 1, Urfaust", None),
            ("10$aFaust.$pUrfaust :$bein Fragment.", "Faust. Urfaust", "ein Fragment"),
            ("10$aKrieg und Frieden =$bWar and peace /$cTolstoi.", "Krieg und Frieden", "War and peace"),
            ("10$aEmma$h[sound recording] :$ba novel.", "Emma", "a novel"),
            ("10$aEmma and the U.S.", "Emma and the U.S.", None),
            ("10$aWhat is man? /$cMark Twain.", "What is man?", None),
            ("10$kLetters,$f1811-1817.", "Letters", None),
            ("10$6880-01$aVoina i mir /$cL.N. Tolstoi.", "Voina i mir", None),
        ],
    )
    def test_is_without_punctuation(self, text: str, title: str, subtitle: str | None) -> None:
        book = only_book(("245", text))
        assert (book.title, book.subtitle) == (title, subtitle)

    def test_keeps_its_marks_in_records_without_punctuation(self) -> None:
        book = only_book(("245", "10$aEmma,$bsee /$cJane Austen"), leader="00000nam a2200000 c 4500")
        assert (book.title, book.subtitle) == ("Emma,", "see /")

    def test_may_be_in_a_file_of_another_script_alone(self) -> None:
        assert only_book(("245", "10"), ("880", "10$6245-00/(3$a戦争と平和 /$cトルストイ.")).title == "戦争と平和"

    def test_in_another_script_is_noted(self) -> None:
        row = only_row(
            ("245", "10$6880-01$aVoina i mir /$cTolstoi."), ("880", "10$6245-01/(3$a戦争と平和 /$cトルストイ.")
        )
        assert row.book is not None
        assert row.book.title == "Voina i mir"
        assert notes(row) == [
            (
                "title (column 880 (245)): “戦争と平和” is given in another script as well, "
                "for which the catalogue has no field"
            )
        ]

    @pytest.mark.parametrize("text", ["10", "10$cJane Austen.", "10$a  $bx"])
    def test_is_required(self, text: str) -> None:
        row = only_row(("245", text))
        assert row.book is None
        assert [str(error) for error in row.errors] == ["title (column 245 $a): is missing"]

    @pytest.mark.parametrize(
        ("text", "language", "sort_title"),
        [
            ("14$aThe town scold /$cJ.", "eng", None),  # derived from the language
            ("14$aThe town scold /$cJ.", "|||", "town scold, The"),
            ("12$aL'étranger /$cC.", "und", "étranger, L'"),
            ("19$aEmma and more /$cJ.", "eng", None),  # the indicator is wrong
            ("15$aThe town scold /$cJ.", "eng", None),
            ("10$aDie Hard /$cJ.", "ger", None),
        ],
    )
    def test_is_filed_as_its_indicator_says(self, text: str, language: str, sort_title: str | None) -> None:
        book = only_book(("245", text), ("008", f"000107s2000    nyua          001 0 {language}  "))
        assert book.sort_title == sort_title


class TestImprint:
    @pytest.mark.parametrize(
        ("date", "year"),
        [
            ("c1999.", 1999),
            ("2000.", 2000),
            ("[1850?]", 1850),
            ("©2011", 2011),
            ("44 B.C.", -44),
            ("[ca. 1920]", 1920),
            ("MCMXCIX [1999]", 1999),
            ("1994-", 1994),
            ("", None),
        ],
    )
    def test_year(self, date: str, year: int | None) -> None:
        assert only_book(("260", f"  $aNew York :$bWiley,$c{date}")).published_year == year

    @pytest.mark.parametrize(
        ("date", "coded", "year"),
        [
            ("1998-2001", "s1998", 1998),
            ("1999, c1998.", "t1999", 1999),
            ("MCMXCIX", "s1999", 1999),
            ("[19--]", "s1950", 1950),
            ("", "s1950", 1950),
            ("1950", "s    ", 1950),
            ("", "q19uu", None),
            ("", "m9999", None),
        ],
    )
    def test_year_is_else_the_coded_one(self, date: str, coded: str, year: int | None) -> None:
        fields = ("008", f"000107{coded}    nyua          001 0 eng  "), ("260", f"  $bWiley,$c{date}")
        assert only_book(*fields).published_year == year

    def test_years_without_a_coded_one_are_noted(self) -> None:
        row = only_row(("260", "  $c1998-2001"))
        assert row.book is not None
        assert row.book.published_year == 1998
        assert notes(row) == ["published_year (column 264 $c): “1998-2001” names several years, and the first is kept"]

    def test_a_date_is_coded(self) -> None:
        book = only_book(("008", "000107e18151223enk           001 0 eng  "), ("264", " 1$c1815."))
        assert (book.published_year, book.published) == (1815, "1815-12-23")

    def test_the_publication_comes_before_distribution_and_copyright(self) -> None:
        fields = ("264", " 4$c©2010"), ("264", " 2$bLibri,$c2012"), ("264", " 1$aBerlin :$bInsel,$c2011.")
        book = only_book(*fields)
        assert (book.publisher, book.published_year) == ("Insel", 2011)

    @pytest.mark.parametrize("name", ["[s.n.]", "s.n.", "[publisher not identified]", "[S. n.]"])
    def test_a_publisher_without_a_name_is_none(self, name: str) -> None:
        assert only_book(("260", f"  $aParis :$b{name},$c1900.")).publisher is None

    def test_a_second_publisher_is_noted(self) -> None:
        row = only_row(("260", "  $aLondon :$bPenguin ;$aNew York :$bViking,$c1999."))
        assert row.book is not None
        assert row.book.publisher == "Penguin"
        assert notes(row) == ["publisher (column 264 $b): “Viking” is a second publisher"]

    @pytest.mark.parametrize(
        ("extent", "pages"),
        [
            ("xii, 345 p. :", 345),
            ("xix 538 p.", 538),
            ("1 online resource (xii, 212 pages)", 212),
            ("2 v. (xx, 1200 p.) ;", 1200),
            ("123 S.", 123),
            ("345", 345),
            ("p. cm.", None),
        ],
    )
    def test_pages(self, extent: str, pages: int | None) -> None:
        assert only_book(("300", f"  $a{extent}$c23 cm.")).pages == pages

    @pytest.mark.parametrize("extent", ["1 sound disc :", "1 v. (various pagings)", "3 volumes ;"])
    def test_what_is_not_pages_is_noted(self, extent: str) -> None:
        assert notes(only_row(("300", f"  $a{extent}$c23 cm.")))[0].endswith("is not a number of pages")


class TestSeries:
    @pytest.mark.parametrize(
        ("fields", "series", "position"),
        [
            ([("490", "1 $aDiscworld ;$v3"), ("830", " 0$aDiscworld novels ;$vbk. 3.")], "Discworld", 3),
            ([("490", "0 $aHer Waste ; pt. 1")], "Her Waste", 1),
            ([("490", "1 $aDiscworld"), ("830", " 0$aDiscworld novels ;$vBd. 3.")], "Discworld", 3),
            ([("830", " 0$aGame development.")], "Game development", None),
            ([("440", " 0$aActa.$nB,$pHumaniora ;$v1.5")], "Acta. B, Humaniora", 1.5),
            ([("800", "1 $aPratchett, Terry.$tDiscworld ;$v7.")], "Discworld", 7),
            ([("490", "1 $aLecture notes,$x0302-9743 ;$vno. 12")], "Lecture notes", 12),
        ],
    )
    def test_of_all_forms(self, fields: list[tuple[str, str]], series: str, position: float | None) -> None:
        book = only_book(*fields)
        assert (book.series, book.series_position) == (series, position)

    def test_a_second_one_and_a_place_of_two_numbers_are_noted(self) -> None:
        row = only_row(("490", "0 $aActa ;$vbk. 2, pt. 3"), ("490", "0 $aNova ;$v1"))
        assert row.book is not None
        assert (row.book.series, row.book.series_position) == ("Acta", None)
        assert notes(row) == [
            "series (column 490 $a): “Nova” is a second series",
            "series_position (column 490 $v): “bk. 2, pt. 3” is not one number",
        ]


def test_fields_are_counted_from_one() -> None:
    assert [row.line for row in rows_of(record() * 3)] == [1, 2, 3]
