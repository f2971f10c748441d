"""How long the statements of each request take, for the log of slow requests."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

from app.db.copying import execute_or_copy

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.engine.interfaces import DBAPICursor, ExecutionContext

    from app.settings import Settings

LONGEST_TEXT = 1000
"""Characters of a statement that are logged."""


@dataclass(slots=True)
class StatementTimes:
    """The statements of one request; times are in seconds.

    SQLite computes some rows only when they are fetched, and COMMIT is no statement: neither is counted.
    """

    number: int = 0
    total: float = 0.0
    slowest: float = 0.0
    statement: str = ""
    """The text of the slowest, with placeholders for its values."""

    def add(self, seconds: float, statement: str) -> None:
        """Count one more statement."""
        self.number += 1
        self.total += seconds
        if seconds >= self.slowest:
            self.slowest, self.statement = seconds, statement

    def entry(self) -> dict[str, object]:
        """The fields of the log: times in milliseconds."""
        fields: dict[str, object] = {"statements": self.number, "database_milliseconds": _milliseconds(self.total)}
        if self.number:
            fields["slowest_milliseconds"] = _milliseconds(self.slowest)
            fields["slowest_statement"] = " ".join(self.statement.split())[:LONGEST_TEXT]
        return fields


_current: ContextVar[StatementTimes | None] = ContextVar("statement_times", default=None)


def are_measured(settings: Settings) -> bool:
    """Whether the log needs the times. If not, they cost nothing."""
    return settings.log_access != "off" and settings.log_slow > 0


def begin_measuring() -> StatementTimes:
    """The times of the statements that this thread runs from now on."""
    times = StatementTimes()
    _current.set(times)
    return times


def measure(engine: Engine) -> None:
    """Time the statements of an engine, those that fail included.

    By the dialect's events: those of the engine ("before_cursor_execute") take five times as long.
    """
    event.listen(engine, "do_execute", run_timed)
    event.listen(engine, "do_executemany", run_many_timed)


def run_timed(cursor: DBAPICursor, statement: str, parameters: Any, context: ExecutionContext) -> bool:  # noqa: ANN401  (of any driver)
    """Listener for "do_execute": run the statement in the dialect's place."""
    began = perf_counter()
    try:
        execute_or_copy(cursor, statement, parameters, context)
    finally:
        note_time(perf_counter() - began, statement)
    return True


def run_many_timed(cursor: DBAPICursor, statement: str, parameters: Any, context: ExecutionContext) -> bool:  # noqa: ANN401  (of any driver)
    """Listener for "do_executemany"."""
    began = perf_counter()
    try:
        context.dialect.do_executemany(cursor, statement, parameters, context)
    finally:
        note_time(perf_counter() - began, statement)
    return True


def note_time(seconds: float, statement: str) -> None:
    """Count a statement of this thread, if its statements are timed."""
    if times := _current.get():
        times.add(seconds, statement)


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 1)
