"""The audit log in the database: rows commit with what they tell of, and failures are stored within limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, select
from structlog.contextvars import bound_contextvars

from app.events import audit
from app.models import AuditEvent
from devtools.databases import counted_queries

if TYPE_CHECKING:
    import io
    from collections.abc import Callable, Iterator

    from app.database import Database
    from devtools.databases import DatabaseInside
    from tests.support.client import Client
    from tests.support.users import SignedInUser

WRONG = {"username": "unregistered", "password": "wrong horse battery"}


@pytest.fixture(autouse=True)
def nothing_stored_yet() -> Iterator[None]:
    audit.FAILURES.forget()
    yield
    audit.FAILURES.forget()


def stored(database: Database, column: Any = AuditEvent.event) -> list[Any]:
    """A column of all events, the oldest first."""
    with database.reading() as connection:
        return list(connection.scalars(select(column).order_by(AuditEvent.id)))


class TestTransaction:
    def test_stores_its_events_in_one_statement(self, database: DatabaseInside) -> None:
        with counted_queries(database.engine) as statements, database.transaction() as db:
            audit.note(db, "registered", user_id=7)
            audit.note(db, "signed_in", user_id=7, session_id=8)
        assert stored(database) == ["registered", "signed_in"]
        assert len([sent for sent in statements if "INSERT INTO audit_events" in sent]) == 1

    def test_of_others_costs_nothing(self, database: DatabaseInside) -> None:
        with counted_queries(database.engine) as statements, database.transaction():
            pass
        assert statements == []

    def test_that_is_rolled_back_leaves_neither_row_nor_line(self, database: DatabaseInside, log: io.StringIO) -> None:
        with database.transaction() as db:
            audit.note(db, "signed_in", user_id=7)
            db.flush()
            db.rollback()
        assert stored(database) == []
        assert "signed_in" not in log.getvalue()

    def test_forgets_what_was_within_a_savepoint_that_is_rolled_back(
        self, database: DatabaseInside, log: io.StringIO
    ) -> None:
        with database.transaction() as db:
            audit.note(db, "registered", user_id=7)
            outer = db.begin_nested()
            audit.note(db, "key_created", user_id=7)
            with db.begin_nested():
                audit.note(db, "key_revoked", user_id=7)
            outer.rollback()
            with db.begin_nested():
                audit.note(db, "signed_in", user_id=7)
            assert "audit" not in log.getvalue()
            assert stored(database) == []
        assert stored(database) == ["registered", "signed_in"]
        assert [word in log.getvalue() for word in ("registered", "signed_in", "key_")] == [True, True, False]

    def test_of_real_commits_does_the_same(self, own_database: Database, log: io.StringIO) -> None:
        with own_database.transaction() as db:
            audit.note(db, "signed_in", user_id=7)
            assert stored(own_database) == []
            assert log.getvalue() == ""
        assert stored(own_database) == ["signed_in"]
        with own_database.transaction() as db:
            audit.note(db, "signed_out", user_id=7)
            db.rollback()
        assert stored(own_database) == ["signed_in"]
        assert "signed_out" not in log.getvalue()


class TestRow:
    def test_is_bounded_and_has_no_character_that_postgresql_refuses(self, database: DatabaseInside) -> None:
        with bound_contextvars(address="2001:db8::" * 20, request_id="x" * 500):
            audit.warn(database, "access_denied", user_id=7, path="/\0" * 5_000, code="not_admin")
        [row] = self.rows(database)
        assert (len(row.address), len(row.request_id)) == (64, 128)
        assert len(row.facts) < 2_000
        assert "\0" not in row.facts

    def test_tells_commands_from_users(self, database: DatabaseInside) -> None:
        with database.transaction() as db:
            audit.note(db, "role_changed", user_id=7, by=3, role="admin")
            audit.note(db, "role_changed", user_id=7, by="create_admin", role="admin")
        assert [(row.by_user, row.via) for row in self.rows(database)] == [(3, None), (None, "create_admin")]

    def test_has_the_network_where_the_log_has_it(
        self, service_with: Callable[..., Client], database: DatabaseInside
    ) -> None:
        service_with(log_addresses="truncated").post("/auth/login", json=WRONG)
        assert stored(database, AuditEvent.address) == ["127.0.0.0/24"]

    def rows(self, database: DatabaseInside) -> list[Any]:
        return list(database.connection.execute(select(AuditEvent.__table__).order_by(AuditEvent.id)))


class TestFailures:
    def test_of_one_address_are_stored_ten_times_an_hour(
        self, client: Client, database: DatabaseInside, log: io.StringIO
    ) -> None:
        for _ in range(12):
            assert client.post("/auth/login", json=WRONG).status_code == 401
        assert stored(database) == ["sign_in_failed"] * 10
        assert log.getvalue().count('"sign_in_failed"') == 12

    def test_of_one_kind_leave_room_for_others(self, database: DatabaseInside) -> None:
        for number in range(300):
            with bound_contextvars(address=f"192.0.2.{number % 256}"):
                audit.warn(database, "sign_in_failed", user_id=None)
        audit.warn(database, "access_denied", user_id=7)
        assert stored(database) == ["sign_in_failed"] * 120 + ["access_denied"]

    def test_of_an_ipv6_household_count_together(self, database: DatabaseInside) -> None:
        for number in range(20):
            with bound_contextvars(address=f"2001:db8:1:2::{number:x}"):
                audit.warn(database, "sign_in_failed", user_id=None)
        assert len(stored(database)) == 10

    def test_do_not_wait_for_the_database(self, own_database: Database, own_client: Client) -> None:
        with own_database.transaction() as db:
            db.execute(delete(AuditEvent))  # on SQLite, no other may write
            reply = own_client.post("/auth/login", json=WRONG)
        assert reply.status_code == 401
        assert reply.elapsed.total_seconds() < 5  # DB_LOCK_TIMEOUT is 10

    def test_are_no_different_for_a_name_that_exists(
        self, alice: SignedInUser, client: Client, database: DatabaseInside
    ) -> None:
        """Otherwise the time of a failed login would tell which names exist."""
        counts = []
        for username in (alice.username, WRONG["username"]):
            with counted_queries(database.engine) as statements:
                client.post("/auth/login", json=WRONG | {"username": username})
            counts.append(len(statements))
        assert counts[0] == counts[1]
