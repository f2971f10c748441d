"""What a migration reports on standard error while it runs."""

from __future__ import annotations

import logging
import sys
from time import monotonic
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS_BETWEEN_LINES = 5.0
MINUTE = 60


def say(line: str) -> None:
    """Print a line for the operator. It must not stop a migration that nothing reads it."""
    try:
        sys.stderr.write(f"migrations: {line}\n")
        sys.stderr.flush()
    except OSError:
        pass


def duration(seconds: float) -> str:
    """A time for people: `40 s`, `2 min 5 s`."""
    whole = max(round(seconds), 1)
    return f"{whole} s" if whole < 2 * MINUTE else f"{whole // MINUTE} min {whole % MINUTE} s"


class Meter:
    """Reports how many rows are done, how fast, and how long the others may take: every few seconds.

    Args:
        what: the rows, such as "0004: sort keys of books".
        total: how many there are.
        done: how many an earlier run has done.
    """

    def __init__(self, what: str, total: int, done: int = 0) -> None:
        self.what, self.total, self.done = what, total, done
        self._at_first, self._began = done, monotonic()
        self._last_line = self._began
        if done:
            say(f"{what}: continues after {done:,} of {total:,} rows")

    def add(self, rows: int) -> None:
        """Count rows that are done."""
        self.done += rows
        now = monotonic()
        if now - self._last_line < SECONDS_BETWEEN_LINES:
            return
        self._last_line = now
        rate = (self.done - self._at_first) / (now - self._began)
        left = duration(max(self.total - self.done, 0) / rate)
        say(f"{self.what}: {self.done:,} of {self.total:,} rows, {rate:,.0f} a second, about {left} left")


class RunReport(logging.Handler):
    """Reports each migration when it begins, from the line that Alembic logs then.

    Args:
        number_of: the places of the revisions among those that are applied, and how many these are.
    """

    def __init__(self, number_of: Callable[[str], str]) -> None:
        super().__init__(logging.INFO)
        self._number_of = number_of

    def emit(self, record: logging.LogRecord) -> None:
        """Report the migration that begins."""
        step: Any = record.args[0] if isinstance(record.args, tuple) and record.args else None
        if record.msg == "Running %s" and step is not None:
            revision = ", ".join(step.to_revisions_no_deps if step.is_upgrade else step.from_revisions_no_deps)
            verb = "applies" if step.is_upgrade else "reverts"
            say(f"{verb} {revision}{self._number_of(revision)}: {step.doc}")
