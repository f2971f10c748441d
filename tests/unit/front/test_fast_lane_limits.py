"""What the fast lane counts towards limits, which faults it leaves to Flask, and which settings close it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from app.db.bulkheads import Kind
from app.errors import QueryTooSlow
from app.front.fast_lane import FastLane, line, reads
from app.main import create_app
from app.settings.types import rate_limit
from devtools.databases import settings_for
from devtools.polling import wait_until
from tests.support.fast_lane import answers, scope_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask import Flask

    from app.database import Database


@pytest.fixture
def limited(own_url: str, own_database: Database, tmp_path: Path) -> Callable[[int], Flask]:
    """The same service with a limit on reads: `limited(5)` allows five a minute."""

    def app(reads: int) -> Flask:
        limits = {"rate_limit_enabled": True, "rate_limit_reads": rate_limit(f"{reads}/minute")}
        return create_app(settings_for(own_url, instance_path=tmp_path, **limits), own_database)

    return app


@pytest.mark.usefixtures("filled")
class TestLimit:
    def test_counts_each_request_once(self, limited: Callable[[int], Flask]) -> None:
        app, book = limited(5), scope_of("/books/1")
        statuses = [answers(app, [one], fast=True)[0][0] for one in (book, scope_of("/books/99"), book)]
        remaining = answers(app, [book], fast=True)[0][1]["RateLimit"]
        assert (statuses, remaining.split(";")[1]) == ([200, 404, 200], "r=1")
        assert sorted(status for status, _, _ in answers(app, [book] * 4, fast=True)) == [200, 429, 429, 429]

    def test_does_not_count_a_304(self, limited: Callable[[int], Flask]) -> None:
        app = limited(2)
        ((_, headers, _),) = answers(app, [scope_of("/books/1")], fast=True)
        again = scope_of("/books/1", if_none_match=headers["ETag"])
        assert [answers(app, [again], fast=True)[0][0] for _ in range(3)] == [304] * 3


@pytest.mark.usefixtures("filled")
class TestFault:
    def test_of_the_lane_leaves_the_requests_to_flask(
        self, own_app: Flask, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(reads, "documents", lambda *_: 1 / 0)
        assert [status for status, _, _ in answers(own_app, [scope_of("/books/1")] * 3, fast=True)] == [200] * 3
        assert "ZeroDivisionError" in capfd.readouterr().err

    def test_that_took_long_is_not_repeated(self, own_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
        def too_slow(*_: object) -> None:
            raise QueryTooSlow

        monkeypatch.setattr(reads, "documents", too_slow)
        monkeypatch.setattr(line, "LONG", 0)
        ((status, headers, body),) = answers(own_app, [scope_of("/books/1")], fast=True)
        assert (status, json.loads(body)["code"]) == (503, "query_too_slow")
        assert "Retry-After" in headers

    def test_of_a_full_pool_leaves_the_requests_to_flask(self, own_app: Flask, own_database: Database) -> None:
        bulkhead = own_database.bulkheads[Kind.BOOKS]
        with ThreadPoolExecutor(1) as client:
            with ExitStack() as taken:
                for _ in range(bulkhead.slots):
                    taken.enter_context(bulkhead.slot())
                waiting = client.submit(answers, own_app, [scope_of("/books/1")], fast=True)
                wait_until(lambda: bulkhead.waiting == 1)
            assert waiting.result()[0][0] == 200


class TestSettings:
    @pytest.mark.parametrize(
        "changes",
        [{"reading": "members"}, {"allowed_hosts": ("books.test",)}, {"cors_origins": ("*",)}, {"fast_lane": False}],
    )
    def test_that_the_lane_does_not_know_close_it(self, changes: dict[str, object]) -> None:
        settings = settings_for("sqlite://")
        assert FastLane.is_open(settings)
        assert not FastLane.is_open(settings.model_copy(update=changes))
