"""How long the statements of each request take, for the log of slow requests."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

from sqlalchemy import event

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine
    from sqlalchemy.engine import ExceptionContext
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
    """Time the statements of an engine; those that fail too, if no listener before this one raises."""
    event.listen(engine, "before_cursor_execute", begin_statement)
    event.listen(engine, "after_cursor_execute", end_statement)
    event.listen(engine, "handle_error", _fail)


def begin_statement(
    connection: Connection,
    _cursor: DBAPICursor,
    _statement: str,
    _parameters: object,
    _context: ExecutionContext | None,
    _many: bool,  # noqa: FBT001  (likewise)
) -> None:
    """Listener for "before_cursor_execute"."""
    connection.info["began"] = perf_counter()


def end_statement(
    connection: Connection,
    _cursor: DBAPICursor,
    statement: str,
    _parameters: object,
    _context: ExecutionContext | None,
    _many: bool,  # noqa: FBT001  (likewise)
) -> None:
    """Listener for "after_cursor_execute"."""
    if times := _current.get():
        times.add(perf_counter() - connection.info["began"], statement)


def _fail(context: ExceptionContext) -> None:
    times, connection = _current.get(), context.connection
    if times and connection is not None and context.statement is not None:
        times.add(perf_counter() - connection.info["began"], context.statement)


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 1)
