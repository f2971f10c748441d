"""A new password in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from app.database import Database
from app.models import User
from devtools.databases import settings_for
from tests.support.factories import PASSWORD, Factory

if TYPE_CHECKING:
    from tests.browser.conftest import PageMonitor
    from tests.support.serving import Served

NEW = "a staple of many readers"


@pytest.fixture
def token(served: Served) -> str:
    """What an admin handed to Alice."""
    make = Factory(served.client())
    alice, admin = make.user("alice"), make.user("chief")
    database = Database.of(settings_for(served.url))
    with database.transaction() as db:
        db.execute(update(User).where(User.username == "chief").values(role="admin"))
    database.engine.dispose()
    reset = admin.post(f"/users/{alice.get('/auth/me').json()['id']}/password-reset").json()
    assert reset["link"] == f"{served.base}/reset#{reset['token']}"
    return str(reset["token"])


class TestReset:
    def test_sets_a_new_password_with_a_link(self, monitor: PageMonitor, served: Served, token: str) -> None:
        page = monitor.page
        page.goto(f"/reset#{token}")
        expect(page).to_have_url(f"{served.base}/reset")  # the token is out of sight, and of the history
        page.get_by_label("New password").fill(NEW)
        page.get_by_role("button", name="Set password").click()
        expect(page.get_by_role("status")).to_have_text("Your new password is set. Log in with it.")
        client = served.client()
        logins = [
            client.post("/auth/login", json={"username": "alice", "password": password}).status_code
            for password in (NEW, PASSWORD)
        ]
        assert logins == [200, 401]

    @pytest.mark.parametrize(
        ("password", "fault"),
        [
            ("p" * 300, "The new password must have at most 256 characters."),
            ("short", "The new password must have at least 8 characters."),
        ],
    )
    def test_says_what_is_wrong_with_a_password(self, monitor: PageMonitor, password: str, fault: str) -> None:
        page = monitor.page
        page.goto("/reset#bp_made-up")
        page.get_by_label("New password").fill(password)
        page.get_by_role("button", name="Set password").click()
        expect(page.get_by_role("status")).to_contain_text(fault)
        assert len(monitor.complaints) == 2  # Chromium's console, and the answer: each says 400
        monitor.complaints.clear()

    def test_asks_for_the_whole_link(self, monitor: PageMonitor) -> None:
        monitor.page.goto("/reset")
        expect(monitor.page.get_by_role("status")).to_contain_text("Open the whole link")
        expect(monitor.page.get_by_label("New password")).to_be_hidden()
