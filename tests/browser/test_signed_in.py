"""The page at the end of a sign-in at the provider, in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from app.database import Database
from app.security.identity import ExternalIdentity
from app.services.accounts.identities import IdentityService
from app.services.accounts.users import UserService
from devtools.databases import settings_for
from tests.support.authenticators import add_second_factor
from tests.support.users import new_user

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.browser.conftest import PageMonitor
    from tests.support.serving import Served

IDENTITY = ExternalIdentity("https://id.example", "1", "alice")


@pytest.fixture
def database(served: Served) -> Iterator[Database]:
    database = Database.of(settings_for(served.url))
    yield database
    database.engine.dispose()


class TestSignedIn:
    def test_asks_for_the_second_factor(self, monitor: PageMonitor, served: Served, database: Database) -> None:
        user = new_user(served.client())
        authenticator = add_second_factor(user.client)
        with database.transaction() as db:
            identities = IdentityService(db)
            identities.link(UserService(db).get(user.user_id), IDENTITY)
            code = identities.issue_code(IDENTITY, None)
        page = monitor.page
        page.goto(f"/signed-in#{code}")
        expect(page).to_have_url(f"{served.base}/signed-in")  # the code is out of sight, and of the history
        field = page.get_by_label("Code of your authenticator app")
        expect(field).to_be_hidden()
        page.get_by_role("button", name="Show the tokens").click()
        expect(page.get_by_role("status")).to_contain_text("This account has a second factor")
        monitor.complaints.clear()  # the 401
        field.fill(authenticator.recovery_codes[0])
        page.get_by_role("button", name="Show the tokens").click()
        expect(page.locator("#tokens")).to_contain_text('"access_token"')
        expect(page.get_by_label("Username")).to_be_hidden()
        assert code not in served.log.read_text()

    def test_without_a_code_says_so(self, monitor: PageMonitor) -> None:
        monitor.page.goto("/signed-in")
        expect(monitor.page.get_by_role("status")).to_contain_text("Sign in again")
