"""What becomes of new books in one transaction if something fails: none is lost, and none is created twice."""

from __future__ import annotations

import json
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete

from app.db.deferred_writes import send
from app.db.locks import BATCHES, lock_exclusive
from app.errors import DatabaseUnavailable
from app.events.changes import write_changes
from app.front.fast_lane import FastLane, create_line, create_replies, line
from app.front.fast_lane.requests import LaneRequest
from app.front.wsgi_environ import environ_of
from app.main import create_app
from app.models import UserSession
from app.schemas.books import BookCreate
from app.services.books import BookService
from app.settings.types import rate_limit
from app.web.bodies import REFUSAL_KEY
from app.web.state import EXTENSION
from devtools.databases import settings_for
from devtools.polling import wait_until
from tests.support.factories import isbn13
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


def lane_of(app: Flask) -> create_line.CreateLine:
    """The line of new books."""
    lane = FastLane(app, app.extensions[EXTENSION]).creates
    assert lane is not None
    return lane


def lane_requests(member: Client, *books: dict[str, Any]) -> list[LaneRequest]:
    """Requests for new books, as the line has them. What is sent is dropped."""
    scopes = [
        post_of(json.dumps({"author_id": 1} | book).encode(), authorization=member.headers["Authorization"])
        for book in books
    ]
    environs = [environ_of(scope) | {"wsgi.input": BytesIO(scope["body"])} for scope in scopes]
    return [LaneRequest(environ, lambda _message: None) for environ in environs]  # type: ignore[arg-type, return-value]  # as granian's


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
        answer = create_line.CreateLine.answer

        def answer_after_the_other(self: create_line.CreateLine, batch: list[LaneRequest]) -> None:
            wait_until(lambda: titles_in(filled) == ["New 2"])
            answer(self, batch)

        monkeypatch.setattr(line, "LONGEST_WAIT", 0.05)
        monkeypatch.setattr(line, "TOGETHER", 1)
        monkeypatch.setattr(create_line.CreateLine, "answer", answer_after_the_other)
        assert statuses(posted(own_app, filled, "New 1", "New 2")) == [201, 201]
        assert titles_in(filled) == ["New 1", "New 2"]

    def test_one_that_is_blocked_does_not_keep_the_others_waiting(
        self, own_app: Flask, own_database: Database, filled: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(create_line, "PATIENCE", 0.05)
        monkeypatch.setattr(line, "LONG", 0)
        isbn = {"isbn": isbn13(7)}
        requests = lane_requests(filled, {"title": "New 1"} | isbn, {"title": "New 2"})
        lane = lane_of(own_app)
        with own_database.transaction() as db:
            data = BookCreate.model_validate({"title": "Other", "author_id": 1} | isbn)
            BookService(db).create(data, owner_id=None)
            write_changes(db)
            send(db.connection())
            lane.answer(requests)
            assert [(one.is_answered, REFUSAL_KEY in one.environ) for one in requests] == [(False, False)] * 2
        again = lane_requests(filled, {"title": "New 1"} | isbn, {"title": "New 2"})
        lane.answer(again)
        assert [one.is_answered for one in again] == [False, True]

    def test_credentials_that_cannot_be_looked_up_are_tried_once(
        self, own_app: Flask, filled: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tried: list[str] = []

        def unavailable(authorization: str, _reading: object) -> None:
            tried.append(authorization)
            raise DatabaseUnavailable

        monkeypatch.setattr(create_line, "principal_of", unavailable)
        requests = lane_requests(filled, {"title": "New 1"}, {"title": "New 2"})
        requests[1].environ["HTTP_AUTHORIZATION"] = "Bearer another"
        lane_of(own_app).answer(requests)
        assert (len(tried), [one.is_answered for one in requests]) == (1, [False, False])

    def test_one_with_very_many_words_takes_none_from_others(self, own_app: Flask, filled: Client) -> None:
        many = {"contributors": [{"author_id": 1}], "subtitle": " ".join(f"wordy{number:03}" for number in range(55))}
        few, none = (
            {"title": "New quagmiresque"},
            {"title": "New " + " ".join(f"wordx{number:03}" for number in range(50))},
        )
        requests = lane_requests(filled, few, none | many)
        lane_of(own_app).answer(requests)
        assert [one.is_answered for one in requests] == [True, False]


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
        def gone(_message: dict[str, Any]) -> None:
            raise ConnectionError

        requests = lane_requests(filled, {"title": "New"}, {"title": "New"})
        requests[0].send = gone  # type: ignore[assignment]  # as granian's, it sends at once
        lane_of(own_app).answer(requests)
        assert [one.is_answered for one in requests] == [True, True]
        assert titles_in(filled) == ["New", "New"]


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
