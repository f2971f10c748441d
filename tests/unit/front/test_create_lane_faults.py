"""What becomes of new books in one transaction if something fails: none is lost, and none is created twice."""

from __future__ import annotations

import json
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete

from app.db.locks import BATCHES, lock_exclusive
from app.errors import DatabaseUnavailable
from app.front.fast_lane import FastLane, create_line, create_replies, line
from app.front.fast_lane.requests import LaneRequest
from app.front.wsgi_environ import environ_of
from app.main import create_app
from app.models import UserSession
from app.settings.types import rate_limit
from app.web.state import EXTENSION
from devtools.databases import settings_for
from tests.support.fast_lane import answers, post_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask
    from sqlalchemy.orm import Session

    from app.database import Database
    from tests.support.client import Client
    from tests.support.fast_lane import Received

THREE = 3


def posted(app: Flask, member: Client, *titles: str) -> list[Received]:
    """The responses to new books that arrive together."""
    token = member.headers["Authorization"]
    bodies = [json.dumps({"title": title, "author_id": 1}).encode() for title in titles]
    return answers(app, [post_of(body, authorization=token) for body in bodies], fast=True)


def statuses(received: list[Received]) -> list[int]:
    """The statuses of responses."""
    return [status for status, _, _ in received]


def titles_in(member: Client) -> list[str]:
    """The titles of the books that were added here, in order."""
    return sorted(book["title"] for book in member.get("/books?limit=200").json() if book["title"].startswith("New"))


@pytest.mark.usefixtures("filled")
class TestBeforeTheCommit:
    def test_a_fault_leaves_the_requests_to_flask(
        self,
        own_app: Flask,
        filled: Client,
        monkeypatch: pytest.MonkeyPatch,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setattr(create_line, "write_changes", lambda _: 1 / 0)
        assert statuses(posted(own_app, filled, "New 1", "New 2", "New 3")) == [201] * THREE
        assert titles_in(filled) == ["New 1", "New 2", "New 3"]
        assert "ZeroDivisionError" in capfd.readouterr().err

    def test_a_session_that_ends_meanwhile_writes_nothing(
        self, own_app: Flask, own_database: Database, filled: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        admit = create_line.CreateLine._admitted  # noqa: SLF001  (what is awaited has no other name)

        def admit_and_end(self: create_line.CreateLine, batch: list[LaneRequest]) -> list[create_line.Admitted]:
            admitted = admit(self, batch)
            with own_database.transaction() as db:
                db.execute(delete(UserSession))
            return admitted

        monkeypatch.setattr(create_line.CreateLine, "_admitted", admit_and_end)
        assert statuses(posted(own_app, filled, "New 1", "New 2")) == [401, 401]
        assert titles_in(filled) == []

    def test_a_timeout_is_not_awaited_twice(
        self, own_app: Flask, filled: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def unavailable(*_: object) -> None:
            raise DatabaseUnavailable

        monkeypatch.setattr(create_line, "create_together", unavailable)
        monkeypatch.setattr(line, "LONG", 0)
        assert statuses(posted(own_app, filled, "New 1")) == [503]
        assert titles_in(filled) == []

    def test_batches_have_precedence(self, own_app: Flask, own_database: Database, filled: Client, kind: str) -> None:
        if kind == "sqlite":  # which has one writer at a time, so nothing to take turns for
            assert statuses(posted(own_app, filled, "New 1", "New 2")) == [201, 201]
            return
        with own_database.transaction() as db:
            lock_exclusive(db, BATCHES)
            assert statuses(posted(own_app, filled, "New 1", "New 2")) == [201, 201]

    def test_who_has_waited_long_is_flasks(
        self, own_app: Flask, filled: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(line, "LONGEST_WAIT", 0)
        monkeypatch.setattr(create_line, "create_together", lambda *_: pytest.fail("the lane has it"))
        assert statuses(posted(own_app, filled, "New 1", "New 2")) == [201, 201]


@pytest.mark.usefixtures("filled")
class TestFromTheCommitOn:
    def test_a_failure_is_reported_and_nothing_is_repeated(
        self, own_app: Flask, own_database: Database, filled: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The connection is lost with the answer to COMMIT: the books may exist, and do."""
        transaction = own_database.transaction

        @contextmanager
        def lost(*given: Any, **named: Any) -> Iterator[Session]:
            with transaction(*given, **named) as db:
                yield db
            raise DatabaseUnavailable

        monkeypatch.setattr(own_database, "transaction", lost)
        received = posted(own_app, filled, "New 1", "New 2")
        monkeypatch.undo()
        assert [(status, json.loads(body)["code"]) for status, _, body in received] == [
            (503, "database_unavailable")
        ] * 2
        assert titles_in(filled) == ["New 1", "New 2"]

    def test_a_response_that_cannot_be_built_is_an_error(
        self, own_app: Flask, filled: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(create_replies, "written", lambda *_: 1 / 0)
        assert statuses(posted(own_app, filled, "New 1")) == [500]
        assert titles_in(filled) == ["New 1"]

    def test_a_client_that_is_gone_does_not_keep_others_waiting(self, own_app: Flask, filled: Client) -> None:
        lane = FastLane(own_app, own_app.extensions[EXTENSION]).creates
        assert lane is not None
        messages: list[dict[str, Any]] = []

        def gone(_message: dict[str, Any]) -> None:
            raise ConnectionError

        token = filled.headers["Authorization"]
        scopes = [post_of(b'{"title": "New", "author_id": 1}', authorization=token) for _ in range(2)]
        environs = [environ_of(scope) for scope in scopes]
        for scope, environ in zip(scopes, environs, strict=True):
            environ["wsgi.input"] = BytesIO(scope["body"])
        lane.answer([LaneRequest(environs[0], gone), LaneRequest(environs[1], messages.append)])  # type: ignore[arg-type]  # as granian's
        assert [messages[0]["status"], titles_in(filled)] == [201, ["New", "New"]]


@pytest.mark.usefixtures("filled")
class TestLimit:
    def test_counts_each_request_once(
        self, own_url: str, own_database: Database, filled: Client, tmp_path: Path
    ) -> None:
        limits = {"rate_limit_enabled": True, "rate_limit_writes": rate_limit("5/minute")}
        app = create_app(settings_for(own_url, instance_path=tmp_path, **limits), own_database)
        assert statuses(posted(app, filled, "New 1", " ", "New 2")) == [201, 400, 201]
        ((_, headers, _),) = posted(app, filled, "New 3")
        assert headers["RateLimit"].split(";")[1] == "r=1"
        assert sorted(statuses(posted(app, filled, "New 4", "New 5", "New 6"))) == [201, 429, 429]
        assert len(titles_in(filled)) == 4


class TestSettings:
    def test_a_quota_closes_it(self) -> None:
        settings = settings_for("sqlite://")
        assert create_line.CreateLine.is_open(settings)
        assert not create_line.CreateLine.is_open(settings.model_copy(update={"quota_records": 5}))
