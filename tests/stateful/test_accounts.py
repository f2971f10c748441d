"""Thousands of random steps: who may do what is exactly what the model says."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis.stateful import invariant

from app.services.accounts import sessions
from tests.stateful.administration import Administration
from tests.stateful.service import Service, expected
from tests.stateful.walking import walk

if TYPE_CHECKING:
    from sqlalchemy import NestedTransaction

    from devtools.databases import DatabaseInside
    from tests.support.client import Client

pytestmark = pytest.mark.slow

WALKS, STEPS = 210, 60
AT_LEAST = 10_000


class Walk(Administration):
    """One walk, which is rolled back at its end."""

    steps_of_all = 0

    def __init__(self, service: Service) -> None:
        super().__init__(service)
        self.undone: NestedTransaction = service.database.connection.begin_nested()

    @invariant()
    def the_database_has_what_the_model_has(self) -> None:
        Walk.steps_of_all += 1
        assert self.service.stored() == expected(self.model)

    def teardown(self) -> None:
        """Try every credential that there ever was, and every name and password."""
        try:
            for credential in [None, *self.model.sessions, *self.model.keys]:
                reply = self.service.send("GET", "/auth/me", credential)
                if self.expect(reply, self.model.refusal(credential, "any")) and credential is not None:
                    owner = credential.owner
                    assert [reply.json()[name] for name in ("id", "username", "role")] == [
                        owner.id,
                        owner.username,
                        owner.role,
                    ]
        finally:
            self.undone.rollback()


def test_accounts_behave_as_the_model_says(
    client: Client, database: DatabaseInside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "GRACE", timedelta(hours=1))  # a slow machine must not age a token by itself
    Walk.steps_of_all = 0
    service = Service(client, database)
    walk(lambda: Walk(service), WALKS, STEPS)
    assert Walk.steps_of_all >= AT_LEAST
