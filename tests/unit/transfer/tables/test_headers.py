"""Columns by the names that people and programs give them."""

from __future__ import annotations

import pytest

from app.transfer.tables.headers import NAMES, columns_of
from tests.unit.transfer.tables.reading import as_csv, names_in, only_row, rows_of, table_of


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


class TestPrograms:
    """Exports as programs write them, shortened."""

    def test_goodreads(self) -> None:
        header = ["Book Id", "Title", "Author", "Author l-f", "Additional Authors", "ISBN", "ISBN13", "My Rating"]
        header += ["Publisher", "Number of Pages", "Year Published", "Original Publication Year", "Exclusive Shelf"]
        table = table_of(
            as_csv(
                [
                    header,
                    [
                        *[
                            "1",
                            "Mort (Discworld, #4)",
                            "Terry Pratchett",
                            "Pratchett, Terry",
                            "Josh Kirby, Neil Gaiman",
                        ],
                        *['="0062225715"', '="9780062225719"', "5", "Harper", "320", "2013", "1987", "read"],
                    ],
                    ["2", "Emma", "Jane Austen", "Austen, Jane", "", '=""', '=""', "", "", "", "2003", "", "to-read"],
                ]
            )
        )
        mort, emma = [row.book for row in table]
        assert mort is not None
        assert (mort.title, mort.series, mort.series_position) == ("Mort", "Discworld", 4)
        assert names_in(mort) == ["Terry Pratchett", "Josh Kirby", "Neil Gaiman"]
        assert (mort.isbn, mort.published_year, mort.pages) == ("9780062225719", 1987, 320)
        assert emma is not None
        assert (emma.isbn, emma.published_year) == (None, 2003)
        assert table.columns.program is not None
        assert table.columns.passed_over == ["Book Id", "Author l-f", "My Rating", "Exclusive Shelf"]

    def test_storygraph(self) -> None:
        header = "Title,Authors,Contributors,ISBN/UID,Moods,EndpointLimit,Tags\n"
        [row, other] = rows_of(
            f'{header}Nuevos pobres,Zygmunt Bauman,Victoria Boschiroli (Translator),9788474327502,,,"sf, essay"\n'
            "Mile 81,Stephen King,Thomas Sadoski (Narrator),B005FR4TNS,,,\n"
        )
        assert row.book is not None
        assert (names_in(row.book), row.book.isbn) == (["Zygmunt Bauman", "Victoria Boschiroli (trl)"], "9788474327502")
        assert row.book.genres == ["sf", "essay"]
        assert other.book is not None
        assert (names_in(other.book), other.left_out) == (["Stephen King", "Thomas Sadoski (nrt)"], [])

    def test_librarything(self) -> None:
        header = "Book Id\tTitle\tSort Character\tPrimary Author\tPrimary Author Role\tSecondary Author\t"
        header += (
            "Secondary Author Roles\tPublication\tDate\tSummary\tLanguages\tOriginal Languages\tISBN\tISBNs\tSubjects\n"
        )
        cells = "11\tMarelle\t1\tCortázar, Julio\t\tGuille-Bataillon, Laure|Rosset, Françoise\tTranslator|Translator\t"
        cells += "Gallimard (1979), Poche\t[1979]\tMarelle by Julio Cortázar (1979)\tFrench\tSpanish\t[2070291340]\t"
        cells += "2070291340, 9782070291342\tArgentine fiction|Paris (France) > Fiction\n"
        [row] = rows_of(header + cells)
        assert row.left_out == []
        assert row.book is not None
        assert names_in(row.book) == ["Julio Cortázar", "Laure Guille-Bataillon (trl)", "Françoise Rosset (trl)"]
        assert (row.book.isbn, row.book.published_year, row.book.language) == ("9782070291342", 1979, "fr")
        assert (row.book.publisher, row.book.description) == ("Gallimard", None)
        assert row.book.genres == ["Argentine fiction", "Paris (France) > Fiction"]

    def test_calibre(self) -> None:
        header = "authors,author_sort,timestamp,comments,series,series_index,languages,title,cover,title_sort,pubdate\n"
        [row] = rows_of(
            f'{header}"Martin Luther King, Jr. & Coretta Scott King","King, Martin Luther, Jr. & King, Coretta Scott",'
            "2021-01-19T22:41:16+01:00,,,1.0,eng,Words,/home/reader/cover.jpg,Words,0101-01-01T00:00:00+00:00\n"
        )
        assert row.left_out == []
        assert row.book is not None
        assert names_in(row.book) == ["Martin Luther King Jr.", "Coretta Scott King"]
        assert (row.book.published_year, row.book.series_position, row.book.cover_url) == (None, None, None)

    def test_libib_has_films_as_well(self) -> None:
        header = "item_type,title,creators,first_name,last_name,ean_isbn13,publish_date,group,length\n"
        [book, film] = rows_of(
            f"{header}book,Left Hand,Ursula K. Le Guin,Ursula K.,Le Guin,9780441478125,1987-03-15,Hainish,304\n"
            "movie,Blade Runner,Ridley Scott,Ridley,Scott,,1982,,117\n"
        )
        assert book.book is not None
        assert (names_in(book.book), book.book.pages, book.book.series) == (["Ursula K. Le Guin"], 304, "Hainish")
        assert (film.book, film.passed_over) == (None, "is of the type “movie”")

    def test_openreads_keeps_what_was_deleted(self) -> None:
        header = "title,author,deleted,publication_year,isbn,olid,tags,book_format\n"
        [book, deleted] = rows_of(
            f"{header}The Divide,Jason Hickel,false,2017,9781786090034,OL1M,owned|||||economics,paperback\n"
            'The road,"Smith, Mark",true,2016,,,,paperback\n'
        )
        assert book.book is not None
        assert book.book.genres == ["owned", "economics"]
        assert deleted.passed_over == "is marked as deleted"

    def test_koha(self) -> None:
        header = "biblionumber|Title|Author|Copyright date|Publisher|ISBN|Subject\n"
        [row] = rows_of(
            header + "101|Wuthering Heights /|Brontë, Emily, 1818-1848.|c1999.|Penguin,|"
            "0141439556 (pbk.)|Yorkshire -- Fiction.\n"
        )
        assert row.left_out == []
        assert row.book is not None
        assert (row.book.title, names_in(row.book), row.book.publisher) == (
            "Wuthering Heights",
            ["Emily Brontë"],
            "Penguin",
        )
        assert (row.book.published_year, row.book.isbn, row.book.genres) == (
            1999,
            "9780141439556",
            ["Yorkshire -- Fiction"],
        )
