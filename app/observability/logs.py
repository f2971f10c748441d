"""Structured logs: JSON for machines, or lines in colour for a person at a terminal."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, TextIO, cast

import structlog

from app.observability.log_stream import LogStream

if TYPE_CHECKING:
    from app.settings import Settings


def _report_dropped(lines: int) -> None:
    structlog.get_logger(__name__).warning("log_lines_dropped", lines=lines)


STREAM = LogStream(2, _report_dropped)
"""Standard error of this process."""


class _StandardError:
    """`sys.stderr` as it is at the time of each write: whatever captures output replaces and closes it."""

    def write(self, text: str) -> int:
        return (STREAM if sys.stderr is sys.__stderr__ else sys.stderr).write(text)

    def flush(self) -> None:
        if sys.stderr is not sys.__stderr__:
            sys.stderr.flush()


STANDARD_ERROR = cast("TextIO", _StandardError())
TRACEBACKS = structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))
"""Without the values of local variables, which may contain a password."""


def configure_logs(settings: Settings) -> None:
    """Send all logs, including those of libraries, to standard error in one format."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[structlog.typing.Processor] = [TRACEBACKS, structlog.processors.JSONRenderer()]
    if settings.log_format == "console" or (settings.log_format == "auto" and sys.stderr.isatty()):
        # Strings as Python literals: a URL may contain escape sequences for the terminal.
        plain = structlog.dev.plain_traceback
        last = [structlog.dev.ConsoleRenderer(exception_formatter=plain, repr_native_str=True)]
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        # In a single write, so that the lines of several processes do not mix.
        logger_factory=structlog.WriteLoggerFactory(STANDARD_ERROR),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(STANDARD_ERROR)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(processors=[_without_record, *last], foreign_pre_chain=shared)
    )
    logging.basicConfig(handlers=[handler], level=max(level, logging.WARNING), force=True)


def _without_record(logger: logging.Logger, name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    return structlog.stdlib.ProcessorFormatter.remove_processors_meta(logger, name, event)
