"""Two transactions of one member at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from app.errors import QuotaReached
from app.models import Author, User
from app.security.identity import Principal
from app.security.roles import MEMBER
from app.services.quota import Quota

if TYPE_CHECKING:
    from app.database import Database


@pytest.fixture
def member(own_database: Database) -> Principal:
    with own_database.transaction() as db:
        user = User(username="alice", password_hash="-")  # noqa: S106  (no hash)
        db.add(user)
        db.flush()
        return Principal(user.id, user.username, MEMBER)


class TestQuota:
    def test_is_not_exceeded_by_transactions_at_once(self, own_database: Database, member: Principal) -> None:
        def add(number: int) -> bool:
            try:
                with own_database.transaction() as db:
                    Quota(db, member, 3).require_room()
                    db.add(Author(name=f"Author {number}", created_by=member.id))
            except QuotaReached:
                return False
            return True

        with ThreadPoolExecutor(8) as pool:
            assert sorted(pool.map(add, range(8))) == [False] * 5 + [True] * 3
        with own_database.reading() as connection:
            assert connection.scalar(select(func.count()).select_from(Author)) == 3
