"""Run a command on the database that `make run` uses.

That is the database of `DATABASE_URL`, from the environment or `.env`, and otherwise an SQLite file,
`instance/books.db`. The command is a Python module and its arguments, such as `scripts.import_books books.csv`.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from app.settings import SettingsError, load_settings
from scripts.console import arguments_of

EMBEDDED = Path(__file__).parents[1] / "instance" / "books.db"


def main() -> None:
    """Replace this process by the command."""
    parser = arguments_of("embedded", __doc__, database="", exit_codes="Exit codes: those of the command.")
    parser.add_argument("module", metavar="MODULE", help="the command")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="the arguments of the command")
    command = parser.parse_args()
    try:
        if "database_url" not in load_settings().model_fields_set:
            os.environ["DATABASE_URL"] = f"sqlite:///{EMBEDDED}"
    except SettingsError as error:
        sys.exit(f"settings: {error}")
    os.execv(sys.executable, [sys.executable, "-m", command.module, *command.arguments])  # noqa: S606  (our own command)


if __name__ == "__main__":
    main()
