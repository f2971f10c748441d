"""Structured logs: JSON for machines, or lines in colour for a person at a terminal."""

from __future__ import annotations

import json
import logging
import sys
from typing import TYPE_CHECKING, Any, TextIO, cast

import structlog

from app.observability.log_stream import LogStream

if TYPE_CHECKING:
    from collections.abc import Iterable

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
ENCODER = json.JSONEncoder(default=repr)


def as_json(entry: structlog.typing.EventDict, **_options: object) -> str:
    """An entry as a line of JSON in ASCII: no character in it can affect a terminal, or end the line.

    `json.dumps` would create an encoder for each, which takes longer than to use it.
    """
    return ENCODER.encode(entry)


def configure_logs(settings: Settings) -> None:
    """Send all logs, including those of libraries, to standard error in one format."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[structlog.typing.Processor] = [TRACEBACKS, structlog.processors.JSONRenderer(as_json)]
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


def log_together(entries: Iterable[structlog.typing.EventDict]) -> None:
    """Log entries of the level INFO as `structlog` would, in a single write, which is what costs most.

    Args:
        entries: each with its `event`.
    """
    if not structlog.get_logger().is_enabled_for(logging.INFO):
        return
    lines = [line for entry in entries if (line := _rendered(entry)) is not None]
    if lines:
        STANDARD_ERROR.write("\n".join([*lines, ""]))


def _rendered(entry: structlog.typing.EventDict) -> str | None:
    rendered: Any = entry
    try:
        for processor in structlog.get_config()["processors"]:
            rendered = processor(None, "info", rendered)
    except structlog.DropEvent:
        return None
    return str(rendered)


def _without_record(logger: logging.Logger, name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    return structlog.stdlib.ProcessorFormatter.remove_processors_meta(logger, name, event)
