"""Registration with an invitation in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from app.database import Database
from devtools.databases import settings_for
from tests.support.factories import PASSWORD
from tests.support.users import new_admin

if TYPE_CHECKING:
    from tests.browser.conftest import PageMonitor
    from tests.support.serving import Served


@pytest.fixture
def token(served: Served) -> str:
    """What an admin handed to a guest."""
    database = Database.of(settings_for(served.url))
    issued = new_admin(served.client(), database).client.post("/invitations").raise_for_status().json()
    database.engine.dispose()
    assert issued["link"] == f"{served.base}/join#{issued['token']}"
    return str(issued["token"])


class TestJoin:
    def test_registers_with_a_link(self, monitor: PageMonitor, served: Served, token: str) -> None:
        page = monitor.page
        page.goto(f"/join#{token}")
        expect(page).to_have_url(f"{served.base}/join")  # the token is out of sight, and of the history
        page.get_by_label("Username").fill("guest")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Register").click()
        expect(page.get_by_role("status")).to_have_text("You are registered as guest. Log in with your password.")
        client = served.client()
        assert client.post("/auth/login", json={"username": "guest", "password": PASSWORD}).status_code == 200
        [spent] = [entry for entry in served.logged("registered") if "invitation_id" in entry]
        assert token not in served.log.read_text()
        assert spent["invitation_id"]

    def test_says_what_is_wrong_with_an_account(self, monitor: PageMonitor) -> None:
        page = monitor.page
        page.goto("/join#bi_made-up")
        page.get_by_label("Username").fill("another guest")
        page.get_by_label("Password").fill("short")
        page.get_by_role("button", name="Register").click()
        expect(page.get_by_role("status")).to_have_text("The password must have at least 8 characters.")
        assert len(monitor.complaints) == 2  # Chromium's console, and the answer: each says 400
        monitor.complaints.clear()
