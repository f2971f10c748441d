"""The audit log: every event is written once it is true, says who and from where, and tells no secret."""

from __future__ import annotations

import ast
import json
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from app.domain.audit_events import EVENT_NAMES
from app.errors import DatabaseUnavailable
from app.events import audit
from app.models import AuditEvent
from devtools.databases import ROOT
from tests.api.audit_causes import CAUSES
from tests.api.audit_causes.cause import ANOTHER, NOTE, TYPED, Cause
from tests.api.responses import refusal
from tests.attacks.attack_fixtures import AttackContext
from tests.support.factories import PASSWORD

if TYPE_CHECKING:
    import io
    from collections.abc import Iterator, Sequence

    import httpx
    from sqlalchemy import Row
    from sqlalchemy.orm import Session

    from devtools.databases import DatabaseInside
    from tests.support.client import Client
    from tests.support.copied_users import UserCopies

SECRETS = ("access_token", "refresh_token", "key", "token", "link", "secret", "uri")
WRITES = [cause for cause in CAUSES if not cause.event.endswith(("_failed", "_denied", "_asked"))]


@pytest.fixture
def context(client: Client, database: DatabaseInside, user_copies: UserCopies) -> AttackContext:
    context = AttackContext(client, database, user_copies)
    assert context.admin.is_signed_in
    assert context.victim.is_signed_in
    audit.FAILURES.forget()
    return context


def lines(log: io.StringIO, reply: httpx.Response) -> list[dict[str, Any]]:
    """What the log says of a request, besides that there was one."""
    entries = [json.loads(line) for line in log.getvalue().splitlines()]
    request_id = reply.headers["X-Request-ID"]
    return [entry for entry in entries if entry["request_id"] == request_id and entry["event"] != "request"]


def rows(database: DatabaseInside, reply: httpx.Response) -> Sequence[Row[Any]]:
    """What the table says of a request."""
    of_request = select(AuditEvent.__table__).where(AuditEvent.request_id == reply.headers["X-Request-ID"])
    return database.connection.execute(of_request).all()


def as_logged(row: Row[Any]) -> dict[str, Any]:
    """The facts of a row, under the names that they have in the log."""
    columns = {name: getattr(row, name) for name in ("user_id", "session_id", "key_id")}
    columns["by"] = row.via if row.by_user is None else row.by_user
    known = {name: value for name, value in columns.items() if value is not None}
    return {**known, **json.loads(row.facts)}


def events_in_the_code() -> set[str]:
    """The names of all events that the service writes."""
    found = set()
    for path in (ROOT / "app").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("audit."):
                found |= {part.value for part in ast.walk(node.args[1]) if isinstance(part, ast.Constant)}
    return {name for name in found if isinstance(name, str)}


class TestEvent:
    @pytest.mark.parametrize("cause", CAUSES, ids=str)
    def test_says_who_and_from_where(
        self, context: AttackContext, database: DatabaseInside, log: io.StringIO, cause: Cause
    ) -> None:
        cause.prepare(context)
        reply = cause.send(context)
        [line] = [line for line in lines(log, reply) if line["event"] == cause.event]
        del line["timestamp"]
        facts = cause.facts(context, reply.json())
        where = {"request_id": reply.headers["X-Request-ID"], "address": "127.0.0.1"}
        assert line == {"event": cause.event, "level": cause.level, **where, **facts}
        [row] = [row for row in rows(database, reply) if row.event == cause.event]
        is_own_deletion = cause.event == "account_deleted" and "by" not in facts
        assert row.address == (None if is_own_deletion else where["address"])
        assert as_logged(row) == {name: fact for name, fact in facts.items() if fact is not None and name != "subject"}
        assert abs(datetime.now(UTC) - row.at) < timedelta(minutes=5)

    @pytest.mark.parametrize("cause", CAUSES, ids=str)
    def test_tells_no_secret(self, context: AttackContext, log: io.StringIO, cause: Cause) -> None:
        cause.prepare(context)
        reply = cause.send(context)
        secrets = [reply.json()[name] for name in SECRETS if name in reply.json()]
        secrets += [context.victim.access_token, context.victim.refresh_token, PASSWORD, ANOTHER]
        assert cause.event in log.getvalue()
        assert [secret for secret in secrets if secret in log.getvalue()] == []
        assert [name for name in (TYPED, NOTE, context.victim.username) if name in log.getvalue()] == []

    @pytest.mark.parametrize("cause", WRITES, ids=str)
    def test_is_not_written_where_the_commit_fails(
        self,
        context: AttackContext,
        database: DatabaseInside,
        log: io.StringIO,
        monkeypatch: pytest.MonkeyPatch,
        cause: Cause,
    ) -> None:
        cause.prepare(context)
        transaction = database.transaction

        @contextmanager
        def failing(*sender: str) -> Iterator[Session]:
            with transaction(*sender) as db:
                yield db
                db.flush()
                raise DatabaseUnavailable

        monkeypatch.setattr(database, "transaction", failing)
        reply = cause.send(context)
        assert refusal(reply) == (503, "database_unavailable")
        assert [line["event"] for line in lines(log, reply)] == ["unavailable"]
        assert rows(database, reply) == []

    def test_each_has_a_row_in_the_table(self) -> None:
        assert {cause.event for cause in CAUSES} == events_in_the_code() == set(EVENT_NAMES)

    def test_each_is_in_the_manual(self) -> None:
        manual = (ROOT / "docs/security.md").read_text().partition("## The audit log")[2]
        assert {event for event in events_in_the_code() if f"`{event}`" not in manual} == set()
