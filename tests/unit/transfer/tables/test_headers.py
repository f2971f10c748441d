"""Columns by the names that people and programs give them."""

from __future__ import annotations

import pytest

from app.transfer.tables.headers import NAMES, columns_of
from tests.unit.transfer.tables.reading import names_in, only_row, rows_of


class TestNames:
    @pytest.mark.parametrize("name", NAMES["title"].split(", "))
    def test_of_titles(self, name: str) -> None:
        [row] = rows_of(f"{name},author\nEmma,Jane Austen\n")
        assert row.book is not None
        assert row.book.title == "Emma"

    @pytest.mark.parametrize(
        "name",
        [
            *["author", "Author(s)", "Author Name(s)", "Author Full Name", "Primary Author", "Creators", "Written By"],
            *[
                "Autor",
                "Auteur",
                "author-name",
                "First Author",
                "Author/Editor",
                "AUTHOR",
                " Author ",
                "authorName",
                "Автор",
            ],
            *["author (first last)", "Author_Text", "Authors labels"],
        ],
    )
    def test_of_authors(self, name: str) -> None:
        row = only_row(**{"title": "Emma", name: "Jane Austen", "authors": ""})
        assert row.book is not None
        assert names_in(row.book) == ["Jane Austen"]

    @pytest.mark.parametrize(
        ("name", "field"),
        [
            *[(name, "isbn") for name in ("ISBN/UID", "EAN", "Edition ISBN", "isbn_13", "ISBN-10", "ISBNs")],
            *[
                (name, "published_year")
                for name in ("Year Published", "Year of publication", "pub_year", "first-edition")
            ],
            *[(name, "published_year") for name in ("Date Published", "Copyright date", "Erscheinungsjahr", "Année")],
            *[(name, "publisher") for name in ("Publisher Name", "Imprint", "Verlag", "Éditeur", "Publisher label")],
            *[(name, "language") for name in ("Language Code", "Languages", "Sprache", "orig_lang")],
            *[(name, "pages") for name in ("Number of Pages", "Page Count", "num_pages", "Seiten", "Nombre de pages")],
            *[(name, "genres") for name in ("Tags", "Subject", "Categories", "Genres labels", "Keywords")],
            *[(name, "series") for name in ("Series Name", "series_details", "Reihe")],
            *[(name, "series_position") for name in ("Series Number", "series_index", "Works Series ordinals")],
            *[(name, "description") for name in ("Summary", "Description/Notes", "Comments")],
            *[("Call Number", "call_number"), ("Shelf", "location"), ("Title sort", "sort_title")],
            *[("Translator", "trl"), ("Translated by", "trl"), ("Editor", "edt"), ("Narrators", "nrt")],
            *[(name, "published_year") for name in ("Rok wydania", "Año de edición", "発行年", "260$c")],
            *[(name, "pages") for name in ("Liczba stron", "Nº páginas", "Кол-во страниц", "Nb pages", "300$a")],
            *[(name, "description") for name in ("Opis", "Sinopsis", "Аннотация", "Abstract Note")],
            *[("Tłumacz", "trl"), ("Жанр", "genres"), ("シリーズ", "series"), ("N° dans la série", "series_position")],
            *[("Författare", "author"), ("Casa editrice", "publisher"), ("Aantal pagina's", "pages"), ("译者", "trl")],
            *[("Schlagwörter", "genres"), ("Umfang", "pages"), ("Bandnr.", "series_position"), ("Deel", "volume")],
            *[("245$a", "title"), ("650$a", "genres"), ("Call #", "call_number"), ("Shelving location", "location")],
            *[("OCLC Number", "oclc"), ("LC Control Number", "lccn"), ("Identifiers", "identifiers"), ("URL", "links")],
            *[("Additional Authors", "more_authors"), ("Second Author", "more_authors"), ("Author 3", "more_authors")],
        ],
    )
    def test_of_other_fields(self, name: str, field: str) -> None:
        assert list(columns_of([name]).of) == [field]

    def test_are_unambiguous(self) -> None:
        names = [name for text in NAMES.values() for name in text.split(", ")]
        assert len(names) == len(set(names))

    def test_that_are_not_known_are_listed(self) -> None:
        columns = columns_of(["Title", "Author", "My Rating", "Condition", ""])
        assert columns.passed_over == ["My Rating", "Condition"]
        assert columns.understood == [("title", "Title"), ("author", "Author")]


class TestSeveral:
    def test_of_one_name_are_several_values(self) -> None:
        [both, one] = rows_of("Title,Author,Author\nGood Omens,Terry Pratchett,Neil Gaiman\nEmma,Jane Austen,\n")
        assert both.book is not None
        assert one.book is not None
        assert (names_in(both.book), names_in(one.book)) == (["Terry Pratchett", "Neil Gaiman"], ["Jane Austen"])

    def test_of_one_field_are_alternatives(self) -> None:
        [row] = rows_of(
            "title,original_title,author,year,published_year,isbn,isbn13\n,Emma,Jane Austen,1816,,141439580,bad\n"
        )
        assert row.book is not None
        assert (row.book.title, row.book.published_year, row.book.isbn) == ("Emma", 1816, "9780141439587")

    def test_of_people_and_genres_add_up(self) -> None:
        row = only_row(
            author="Ernest Nagel",
            second_author="James R. Newman",
            author_3="",
            translator="A. One",
            illustrator="B. Two; C. Three",
            genre="Science",
            tags="proofs, logic",
        )
        assert row.book is not None
        assert names_in(row.book) == [
            *["Ernest Nagel", "James R. Newman", "A. One (trl)"],
            *["B. Two (ill)", "C. Three (ill)"],
        ]
        assert row.book.genres == ["Science", "proofs", "logic"]

    def test_of_first_and_last_names_are_one(self) -> None:
        header = "Title,Author First Name,Author Last Name\n"
        [row] = rows_of(f"{header}Faust,Johann Wolfgang von,Goethe\n")
        assert row.book is not None
        [person] = row.book.contributors
        assert (person.name, person.sort_name) == ("Johann Wolfgang von Goethe", "Goethe, Johann Wolfgang von")
