"""Names of people in cells."""

from __future__ import annotations

import pytest

from app.transfer.people import Habits, people_in
from app.transfer.tables.row_reader import NO_AUTHOR
from tests.unit.transfer.tables.reading import names_in, only_row, rows_of, table_of

SPOKEN, INVERTED, LISTS = Habits(spoken=9), Habits(inverted=9), Habits(lists=9)
KEPT = "may be one person or several, and is kept as one"


def names(cell: str, habits: Habits) -> list[str]:
    """The names in a cell, with roles that are not `aut`; none is in doubt."""
    people, doubt = people_in(cell, habits)
    assert doubt == ""
    return [person.name + (f" ({person.role})" if person.role != "aut" else "") for person in people]


class TestSeveral:
    @pytest.mark.parametrize(
        "cell",
        [
            *["Terry Pratchett; Neil Gaiman", "Terry Pratchett & Neil Gaiman", "Terry Pratchett, Neil Gaiman"],
            *["Terry Pratchett/Neil Gaiman", "Terry Pratchett and Neil Gaiman", "Terry Pratchett|Neil Gaiman"],
            *["Terry Pratchett\nNeil Gaiman", "['Terry Pratchett', 'Neil Gaiman']", "by Terry Pratchett; Neil Gaiman"],
            *[
                "Pratchett, Terry; Gaiman, Neil",
                "Pratchett, Terry and Gaiman, Neil",
                "Terry  Pratchett ;; Neil Gaiman;",
            ],
            "Terry Pratchett; Neil Gaiman; TERRY PRATCHETT",
        ],
    )
    def test_are_told_apart(self, cell: str) -> None:
        assert names(cell, SPOKEN) == ["Terry Pratchett", "Neil Gaiman"]

    @pytest.mark.parametrize("cell", ["Simon & Schuster", "Jane Austen", "Homer", "Various", "AC/DC"])
    def test_one_stays_one(self, cell: str) -> None:
        assert names(cell, SPOKEN) == [cell]

    def test_in_a_column_of_lists_may_have_one_name(self) -> None:
        assert names("Homer, Robert Fagles, E.V. Rieu", LISTS) == ["Homer", "Robert Fagles", "E.V. Rieu"]


class TestInverted:
    @pytest.mark.parametrize(
        ("cell", "name", "sort_name"),
        [
            ("Pratchett, Terry", "Terry Pratchett", "Pratchett, Terry"),
            ("Le Guin, Ursula K.", "Ursula K. Le Guin", "Le Guin, Ursula K."),
            ("Tolkien, J. R. R.", "J. R. R. Tolkien", "Tolkien, J. R. R."),
            ("Goethe, Johann von", "Johann von Goethe", "Goethe, Johann von"),
            ("Goethe, Johann Wolfgang von", "Johann Wolfgang von Goethe", "Goethe, Johann Wolfgang von"),
            ("King, Martin, Jr.", "Martin King Jr.", "King, Martin, Jr."),
            ("Brontë, Emily, 1818-1848.", "Emily Brontë", "Brontë, Emily"),
            ("Darwin, Charles, 1809-1882,", "Charles Darwin", "Darwin, Charles"),
        ],
    )
    def test_is_turned_in_any_column(self, cell: str, name: str, sort_name: str) -> None:
        for habits in (SPOKEN, INVERTED):
            [person] = people_in(cell, habits).people
            assert (person.name, person.sort_name) == (name, sort_name)

    @pytest.mark.parametrize(
        ("cell", "name"),
        [
            ("García Márquez, Gabriel", "Gabriel García Márquez"),
            ("King, Martin Luther, Jr.", "Martin Luther King Jr."),
            ("Example, E. (Edward)", "E. (Edward) Example"),
        ],
    )
    def test_is_turned_where_that_is_the_rule_of_the_column(self, cell: str, name: str) -> None:
        assert names(cell, INVERTED) == [name]

    def test_is_not_where_the_last_of_a_list_is_not(self) -> None:
        assert names("Ann Mann, Jo Roe & Li Po", INVERTED) == ["Ann Mann", "Jo Roe", "Li Po"]
        assert names("Pratchett, Terry & Li Po", INVERTED) == ["Terry Pratchett", "Li Po"]
        assert names("García Márquez, Gabriel; Health Press", INVERTED) == ["Gabriel García Márquez", "Health Press"]

    @pytest.mark.parametrize(
        "cell", ["García Márquez, Gabriel", "Homer, Robert Fagles", "Gaiman, Neil, Pratchett, Terry"]
    )
    def test_in_doubt_the_cell_stays_whole(self, cell: str) -> None:
        people, doubt = people_in(cell, SPOKEN)
        assert ([person.name for person in people], doubt) == ([cell], KEPT)

    def test_is_the_rule_of_a_column_if_most_cells_are(self) -> None:
        header = "title,author\n"
        rows = rows_of(f'{header}A,"Austen, Jane"\nB,"Eliot, George"\nC,"García Márquez, Gabriel"\nD,The Clerk\n')
        assert [names_in(row.book) for row in rows if row.book] == [
            ["Jane Austen"],
            ["George Eliot"],
            ["Gabriel García Márquez"],
            ["The Clerk"],
        ]


class TestRoles:
    @pytest.mark.parametrize(
        ("cell", "expected"),
        [
            ("Homer; Emily Wilson (Translator)", ["Homer", "Emily Wilson (trl)"]),
            ("Datlow, Ellen (ed.)", ["Ellen Datlow (edt)"]),
            ("Example, Ann, author.", ["Ann Example"]),
            ("Wilson, Emily, translator", ["Emily Wilson (trl)"]),
            ("Homer; translated by Emily Wilson", ["Homer", "Emily Wilson (trl)"]),
            ("Kirby, Josh [ill]", ["Josh Kirby (ill)"]),
            ("Example, Art", ["Art Example"]),
            ("Patchett, Ann", ["Ann Patchett"]),
            ("Ann Mann (Translator), Jo Roe (Translator)", ["Ann Mann (trl)", "Jo Roe (trl)"]),
            ("Brian K. Vaughan, Fiona Staples (Illustrator)", ["Brian K. Vaughan", "Fiona Staples (ill)"]),
            ("Ann Mann (Author), Jo Roe (Illustrator)", ["Ann Mann", "Jo Roe (ill)"]),
            ("Ann Mann & Jo Roe (eds.)", ["Ann Mann (edt)", "Jo Roe (edt)"]),
            ("edited by Ann Mann and Jo Roe", ["Ann Mann (edt)", "Jo Roe (edt)"]),
            ("by Ann Mann & Jo Roe", ["Ann Mann", "Jo Roe"]),
            ("Homer; translated by Ann Mann, Jo Roe", ["Homer", "Ann Mann (trl)", "Jo Roe (trl)"]),
        ],
    )
    def test_are_read_beside_the_name(self, cell: str, expected: list[str]) -> None:
        assert names(cell, SPOKEN) == expected

    def test_of_a_column_beside_it(self) -> None:
        row = only_row(**{"Author": "Kiely, Benedict", "Author role": "Editor"})
        assert row.book is not None
        assert names_in(row.book) == ["Benedict Kiely (edt)"]
        assert row.book.main_author.name == "Benedict Kiely"

    def test_of_several_are_in_their_order(self) -> None:
        row = only_row(
            **{"Author": "Homer", "Additional Authors": "A. One|B. Two", "Additional Author Roles": "Translator|Editor"}
        )
        assert row.book is not None
        assert names_in(row.book) == ["Homer", "A. One (trl)", "B. Two (edt)"]


class TestNobody:
    @pytest.mark.parametrize("cell", ["", " ", "-", "N/A", "Unknown", "anonymous", "Anon.", "[unknown]", "?"])
    def test_is_anonymous(self, cell: str) -> None:
        row = only_row(author=cell)
        assert row.book is not None
        assert (names_in(row.book), row.left_out) == (["Anonymous"], [])

    def test_beside_others_comes_first_if_it_does_so_in_the_cell(self) -> None:
        assert names("Unknown; Seamus Heaney (Translator)", SPOKEN) == ["Anonymous", "Seamus Heaney (trl)"]
        assert names("Anonymous, Joseph Smith Jr.", LISTS) == ["Anonymous", "Joseph Smith Jr."]

    def test_is_counted(self) -> None:
        table = table_of("title,author\nBeowulf,\nEmma,Jane Austen\nEdda,Unknown\n")
        assert len(list(table)) == 3
        assert table.remarks == {NO_AUTHOR: 2}

    def test_of_many_more_is_named(self) -> None:
        people, doubt = people_in("Terry Pratchett et al.", SPOKEN)
        assert ([person.name for person in people], doubt) == (["Terry Pratchett"], "does not name all people")
