"""What `make run` runs: migrate, load the demo catalogue into an empty database, print the addresses, and serve."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config

import run
from app.database import open_database
from app.settings import load_settings
from scripts.console import arguments_of, console, failures_in_one_line
from scripts.load_demo import load

if TYPE_CHECKING:
    from app.settings import Settings

ROOT = Path(__file__).parents[1]

GREETING = """
  Books    {base}/books
{docs}
To write, sign in: {register}log in, and send the access_token as 'Authorization: Bearer <access_token>'.

{registration}  curl {base}/auth/login -H 'Content-Type: application/json' \\
       -d '{{"username": "alice", "password": "correct horse battery"}}'
"""
REGISTRATION = """\
  curl {base}/register -H 'Content-Type: application/json' \\
       -d '{{"username": "alice", "password": "correct horse battery"}}'
"""


def greeting(settings: Settings) -> str:
    """What a first user needs to know."""
    base, is_open = run.address(settings), settings.registration == "open"
    registration = REGISTRATION.format(base=base) if is_open else ""
    docs = f"  Docs     {base}/docs\n" if settings.docs_enabled else ""
    return GREETING.format(base=base, docs=docs, register="register, " if is_open else "", registration=registration)


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    arguments_of("quickstart", __doc__).parse_args(arguments)
    with failures_in_one_line("quickstart"):
        settings = load_settings()
        run.require_free_port(settings)
        command.upgrade(Config(ROOT / "alembic.ini"), "head")
        database = open_database(settings)
        load(database)
        database.engine.dispose()
    console.print(greeting(settings), markup=False)
    run.main()


if __name__ == "__main__":
    main()
