"""Exports as programs write them, shortened."""

from __future__ import annotations

from tests.unit.transfer.tables.reading import as_csv, left_out, names_in, rows_of, table_of


class TestPrograms:
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

    def test_calibre_has_identifiers_of_all_kinds(self) -> None:
        header = "authors,author_sort,timestamp,title,title_sort,isbn,identifiers,languages\n"
        numbers = "amazon:B000XUBC2C,google:zyTC,isbn:9780060853983,goodreads:12067,oclc:x"
        [row] = rows_of(f'{header}Neil Gaiman & Terry Pratchett,,,Good Omens,Good Omens,,"{numbers}",und\n')
        assert left_out(row) == [("identifiers", "is not an OCLC number")]
        assert row.book is not None
        assert (row.book.isbn, row.book.language) == ("9780060853983", None)
        assert [(one.type, one.value) for one in row.book.identifiers] == [
            *[("asin", "B000XUBC2C"), ("other", "google:zyTC"), ("goodreads", "12067")],
        ]

    def test_zotero_has_articles_as_well(self) -> None:
        header = ["Key", "Item Type", "Publication Year", "Author", "Title", "Publication Title", "ISBN", "DOI", "Url"]
        header += ["Abstract Note", "Date", "Pages", "Num Pages", "Manual Tags", "Library Catalog"]
        book = ["A", "book", "1986", "Aho, Alfred V.; Sethi, Ravi", "Compilers", "", "0-201-10088-6", "10.1000/182"]
        book += ["https://example.org/a", "The dragon.", "1986-01-05", "1-9", "796", "parsing; compilers", "DNB"]
        article = ["B", "journalArticle", "1905", "Einstein, A.", "Elektrodynamik", "Annalen", *[""] * 9]
        found, passed = rows_of(as_csv([header, book, article]))
        assert found.left_out == []
        assert found.book is not None
        assert names_in(found.book) == ["Alfred V. Aho", "Ravi Sethi"]
        assert (found.book.pages, found.book.published, found.book.description) == (796, "1986-01-05", "The dragon.")
        assert found.book.genres == ["parsing", "compilers"]
        assert [(one.type, one.value) for one in found.book.identifiers] == [("doi", "10.1000/182")]
        assert [str(link.href) for link in found.book.links] == ["https://example.org/a"]
        assert (passed.book, passed.passed_over) == (None, "is of the type “journalArticle”")

    def test_other_programs_have_films_in_a_column_of_media(self) -> None:
        [film, book] = rows_of("medium,title,creator\nmovie,Amelie,Jean-Pierre Jeunet\nbook,Emma,Jane Austen\n")
        assert (film.book, film.passed_over) == (None, "is of the type “movie”")
        assert book.book is not None

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

    def test_koha_names_columns_by_marc_fields(self) -> None:
        header = "020$a,100$a,245$a,245$b,260$a,260$b,260$c,300$a,490$a,490$v,650$a,952$o\n"
        [row] = rows_of(
            f'{header}9780141439600,"Dickens, Charles,",A tale of two cities :,a novel /,London :,"Penguin,",2003.,'
            '"xxxix, 489 p. ;",Penguin classics ;,12,France -- History,FIC DIC\n'
        )
        assert row.left_out == []
        assert row.book is not None
        assert (row.book.title, row.book.subtitle, names_in(row.book)) == (
            *("A tale of two cities", "a novel", ["Charles Dickens"]),
        )
        assert (row.book.publisher, row.book.published_year, row.book.pages) == ("Penguin", 2003, 489)
        assert (row.book.series, row.book.series_position) == ("Penguin classics", 12)
        assert (row.book.genres, row.book.call_number) == (["France -- History"], "FIC DIC")

    def test_goodreads_names_who_edited_the_anonymous(self) -> None:
        header = "Book Id,Title,Author,Author l-f,Additional Authors,Exclusive Shelf\n"
        [row] = rows_of(f'{header}1,Gilgamesh,Anonymous,"Anonymous, Anonymous",N.K. Sandars,read\n')
        assert row.book is not None
        assert names_in(row.book) == ["Anonymous", "N.K. Sandars"]
