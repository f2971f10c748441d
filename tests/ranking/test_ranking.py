"""The whole title comes first, then whole words, then beginnings of words, then what has them elsewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from tests.api.responses import ids, pages
from tests.ranking.catalogue import SOUGHT

if TYPE_CHECKING:
    import httpx

    from tests.support.client import Client

Record = dict[str, Any]
TOLKIENS = [
    "jrr tolkien",
    "j r r tolkien",
    "j.r.r. tolkien",
    "J. R. R. Tolkien",
    "tolkien jrr",
    "Tolkien, J. R. R.",
    "j. r.r. tolk",
    "jrr",
    "J.R.R.",
    "j r r",
]


def first(reader: httpx.Client, q: str, address: str = "/books", **others: str) -> list[Record]:
    """The first page of a search."""
    found: list[Record] = reader.get(address, params={"q": q} | others).raise_for_status().json()
    return found


def tier(book: Record, q: str) -> int:
    """Where a book with a title in plain English belongs, by the rule itself."""
    name = book["contributors"][0]["name"]
    name += " " + re.sub(r"\. ?", "", name)  # initials are also one word
    texts = book["title"], f"{book['title']} {book['subtitle'] or ''} {name} fiction"
    title, everything = (re.findall(r"\w+", text.lower().replace("'", "")) for text in texts)
    claims = [
        title == [q],
        q in title,
        any(word.startswith(q) for word in title),
        q in everything,
        any(word.startswith(q) for word in everything),
    ]
    return claims.index(True)


class TestWholeTitle:
    @pytest.mark.parametrize("title", SOUGHT)
    def test_is_first_as_it_is_typed(self, reader: Client, title: str) -> None:
        for q in (title, title.lower(), title.upper(), f" {title} "):
            assert (q, first(reader, q, limit="3")[0]["title"]) == (q, title)

    @pytest.mark.parametrize(
        ("q", "title"),
        [
            ("v", "V."),
            ("rur", "R.U.R."),
            ("r.u.r", "R.U.R."),
            ("R. U. R.", "R.U.R."),
            ("r u r", "R.U.R."),
            ("u.s.a.", "USA"),
            ("U S A", "USA"),
            ("et", "E.T."),
            ("spqr", "S.P.Q.R."),
            ("S P Q R", "S.P.Q.R."),
            ("dont", "Don't"),
            ("don\u2019t", "Don't"),
            ("letranger", "L'Étranger"),
            ("l etranger", "L'Étranger"),
            ("etranger", "L'Étranger"),
            ("spiderman", "Spider-Man"),
            ("spider man", "Spider-Man"),
            ("spider\u2010man", "Spider-Man"),
            ("...", "…"),
            ("\u2764", "❤️"),
            ("hobbit the", "The Hobbit"),
            ("emma.", "Emma"),
            ("война и мир", "Война и мир"),
        ],
    )
    def test_is_first_in_other_spellings(self, reader: Client, q: str, title: str) -> None:
        assert first(reader, q, limit="3")[0]["title"] == title

    @pytest.mark.parametrize("q", ["we", "it", "c", "emma", "rur"])
    def test_is_first_among_the_filtered(self, reader: Client, q: str) -> None:
        found = first(reader, q, genre="fiction", published_to="2000")
        assert found == []
        assert first(reader, q, genre="fiction", limit="3") == first(reader, q, limit="3")

    @pytest.mark.parametrize(
        ("q", "title"), [("persuaion", "Persuasion"), ("hobit", "The Hobbit"), ("spidermna", "Spider-Man")]
    )
    def test_is_first_though_misspelt(self, reader: Client, q: str, title: str) -> None:
        assert first(reader, q, limit="3")[0]["title"] == title


class TestTiers:
    @pytest.mark.parametrize("q", ["we", "it", "she", "ur", "emma", "s"])
    @pytest.mark.parametrize("filters", ["", "&genre=fiction"])
    def test_come_one_after_the_other_each_by_id(self, walker: httpx.Client, q: str, filters: str) -> None:
        walk = list(pages(walker, f"/books?q={q}&limit=200&count=exact{filters}"))
        seen = [book for page in walk for book in page.json()]
        places = [(tier(book, q), book["id"]) for book in seen]
        assert places == sorted(places)
        assert len(set(ids(seen))) == len(seen) == int(walk[0].headers["X-Total-Count"])
        assert {place for place, _ in places} >= {0, 1, 2}

    @pytest.mark.parametrize("limit", [1, 2, 3, 7])
    def test_are_no_different_in_small_pages(self, reader: Client, walker: httpx.Client, limit: int) -> None:
        walk = pages(reader, f"/books?q=it&limit={limit}")
        seen = [number for _, page in zip(range(6), walk, strict=False) for number in ids(page.json())]
        assert seen == ids(first(walker, "it", limit="50"))[: len(seen)]

    @pytest.mark.parametrize(("q", "mark"), [("c#", "C#"), ("c++", "C++")])
    def test_have_words_with_their_marks_before_those_without(self, walker: httpx.Client, q: str, mark: str) -> None:
        address = f"/books?{urlencode({'q': q, 'limit': 200})}"
        seen = [book for page in pages(walker, address) for book in page.json()]
        titles = [book["title"] for book in seen]
        with_mark = [title for title in titles if mark in title]
        assert titles[0] == mark
        assert len(with_mark) == 251
        assert [title for title in titles if mark in title or title in {"C", "C#", "C++"}] == titles[:253]
        assert "C" in titles
        assert [title for title in titles if title.startswith("Vitamin C")] != []


class TestNames:
    @pytest.mark.parametrize(
        ("queries", "names"),
        [
            (TOLKIENS, {"J. R. R. Tolkien", "J.R.R. Tolkien", "JRR Tolkien"}),
            (["jk rowling", "j k rowling", "j.k.rowling", "rowling jk"], {"J. K. Rowling", "J.K. Rowling"}),
            (["c.s.lewis", "cs lewis", "c s lewis", "lewis cs"], {"C.S. Lewis", "C. S. Lewis", "CS Lewis"}),
            (["gk chesterton", "g.k. chesterton"], {"G. K. Chesterton"}),
            (["web du bois", "w.e.b. du bois"], {"W. E. B. Du Bois"}),
            (["hg wells", "h g wells"], {"H.G. Wells"}),
            (["o'brien", "obrien", "brien", "o brien"], {"O'Brien", "Flann O\u2019Brien"}),
            (["jean-paul sartre", "jean paul sartre", "jeanpaul sartre", "sartre jean-paul"], {"Jean-Paul Sartre"}),
        ],
        ids=lambda value: next(iter(value)) if isinstance(value, list) else "",
    )  # fmt: skip
    def test_are_found_however_initials_are_written(
        self, reader: Client, walker: httpx.Client, queries: list[str], names: set[str]
    ) -> None:
        of_authors = [(q, {author["name"] for author in first(reader, q, "/authors", limit="3")}) for q in queries]
        assert of_authors == [(q, names) for q in queries]
        for q in queries:
            contributors = {book["contributors"][0]["name"] for book in first(walker, q, limit="200")}
            assert (q, contributors) == (q, names)

    @pytest.mark.parametrize(
        ("q", "name"),
        [
            ("emma", "Emma"),
            ("we", "We"),
            ("we wells", "Wells We"),
            ("wells, we", "Wells We"),
            ("emma watson", "Emma Watson"),
            ("!!!", "!!!"),
            ("watson, emma", "Emma Watson"),
        ],
    )
    def test_that_are_the_whole_name_come_first(self, reader: Client, q: str, name: str) -> None:
        assert first(reader, q, "/authors", limit="3")[0]["name"] == name
