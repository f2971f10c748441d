"""Shared by all commands: their arguments, the console, errors reported in one line, and the progress of steps."""

from __future__ import annotations

import argparse
import gc
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from app.errors import BooksError
from app.settings import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.backups.progress import Steps

console = Console(highlight=False, soft_wrap=True)

DATABASE = "The database is that of DATABASE_URL, from the environment or from .env."
EXIT_CODES = "Exit codes: 0 if the command succeeded, 1 if it failed, 2 if the arguments are wrong."

COLLECTED_AFTER = (10_000, 2, 2)
"""Objects that are created and not deleted, instead of 700; and all generations soon after, since none is to grow."""
TURN = 0.0005
"""Seconds that a thread runs while another waits, instead of 0.005: a chunk of an import waits a dozen times."""


class Paragraphs(argparse.HelpFormatter):
    """Wraps each paragraph by itself, where argparse's own class makes one of all, or leaves all as they are."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        paragraphs = text.strip().split("\n\n")
        return "\n\n".join(super(Paragraphs, self)._fill_text(each, width, indent) for each in paragraphs)


def arguments_of(
    command: str, description: str | None, *, database: str = DATABASE, exit_codes: str = EXIT_CODES
) -> argparse.ArgumentParser:
    """A parser for the arguments of a command, which explains it with `--help`.

    Args:
        command: the name of its module in `scripts`.
        description: the docstring of that module.
        database: which database it uses, if the description does not say so.
        exit_codes: what they mean.
    """
    return argparse.ArgumentParser(
        prog=f"python -m scripts.{command}",
        description=description,
        epilog="\n\n".join(filter(None, (database, exit_codes))),
        formatter_class=Paragraphs,
    )


@contextmanager
def failures_in_one_line(command: str, code: int = 1) -> Iterator[None]:
    """Exit with one line on standard error for an error that the operator can fix, and with this code."""
    try:
        yield
    except (BooksError, SettingsError, OSError) as error:
        message = f"{command}: {' '.join(str(error).split())}"
        if code == 1:
            sys.exit(message)
        print(message, file=sys.stderr)  # noqa: T201  (the console writes to standard output)
        sys.exit(code)
    except KeyboardInterrupt:
        sys.exit(f"{command}: interrupted")


@contextmanager
def many_records() -> Iterator[None]:
    """How Python runs a command that processes records by the thousand.

    It looks for cycles of garbage once in a while only, since records leave nearly none. And a thread to which the
    database has answered does not wait long for the one that reads the file.
    """
    thresholds, turn = gc.get_threshold(), sys.getswitchinterval()
    gc.freeze()
    gc.set_threshold(*COLLECTED_AFTER)
    sys.setswitchinterval(TURN)
    try:
        yield
    finally:
        sys.setswitchinterval(turn)
        gc.set_threshold(*thresholds)
        gc.unfreeze()


def size(number: int) -> str:
    """A number of bytes, such as `1.2 MB`."""
    return decimal(number)


class ShownStep:
    """A step whose progress is a line on the terminal."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress, self._task = progress, task

    def advance(self, more: int) -> None:
        """Advance the bar."""
        self._progress.advance(self._task, more)

    def to(self, left: int, total: int) -> None:
        """Set the bar."""
        self._progress.update(self._task, completed=total - left, total=total)


@contextmanager
def shown_steps() -> Iterator[Steps]:
    """Show steps while they take, on a terminal only: the mail or log of a timer gets just the result."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:

        @contextmanager
        def begin(description: str, total: int | None = None) -> Iterator[ShownStep]:
            task = progress.add_task(description, total=total)
            progress.refresh()
            yield ShownStep(progress, task)
            progress.remove_task(task)

        yield begin
