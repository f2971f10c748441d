"""The chart of the comparison: requests per second of all services, a panel for each row, as SVG."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from bench.compare_report import OURS, PGBENCH, shown
from bench.compare_rows import ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.compare_report import Report

WIDTH, PANEL, BAR, GAP = 940, 460, 16, 5
NAMES, NUMBERS = 170, 70
"""The room left of the bars for names, and right of them for numbers."""
HEAD, TITLE = 56, 26
COLUMNS = 2
FONT = 'font-family="system-ui, sans-serif" font-size="12"'
NOTE = "Medians; longer is better. Grey: pgbench, which only sends our statements; its bar is cut if it is the longest."
COLOURS = {OURS: "#d9480f", PGBENCH: "#adb5bd"}
OTHERS = "#4c6ef5"


def chart(report: Report) -> str:
    """The chart. In each panel the longest bar has the same length, but for pgbench's, which is cut."""
    rows = [row for row in ROWS if report.rate(row.key, OURS) is not None]
    services = [key for key in report.names if any(report.rate(row.key, key) is not None for row in rows)]
    height = TITLE + len(services) * (BAR + GAP) + 20
    total = HEAD + -(-len(rows) // COLUMNS) * height
    what = f"{report.books:,} books, {report.connections} connections"
    text = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {total}" {FONT} role="img">',
        f"<title>Requests per second: {what}</title>",
        f'<rect width="{WIDTH}" height="{total}" fill="#ffffff"/>',
        f'<text x="16" y="26" font-size="16" font-weight="600" fill="#212529">Requests per second: {what}</text>',
        f'<text x="16" y="44" fill="#495057">{NOTE}</text>',
    ]
    for place, row in enumerate(rows):
        x, y = 16 + place % COLUMNS * PANEL, HEAD + place // COLUMNS * height
        text.append(f'<text x="{x}" y="{y + 16}" font-weight="600" fill="#212529">{escape(row.name)}</text>')
        text += _bars(report, row.key, services, x, y + TITLE)
    return "\n".join([*text, "</svg>"]) + "\n"


def _bars(report: Report, row: str, services: list[str], x: int, y: int) -> Iterator[str]:
    rates = {key: rate for key in services if (rate := report.rate(row, key)) is not None}
    longest = max([rate for key, rate in rates.items() if key != PGBENCH] or [1.0]) or 1.0
    room = PANEL - NAMES - NUMBERS - 16
    for place, key in enumerate(services):
        top, middle = y + place * (BAR + GAP), y + place * (BAR + GAP) + BAR - 4
        weight = ' font-weight="600"' if key == OURS else ""
        name = escape(report.names[key].strip("*"))
        yield f'<text x="{x + NAMES - 8}" y="{middle}" text-anchor="end"{weight} fill="#212529">{name}</text>'
        if key not in rates:
            yield f'<text x="{x + NAMES}" y="{middle}" fill="#868e96">not measured</text>'
            continue
        length = max(1.0, min(1.0, rates[key] / longest) * room)
        colour = COLOURS.get(key, OTHERS)
        yield f'<rect x="{x + NAMES}" y="{top}" width="{length:.1f}" height="{BAR}" rx="2" fill="{colour}"/>'
        number = shown(rates[key])
        yield f'<text x="{x + NAMES + length + 6:.1f}" y="{middle}"{weight} fill="#212529">{number}</text>'
