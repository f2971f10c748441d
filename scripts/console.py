"""Shared by all commands: the console, errors reported in one line, and the progress of steps."""

from __future__ import annotations

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


@contextmanager
def failures_in_one_line(command: str) -> Iterator[None]:
    """Exit with code 1 and one line on standard error for an error that the operator can fix."""
    try:
        yield
    except (BooksError, SettingsError, OSError) as error:
        sys.exit(f"{command}: {' '.join(str(error).split())}")
    except KeyboardInterrupt:
        sys.exit(f"{command}: interrupted")


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
