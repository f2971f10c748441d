"""The people of MARC records."""

from __future__ import annotations

import pytest

from app.transfer.people import ANONYMOUS
from tests.unit.transfer.marc.books import notes, only_book, only_row, record, rows_of
from tests.unit.transfer.tables.reading import names_in


@pytest.mark.parametrize(
    ("text", "name", "sort_name"),
    [
        ("1 $aAusten, Jane,$d1775-1817.", "Jane Austen", "Austen, Jane"),
        ("1 $aAusten, Jane.", "Jane Austen", "Austen, Jane"),
        ("1 $aAusten, Jane, 1775-1817.", "Jane Austen", "Austen, Jane"),
        ("1 $aTolkien, J. R. R.$q(John Ronald Reuel),$d1892-1973.", "J. R. R. Tolkien", "Tolkien, J. R. R."),
        ("1 $aKing, Martin Luther,$cJr.,$d1929-1968.", "Martin Luther King Jr.", "King, Martin Luther, Jr."),
        ("1 $aKing, Martin Luther, Jr.", "Martin Luther King Jr.", "King, Martin Luther, Jr."),
        ("1 $aBeethoven, Ludwig van,$d1770-1827.", "Ludwig van Beethoven", "Beethoven, Ludwig van"),
        ("0 $aJohn Paul$bII,$cPope,$d1920-2005.", "John Paul II", None),
        ("0 $aHomer.", "Homer", None),
        ("0 $aLeonardo,$cda Vinci,$d1452-1519.", "Leonardo", None),
        ("1 $aMadonna,$d1958-", "Madonna", None),
    ],
)
def test_names(text: str, name: str, sort_name: str | None) -> None:
    (person,) = only_book(("100", text)).contributors
    assert (person.name, person.sort_name, person.role) == (name, sort_name, "aut")


@pytest.mark.parametrize(
    ("tag", "text", "name"),
    [
        (
            "110",
            "1 $aUnited States.$bExecutive Office of the President.",
            "United States. Executive Office of the President",
        ),
        ("110", "2 $aWhite House Web Team.", "White House Web Team"),
        ("111", "2 $aPerl Conference 4.0$d(2000 :$cMonterey, Calif.)", "Perl Conference 4.0"),
    ],
)
def test_bodies_and_meetings(tag: str, text: str, name: str) -> None:
    (person,) = only_book(("100", "1 "), (tag, text)).contributors
    assert (person.name, person.role) == (name, "aut")


@pytest.mark.parametrize(
    ("text", "roles"),
    [
        ("1 $aDoe, Ann,$etranslator.", ["trl"]),
        ("1 $aDoe, Ann,$eed.", ["edt"]),
        ("1 $aDoe, Ann,$d1950-$4ill", ["ill"]),
        ("1 $aDoe, Ann.$4http://id.loc.gov/vocabulary/relators/trl", ["trl"]),
        ("1 $aDoe, Ann,$eeditor,$etranslator.", ["edt", "trl"]),
        ("1 $aDoe, Ann,$eeditor.$4edt", ["edt"]),
        ("1 $aDoe, Ann,$eauthor of introduction, etc.", ["aui"]),
        ("1 $aDoe, Ann,$eed., tr.", ["edt", "trl"]),
    ],
)
def test_roles(text: str, roles: list[str]) -> None:
    people = only_book(("700", text)).contributors
    assert [(person.name, person.role) for person in people[1:]] == [("Ann Doe", role) for role in roles]


def test_an_unknown_role_is_noted() -> None:
    row = only_row(("700", "1 $aDoe, Ann,$ejuggler."))
    assert notes(row) == ["contributors (column 700 $e): “juggler.” is not a known role"]


@pytest.mark.parametrize(
    ("statement", "role"),
    [
        ("Jane Austen and Ann Doe.", "aut"),
        ("edited by Jane Austen and Ann Doe.", "edt"),
        ("Jane Austen ; translated by Ann Doe ; illustrated by X.", "trl"),
        ("Jane Austen ; mit einem Vorwort von Ann Doe.", "aui"),
        ("Jane Austen ; hrsg. und übersetzt von Ann Doe.", "trl"),
        ("Jane Austen ; with Ann Doe.", "ctb"),
        ("Jane Austen.", "ctb"),
    ],
)
def test_the_statement_of_responsibility_says_who_did_what(statement: str, role: str) -> None:
    book = only_book(("245", f"10$aEmma /$c{statement}"), ("700", "1 $aDoe, Ann."))
    assert [person.role for person in book.contributors] == ["aut", role]


def test_works_are_no_contributors() -> None:
    book = only_book(("700", "1 $aCormen, Thomas H.$tIntroduction to algorithms."))
    assert names_in(book) == ["Jane Austen"]


def test_a_person_is_named_once_in_a_role() -> None:
    assert names_in(only_book(("700", "1 $aAusten, Jane,$eauthor."))) == ["Jane Austen"]


def test_without_an_entry_the_author_is_anonymous() -> None:
    row = only_row(("100", "1 "), ("245", "00$aBeowulf /$ctranslated by Ann Doe."))
    assert row.book is not None
    assert names_in(row.book) == [ANONYMOUS]
    (note,) = notes(row)
    assert note.startswith("contributors (column 245 $c): “translated by Ann Doe.” names people who have no entry")


def test_of_a_title_entry_the_added_ones_are_the_people() -> None:
    book = only_book(("100", "1 "), ("245", "00$aBeowulf /$ctranslated by Ann Doe."), ("700", "1 $aDoe, Ann."))
    assert names_in(book) == ["Ann Doe (trl)"]


def test_a_name_in_another_script_is_noted() -> None:
    row = only_row(("100", "1 $6880-01$aTolstoi, Lev."), ("880", "1 $6100-01/(3$aトルストイ, レフ."))
    assert row.book is not None
    assert names_in(row.book) == ["Lev Tolstoi"]
    assert notes(row)[0].startswith("contributors (column 880 (100)): “トルストイ, レフ.” is given in another script")


def test_more_people_than_a_book_may_have_are_noted() -> None:
    (row,) = rows_of(record(*(("700", f"1 $aDoe {number}, Ann.") for number in range(250))))
    assert row.book is not None
    assert len(row.book.contributors) == 200
    assert notes(row) == ["contributors: are more than 200; the others are left out"]
