"""Tables of any content: none ends in a traceback, and every row is accounted for."""

from __future__ import annotations

from io import BytesIO

from hypothesis import given
from hypothesis import strategies as st

from app.errors import UnreadableFile
from app.transfer.tables.headers import NAMES
from app.transfer.tables.table import Table

CELLS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [
            *[
                "",
                "0",
                "-",
                "N/A",
                "Emma",
                "Austen, Jane",
                "Jane Austen & Co",
                "['a', 'b']",
                "[",
                "=1+1",
                '="x"',
                '"',
                '""',
            ],
            *[
                "9780141439587",
                "9.78E+12",
                "1815",
                "c1999",
                "xii, 352 p.",
                "IX",
                "(#1)",
                "Emma (Emma, #1)",
                "\u0301" * 20,
            ],
            *[
                "a; b | c, d",
                "<p>x</p>",
                "&amp;",
                "x" * 600,
                "\0",
                "\ufeff",
                "total",
                "Jr.",
                ", , ,",
                "(ed.)",
                "and",
                "1-",
            ],
        ]
    ),
)
HEADERS = st.sampled_from([name for names in NAMES.values() for name in names.split(", ")]) | st.text(max_size=10)


@st.composite
def tables(draw: st.DrawFn) -> tuple[bytes, str]:
    """A table with a title and an author in some encoding, possibly damaged."""
    columns = ["title", "author", *draw(st.lists(HEADERS, max_size=4))]
    rows = draw(st.lists(st.lists(CELLS, min_size=1, max_size=len(columns) + 1), max_size=6))
    delimiter = draw(st.sampled_from(",;\t|"))
    quote = draw(st.sampled_from(['"', ""]))
    lines = [delimiter.join(f"{quote}{cell}{quote}" for cell in row) for row in [columns, *rows]]
    text = draw(st.sampled_from(["\n", "\r\n", "\r"])).join(lines)
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]))
    content = text.encode(encoding, "replace")
    cut = draw(st.integers(0, len(content)))
    return draw(st.sampled_from([content, content[:cut], content[:cut] + b'\xff\0"\n' + content[cut:]])), encoding


@given(tables())
def test_is_read_or_refused_in_words(table: tuple[bytes, str]) -> None:
    content, encoding = table
    try:
        rows = list(Table(BytesIO(content), encoding))
    except UnreadableFile:
        return
    assert all((row.book is not None) + bool(row.errors) + bool(row.passed_over) == 1 for row in rows)
    lines = [row.line for row in rows]
    assert lines == sorted(set(lines))
    assert all(note.detail and note.line == row.line for row in rows for note in row.errors + row.left_out)
