"""Shared by all commands: the console, and errors reported in one line."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console

from app.errors import BooksError
from app.settings import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator

console = Console(highlight=False, soft_wrap=True)


@contextmanager
def failures_in_one_line(command: str) -> Iterator[None]:
    """Exit with code 1 and one line on standard error for an error that the operator can fix."""
    try:
        yield
    except (BooksError, SettingsError, OSError) as error:
        sys.exit(f"{command}: {' '.join(str(error).split())}")
