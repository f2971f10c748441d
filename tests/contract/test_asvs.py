"""The table of OWASP's ASVS 5.0.0: each requirement has one row, and what a row names exists."""

from __future__ import annotations

import ast
import re
from functools import cache
from typing import NamedTuple

from devtools.databases import ROOT

DOCS = ROOT / "docs"
LEVEL_1 = (
    "6.1.1 6.2.1 6.2.2 6.2.3 6.2.4 6.2.5 6.2.6 6.2.7 6.2.8 6.3.1 6.3.2 6.4.1 6.4.2 "
    "7.2.1 7.2.2 7.2.3 7.2.4 7.4.1 7.4.2 "
    "8.1.1 8.2.1 8.2.2 8.3.1 "
    "9.1.1 9.1.2 9.1.3 9.2.1 "
    "10.4.1 10.4.2 10.4.3 10.4.4 10.4.5 "
    "13.4.1 "
    "14.2.1 14.3.1 "
)
LEVEL_2 = (
    "6.1.2 6.1.3 6.2.9 6.2.10 6.2.11 6.2.12 6.3.3 6.3.4 6.4.3 6.4.4 6.5.1 6.5.2 6.5.3 6.5.4 6.5.5 6.6.1 6.6.2 6.6.3 "
    "6.8.1 6.8.2 6.8.3 6.8.4 "
    "7.1.1 7.1.2 7.1.3 7.3.1 7.3.2 7.4.3 7.4.4 7.4.5 7.5.1 7.5.2 7.6.1 7.6.2 "
    "8.1.2 8.2.3 8.4.1 "
    "9.2.2 9.2.3 9.2.4 "
    "10.1.1 10.1.2 10.2.1 10.2.2 10.3.1 10.3.2 10.3.3 10.3.4 10.4.6 10.4.7 10.4.8 10.4.9 10.4.10 10.4.11 "
    "10.5.1 10.5.2 10.5.3 10.5.4 10.5.5 10.6.1 10.6.2 10.7.1 10.7.2 10.7.3 "
    "13.1.1 13.2.1 13.2.2 13.2.3 13.2.4 13.2.5 13.3.1 13.3.2 13.4.2 13.4.3 13.4.4 13.4.5 "
    "14.1.1 14.1.2 14.2.2 14.2.3 14.2.4 14.3.2 14.3.3 "
    "16.1.1 16.2.1 16.2.2 16.2.3 16.2.4 16.2.5 16.3.1 16.3.2 16.3.3 16.3.4 16.4.1 16.4.2 16.4.3 16.5.1 16.5.2 16.5.3 "
)
"""The requirements of the release 5.0.0 in chapters V6 to V10, V13, V14 and V16; those of level 3 are left out."""

RESULTS = {"met", "in part", "not met", "n/a"}
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)(?:::(\w+))?`")
LINK = re.compile(r"\[[^\]]+\]\(([\w.-]+\.md)?#([\w-]+)\)")
WORDS_ASKED = 12
WORDS_OF_A_REASON = 5


class Row(NamedTuple):
    """One requirement, as the table has it."""

    requirement: str
    level: str
    asks: str
    result: str
    shown_by: str
    chapter: str


def _rows() -> list[Row]:
    rows, chapter = [], ""
    for line in (DOCS / "asvs.md").read_text().splitlines():
        if line.startswith("## V"):
            chapter = line.split()[1].removeprefix("V")
        elif re.match(r"\| \d", line):
            requirement, level, asks, result, shown_by = (cell.strip() for cell in line.strip("|").split(" | "))
            rows.append(Row(requirement, level, asks, result, shown_by, chapter))
    return rows


ROWS = _rows()


def in_order(number: str) -> list[int]:
    """The parts of a requirement's number, to sort by."""
    return [int(part) for part in number.split(".")]


def names_of_tests(body: list[ast.stmt]) -> set[str]:
    """The names of the tests among these statements."""
    return {node.name for node in body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


@cache
def classes_in(path: str) -> dict[str, set[str]]:
    """The classes of a test file with the names of their tests; a test outside a class has none."""
    body = ast.parse((ROOT / path).read_text()).body if (ROOT / path).is_file() else []
    classes = {node.name: names_of_tests(node.body) for node in body if isinstance(node, ast.ClassDef)}
    return classes | {name: {""} for name in names_of_tests(body)}


def exists(path: str, name: str, test: str) -> bool:
    """Whether a file has this test, or, where none is named, this class with a test in it."""
    tests = classes_in(path).get(name, set())
    return test in tests if test else bool(tests)


@cache
def anchors_in(name: str) -> set[str]:
    """The anchors of the headings of a page, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", (DOCS / name).read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


def reason_of(row: Row) -> list[str]:
    """The words that a row has besides its tests."""
    return re.sub(r"[,;]", " ", TEST.sub("", row.shown_by)).split()


class TestTable:
    def test_has_each_requirement_once_and_in_order(self) -> None:
        levels = dict.fromkeys(LEVEL_1.split(), "1") | dict.fromkeys(LEVEL_2.split(), "2")
        expected = [(number, levels[number]) for number in sorted(levels, key=in_order)]
        assert [(row.requirement, row.level) for row in ROWS] == expected

    def test_has_it_in_its_chapter(self) -> None:
        assert [row for row in ROWS if row.requirement.partition(".")[0] != row.chapter] == []


class TestEveryRow:
    def test_is_complete(self) -> None:
        assert [row for row in ROWS if not all(row) or row.result not in RESULTS] == []
        assert [row for row in ROWS if not 2 <= len(row.asks.split()) <= WORDS_ASKED] == []
        unfinished = re.compile(r"not yet|to do|todo|tbd", re.IGNORECASE)
        assert [row for row in ROWS if unfinished.search(f"{row.asks} {row.shown_by}")] == []

    def test_has_a_test_or_a_reason(self) -> None:
        assert [row for row in ROWS if row.result == "met" and not TEST.search(row.shown_by)] == []
        assert [row for row in ROWS if row.result != "met" and len(reason_of(row)) < WORDS_OF_A_REASON] == []

    def test_names_tests_that_exist(self) -> None:
        assert [row for row in ROWS if len(TEST.findall(row.shown_by)) != row.shown_by.count("tests/")] == []
        named = [(row.requirement, *test) for row in ROWS for test in TEST.findall(row.shown_by)]
        assert [test for test in named if not exists(*test[1:])] == []

    def test_links_to_headings_that_exist(self) -> None:
        pages = [(page.name, page.read_text()) for page in DOCS.glob("*.md")]
        links = [(page, target or page, anchor) for page, text in pages for target, anchor in LINK.findall(text)]
        assert {page for page, _, _ in links} >= {"asvs.md", "data.md", "security.md", "accounts.md"}
        assert [link for link in links if link[2] not in anchors_in(link[1])] == []
