"""Search: it finds what was meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from app.web.cursors import Cursors
from devtools.databases import SECRET
from tests.api.responses import ids, pages, refusal
from tests.support.factories import isbn13

if TYPE_CHECKING:
    from tests.support.client import Client
    from tests.support.factories import Factory

SHELF: list[dict[str, Any]] = [
    {"title": "Wuthering Heights", "by": "Emily Brontë", "genres": ["Gothic Fiction"], "isbn": isbn13(1)},
    {"title": "Cien años de soledad", "by": "Gabriel García Márquez", "subtitle": "Edición conmemorativa"},
    {"title": "Mockingjay", "by": "Suzanne Collins", "series": "The Hunger Games", "series_position": 3},
    {"title": "Die Straße", "by": "Cormac McCarthy"},
    {"title": "Finnegan's Wake", "by": "James Joyce"},
    {"title": "Nineteen Eighty-Four: 1984", "by": "George Orwell"},
    {"title": "Smilla\u2019s Fornemmelse for Sne", "by": "Peter Høeg"},
    {"title": "Ὀδύσσεια", "by": "Ὅμηρος"},
    {"title": "Преступление и наказание", "by": "Фёдор Достоевский"},
    {"title": "موسم الهجرة إلى الشمال", "by": "الطيب صالح"},
    {"title": "吾輩は猫である", "by": "夏目漱石"},
    {"title": "紅樓夢", "by": "曹雪芹"},
    {"title": "Việt Nam sử lược", "by": "Trần Trọng Kim"},
    {"title": "गोदान", "by": "प्रेमचंद"},
    {"title": "???", "by": "C++ Committee"},
]


@pytest.fixture
def shelf(member: Client, make: Factory) -> None:
    """Books in several scripts."""
    books = [{name: value for name, value in book.items() if name != "by"} for book in SHELF]
    for book, of in zip(books, SHELF, strict=True):
        book["author_id"] = make.author(member, name=of["by"])["id"]
    member.post("/books/batch", json={"books": books}).raise_for_status()


def titles(client: Client, q: str, **others: str) -> list[str]:
    """What a search finds."""
    return [book["title"] for book in client.get("/books", params={"q": q} | others).raise_for_status().json()]


FOUND = {
    "Wuthering Heights": [
        "wuthering heights",
        "WUTHERING HEIGHTS",
        "heights wuthering",
        "bronte",
        "BRONTË",
        "brontë",
        "Bronte\N{COMBINING DIAERESIS}",
        "bronte wuthering",
        "wuther",
        "emily heig",
        "gothic bronte",
        "fiction",
        "wuthring heigths",
        "wuthering hieghts",
        "wutherring",
        "bronët",
        isbn13(1),
        f"{isbn13(1)[:3]}-{isbn13(1)[3:]}",
    ],
    "Cien años de soledad": [
        "garcia marquez",
        "GARCÍA MÁRQUEZ",
        "cien anos",
        "marquez soledad conmem",
        "edicion",
        "soldead",
    ],
    "Mockingjay": ["suzanne hunger", "hunger games", "collins mock", "the hunger games mockingjay", "suzane hunegr"],
    "Die Straße": ["strasse", "STRASSE", "straße", "mccarthy die"],
    "Finnegan's Wake": ["finnegans", "finnegan's", "finnegan\u2019s wake", "finnegan", "wake joyce", "finegans"],
    "Nineteen Eighty-Four: 1984": ["1984", "eighty four", "eighty-four", "orwell 19"],
    "Smilla\u2019s Fornemmelse for Sne": ["hoeg", "HØEG", "smillas", "smilla's sne"],
    "Ὀδύσσεια": ["οδυσσεια", "ὈΔΎΣΣΕΙΑ", "οδυσ", "Όμηρος", "ΟΜΗΡΟΣ", "οδισσεια"],
    "Преступление и наказание": ["преступление", "НАКАЗАНИЕ преступ", "федор", "достоевский", "достоевскый"],
    "موسم الهجرة إلى الشمال": ["الهجرة", "موسم الشم", "صالح", "مُوسِم", "الى"],
    "吾輩は猫である": ["猫", "吾輩", "は猫で", "吾輩は猫である", "夏目", "漱石 猫", "である"],
    "紅樓夢": ["紅樓", "樓夢", "夢", "紅樓夢 曹雪芹", "雪芹"],
    "Việt Nam sử lược": ["viet nam", "su luoc", "VIỆT", "tran trong"],
    "गोदान": ["गोदान", "गोदा", "प्रेमचंद"],
    "???": ["???", "c++ committee", "???  "],
}


class TestFound:
    @pytest.mark.usefixtures("shelf")
    def test_by_partial_and_misspelt_words(self, client: Client) -> None:
        searches = [(q, title) for title, queries in FOUND.items() for q in queries]
        assert [(q, titles(client, q)) for q, _ in searches] == [(q, [title]) for q, title in searches]

    @pytest.mark.usefixtures("shelf")
    def test_in_any_order(self, client: Client) -> None:
        orders = ["id", "-id", "title", "-title", "published_year", "-published_year", "created_at", "-updated_at"]
        assert [titles(client, "wuthring bronte", sort=sort) for sort in orders] == [["Wuthering Heights"]] * 8

    @pytest.mark.usefixtures("shelf")
    @pytest.mark.parametrize(
        "q",
        [
            "wuthering marquez",
            "thering",
            "wuth heights",
            "wthrng",
            "emly heigts brntx",
            "sne1",
            "1985",
            "猫輩",
            "犬",
            isbn13(2),
            "nothing",
        ],
    )
    def test_is_not_what_has_not_all_of_it(self, client: Client, q: str) -> None:
        assert titles(client, q) == []


class TestIsbn:
    @pytest.mark.parametrize("text", ["978-0-306-40615-7", "0306406152", "9780306406157"])
    @pytest.mark.parametrize("sort", ["id", "-title"])
    def test_that_no_book_has_is_words(
        self, client: Client, member: Client, make: Factory, text: str, sort: str
    ) -> None:
        for number in range(2):
            make.book(member, title=f"{text} {number}")
        walk = list(pages(client, f"/books?q={text}&limit=1&count=exact&sort={sort}"))
        assert len({book["id"] for page in walk for book in page.json()}) == 2
        assert {page.headers["X-Total-Count"] for page in walk} == {"2"}
        book = make.book(member, isbn=text)
        assert client.get(f"/books?q={text}&sort={sort}").json() == [book]


class TestRank:
    @pytest.fixture
    def persuasions(self, member: Client, make: Factory) -> list[int]:
        """Books that have the word in their title, and books that have it elsewhere, mixed."""
        others: list[dict[str, Any]] = [
            {"subtitle": "persuasion"},
            {"title": "Persuasion"},
            {"genres": ["Persuasion"]},
            {"title": "The art of persuasion"},
            {"series": "Persuasion"},
            {"by": "P. Persuasion"},
            {"title": "On Persuasions"},
            {"title": "Persausion"},
        ]
        return [make.book(member, **fields)["id"] for fields in others]

    def test_titles_come_first_and_exact_ones_alone(self, client: Client, persuasions: list[int]) -> None:
        expected = [persuasions[place] for place in (1, 3, 6, 0, 2, 4, 5)]
        assert ids(client.get("/books?q=persuasion").json()) == expected

    def test_a_slip_finds_the_rest(self, client: Client, persuasions: list[int]) -> None:
        found = ids(client.get("/books?q=persuaion").json())
        assert found == [persuasions[place] for place in (1, 3, 0, 2, 4, 5)]

    @pytest.mark.parametrize("limit", [1, 2, 3])
    @pytest.mark.parametrize("q", ["persuasion", "persuaion", "p"])
    def test_pages_lose_and_repeat_nothing(
        self, client: Client, member: Client, persuasions: list[int], q: str, limit: int
    ) -> None:
        whole = ids(client.get(f"/books?q={q}").json())
        walk = pages(client, f"/books?q={q}&limit={limit}")
        seen = ids(next(walk).json())
        member.delete(f"/books/{seen[-1]}").raise_for_status()
        seen += [number for page in walk for number in ids(page.json())]
        assert (seen, set(seen) <= set(persuasions)) == (whole, True)

    @pytest.mark.parametrize("key", [[0, 0, 1], [0, 1, 1], [1, 1, 1], [0, 9, 1], [0, 17, 1], [2, 13, 1], [0, 13]])
    def test_cursors_of_other_tiers_are_refused(
        self, client: Client, persuasions: list[int], key: list[int | str | None]
    ) -> None:
        """Those of the release before have tiers 0 and 1, which were others."""
        cursor = Cursors([SECRET]).encode([*key[:-1], persuasions[0]], "/books?q=persuasion")
        assert refusal(client.get(f"/books?q=persuasion&cursor={cursor}")) == (400, "invalid_cursor")
