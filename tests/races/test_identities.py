"""One identity, one account: whatever arrives at once."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from app.database import Database
from app.security.identity import ExternalIdentity
from app.services.accounts.identities import IdentityService
from devtools.databases import settings_for
from tests.races.concurrency import SIZE, ConcurrentClients, tally
from tests.support.serving import serving
from tests.support.users import new_admin

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.serving import Served

pytestmark = pytest.mark.slow


@contextmanager
def codes(served: Served, subject: str, number: int) -> Iterator[list[str]]:
    """Codes that prove one identity."""
    database = Database.of(settings_for(served.url))
    identity = ExternalIdentity("https://id.example", subject, f"name of {subject}")
    with database.transaction() as db:
        issued = [IdentityService(db).issue_code(identity, None) for _ in range(number)]
    yield issued
    database.engine.dispose()


@pytest.fixture
def by_invitation(served: Served, tmp_path: Path) -> Iterator[Served]:
    """A server on the same database, where only invited people get an account."""
    with serving(served.url, tmp_path, workers=2, oidc_registration=True, registration="invite") as by_invitation:
        yield by_invitation


@pytest.fixture
def invitation(served: Served) -> Iterator[str]:
    """The token of an invitation."""
    database = Database.of(settings_for(served.url))
    yield new_admin(served.client(), database).client.post("/invitations").raise_for_status().json()["token"]
    database.engine.dispose()


class TestCode:
    def test_is_used_once(self, clients: ConcurrentClients, served: Served) -> None:
        with codes(served, "once", 1) as [code]:
            body = {"sign_in_code": code}
            answers = clients.at_once(lambda client, _: client.post("/auth/oidc/token", json=body))
        assert tally(answers) == {200: 1, 401: SIZE - 1}


class TestIdentity:
    def test_creates_one_account(self, clients: ConcurrentClients, served: Served) -> None:
        with codes(served, "new", SIZE) as issued:
            answers = clients.at_once(
                lambda client, number: client.post("/auth/oidc/token", json={"sign_in_code": issued[number]})
            )
        assert tally(answers) == {200: SIZE}
        tokens = [answer.json()["access_token"] for answer in answers]
        assert len({served.client().as_bearer(token).get("/auth/me").json()["id"] for token in tokens}) == 1

    def test_creates_one_account_with_one_invitation(self, by_invitation: Served, invitation: str) -> None:
        """Sign-ins that find the invitation used find the account that it made."""
        clients = ConcurrentClients(by_invitation.client().as_bearer("none"))
        with codes(by_invitation, "invited", SIZE) as issued:
            answers = clients.at_once(
                lambda client, number: client.post(
                    "/auth/oidc/token", json={"sign_in_code": issued[number], "invitation": invitation}
                )
            )
        assert tally(answers) == {200: SIZE}

    def test_is_linked_once(self, clients: ConcurrentClients, served: Served) -> None:
        with codes(served, "linked", SIZE) as issued:
            answers = clients.at_once(
                lambda client, number: client.post("/auth/identities", json={"sign_in_code": issued[number]})
            )
        assert tally(answers) == {200: 1, 409: SIZE - 1}
