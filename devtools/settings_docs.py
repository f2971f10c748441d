"""Write docs/settings.md's table and .env.example from the descriptions of the settings.

With --check, write nothing, and fail where a file is not what would be written.
"""

from __future__ import annotations

import argparse
import re
import sys
from datetime import timedelta
from textwrap import fill
from typing import TYPE_CHECKING

from limits import RateLimitItem

from app.settings import Settings
from app.settings.files import SUFFIX, may_be_secret
from devtools.lock import ROOT

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

MANUAL = ROOT / "docs" / "settings.md"
EXAMPLE = ROOT / ".env.example"
TABLE = re.compile(r"^\| setting .*?(?=^\n)", re.MULTILINE | re.DOTALL)
INTRODUCTION = "# Copy this file to `.env` and change what should differ from the defaults shown. The environment wins."
WIDTH = 118


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m devtools.settings_docs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a file is out of date")
    check: bool = parser.parse_args(arguments).check
    wanted = {MANUAL: TABLE.sub(lambda _: table(), MANUAL.read_text(), count=1), EXAMPLE: example()}
    stale = [path for path, text in wanted.items() if path.read_text() != text]
    if check and stale:
        names = " and ".join(str(path.relative_to(ROOT)) for path in stale)
        sys.exit(f"{names} must be written again: python -m devtools.settings_docs")
    for path in stale:
        path.write_text(wanted[path])


def table() -> str:
    """The settings as a Markdown table."""
    rows = [
        f"| `{name.upper()}` | {_shown(field) or f'`{_text(field.default)}`'} | {_described(name, field)} |\n"
        for name, field in Settings.model_fields.items()
    ]
    return "".join(["| setting | default | meaning |\n| --- | --- | --- |\n", *rows])


def example() -> str:
    """The settings as a file of variables, all of them commented out."""
    return (
        "\n\n".join([INTRODUCTION, *(_assignment(name, field) for name, field in Settings.model_fields.items())]) + "\n"
    )


def _assignment(name: str, field: FieldInfo) -> str:
    shown = _shown(field)
    described = f"{_described(name, field)}{f' Default: {shown}.' if shown else ''}".replace("`", "")
    comment = fill(described, WIDTH, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)
    return f"{comment}\n# {name.upper()}={'' if shown else _text(field.default)}"


def _described(name: str, field: FieldInfo) -> str:
    """The description, and the variable that names a file with the value."""
    of_file = f" Or `{name.upper()}{SUFFIX}`: a file that contains it." if may_be_secret(field) else ""
    return f"{field.description}{of_file}"


def _shown(field: FieldInfo) -> str | None:
    """The default in words, where its value would say nothing."""
    extra = field.json_schema_extra
    return str(extra["default_shown"]) if isinstance(extra, dict) else None


def _text(value: object) -> str:
    """A default as it is written in the environment."""
    match value:
        case timedelta():
            return f"{value.total_seconds():.0f}"
        case bool():
            return str(value).lower()
        case RateLimitItem():
            multiples = value.multiples
            return f"{value.amount}/{f'{multiples} ' if multiples > 1 else ''}{value.GRANULARITY.name}"
        case _:
            return f"{value:g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    main()
