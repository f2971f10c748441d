"""The log: JSON for machines, readable lines for a terminal, from libraries too."""

from __future__ import annotations

import io
import json
import logging
import sys
from typing import TYPE_CHECKING

import pytest
import structlog

from app.observability import logs
from app.observability.logs import configure_logs
from devtools.databases import settings_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PASSWORD = "open sesame"  # noqa: S105
SETTINGS = settings_for("sqlite://")


@pytest.fixture
def written() -> Iterator[Callable[..., io.StringIO]]:
    """A log with these settings: `written(log_format="json")`."""
    with pytest.MonkeyPatch.context() as patch:

        def log(**changes: object) -> io.StringIO:
            stream = io.StringIO()
            patch.setattr(logs, "STANDARD_ERROR", stream)
            patch.setattr(sys, "stderr", stream)  # is it a terminal?
            configure_logs(SETTINGS.model_copy(update=changes))
            return stream

        yield log
    configure_logs(SETTINGS)


def fail(password: str) -> None:
    """Raise, with something secret within reach."""
    raise RuntimeError(len(password))


class TestJson:
    def test_is_one_object_a_line(self, written: Callable[..., io.StringIO]) -> None:
        log = written(log_format="json")
        structlog.get_logger().info("book_created", title="Emma\nWoodhouse")
        (line,) = log.getvalue().splitlines()
        entry = json.loads(line)
        assert (entry["event"], entry["level"], entry["title"]) == ("book_created", "info", "Emma\nWoodhouse")
        assert entry["timestamp"].endswith("Z")

    def test_is_what_libraries_write_too(self, written: Callable[..., io.StringIO]) -> None:
        log = written(log_format="json")
        logging.getLogger("library").warning("take care of %s", "this")
        assert json.loads(log.getvalue())["event"] == "take care of this"

    def test_is_json_without_a_terminal(self, written: Callable[..., io.StringIO]) -> None:
        log = written(log_format="auto")
        structlog.get_logger().info("hello")
        assert json.loads(log.getvalue())["event"] == "hello"

    @pytest.mark.parametrize(
        "value", ["\ud800", {"a": {1}}, object, float("nan"), b"\xff", "\u2028\u202e\x1b"], ids=ascii
    )
    def test_takes_any_value_and_is_ascii(self, written: Callable[..., io.StringIO], value: object) -> None:
        log = written(log_format="json")
        structlog.get_logger().info("hello", value=value)
        (line,) = log.getvalue().splitlines()
        assert (json.loads(line)["event"], line.isascii()) == ("hello", True)


class TestTogether:
    def test_is_what_each_would_be_alone(self, written: Callable[..., io.StringIO]) -> None:
        log = written(log_format="json")
        structlog.contextvars.clear_contextvars()  # of requests before, in this thread
        structlog.get_logger().info("request", path="/a")
        logs.log_together([{"event": "request", "path": "/a"}, {"event": "request", "path": "/b"}])
        entries = [json.loads(line) for line in log.getvalue().splitlines()]
        assert [entry.pop("timestamp")[:4] > "2025" for entry in entries] == [True] * 3
        assert entries == [{"event": "request", "path": f"/{path}", "level": "info"} for path in "aab"]

    def test_respects_the_level(self, written: Callable[..., io.StringIO]) -> None:
        log = written(log_format="json", log_level="warning")
        logs.log_together([{"event": "request"}])
        assert log.getvalue() == ""


class TestConsole:
    @pytest.mark.parametrize("order", ["\x1b[2J", "\x9b2J", "\r", "\n", "\x07"])
    def test_gives_no_orders_to_the_terminal(self, written: Callable[..., io.StringIO], order: str) -> None:
        log = written(log_format="console")
        structlog.get_logger().info("request", path=f"/{order}books")
        assert order not in log.getvalue().rstrip("\n")

    def test_is_readable_on_a_terminal(self, written: Callable[..., io.StringIO]) -> None:
        log = written(log_format="console")
        structlog.get_logger().info("book_created", title="Emma")
        assert "book_created" in log.getvalue()
        assert not log.getvalue().startswith("{")


class TestLevel:
    @pytest.mark.parametrize(("level", "events"), [("debug", 3), ("info", 2), ("warning", 1), ("error", 0)])
    def test_is_the_least_that_is_logged(self, written: Callable[..., io.StringIO], level: str, events: int) -> None:
        log = written(log_format="json", log_level=level)
        logger = structlog.get_logger()
        logger.debug("a")
        logger.info("b")
        logger.warning("c")
        assert len(log.getvalue().splitlines()) == events


class TestTracebacks:
    @pytest.mark.parametrize("log_format", ["json", "console"])
    def test_show_the_place_and_no_values(self, written: Callable[..., io.StringIO], log_format: str) -> None:
        log = written(log_format=log_format)
        try:
            fail(PASSWORD)
        except RuntimeError as error:
            structlog.get_logger().error("internal_error", exc_info=error)
        assert "RuntimeError" in log.getvalue()
        assert "test_logs.py" in log.getvalue()
        assert PASSWORD not in log.getvalue()


class TestStandardError:
    def test_may_be_replaced_and_closed_later(self) -> None:
        """As pytest does with what it captures."""
        with pytest.MonkeyPatch.context() as patch:
            first, second = io.StringIO(), io.StringIO()
            patch.setattr(sys, "stderr", first)
            configure_logs(SETTINGS)
            patch.setattr(sys, "stderr", second)
            first.close()
            structlog.get_logger().info("hello")
            logging.getLogger("elsewhere").warning("hello")
        assert second.getvalue().count("hello") == 2
