"""The docs in a real browser: they work offline, under a strict CSP, and do what a reader does with them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.factories import Factory

if TYPE_CHECKING:
    from tests.browser.conftest import PageMonitor
    from tests.support.client import Client
    from tests.support.serving import Served


@pytest.fixture(scope="module")
def member(served: Served) -> Client:
    """A user, who has added an author."""
    member = served.member()
    Factory(member).author(member, id=1)
    return member


def authorize(page: Page, token: str) -> None:
    """Fill in the dialog with the token of a new sign-in."""
    page.get_by_role("button", name="Authorize").first.click()
    dialog = page.locator(".dialog-ux")
    dialog.get_by_role("textbox").fill(token)
    dialog.get_by_role("button", name=re.compile("Apply credentials|Authorize")).click()
    expect(dialog.get_by_text("Authorized", exact=True)).to_be_visible()
    dialog.get_by_role("button", name="Close").last.click()


def execute(page: Page, operation_id: str) -> Locator:
    """Open an operation, run it with the example that stands there, and return where the answer appears."""
    operation = page.locator(f".opblock[id$='-{operation_id}']")
    operation.locator(".opblock-summary-control").click()
    operation.get_by_role("button", name="Execute").click()
    return operation.locator(".live-responses-table .response")


class TestDocs:
    def test_list_and_create_books(self, monitor: PageMonitor, member: Client) -> None:
        page = monitor.page
        page.goto("/docs")
        authorize(page, member.headers["Authorization"].removeprefix("Bearer "))
        created = execute(page, "createBook")
        expect(created.locator(".response-col_status")).to_contain_text("201")
        expect(created.locator(".response-col_description")).to_contain_text("book 'Emma' created")
        listed = execute(page, "listBooks")
        expect(listed.locator(".response-col_status")).to_contain_text("200")
        expect(listed.locator(".response-col_description")).to_contain_text("9780141439587")

    def test_show_every_operation(self, monitor: PageMonitor, member: Client) -> None:
        paths = member.get("/openapi.json").json()["paths"]
        monitor.page.goto("/docs")
        expect(monitor.page.locator(".opblock")).to_have_count(sum(map(len, paths.values())))
        expect(monitor.page.locator(".errors-wrapper")).to_have_count(0)

    def test_forbid_scripts_from_elsewhere(self, monitor: PageMonitor) -> None:
        policy = monitor.page.goto("/docs")
        assert policy is not None
        assert "script-src 'self';" in policy.headers["content-security-policy"]
        assert "unsafe" not in policy.headers["content-security-policy"]


class TestPages:
    def test_the_welcome_leads_on(self, monitor: PageMonitor) -> None:
        page = monitor.page
        page.goto("/")
        expect(page.get_by_role("heading", name="Welcome to the Books API")).to_be_visible()
        expect(page.get_by_role("link", name="The books")).to_have_attribute("href", "/books")
        page.get_by_role("link", name="Error reference").click()
        expect(page).to_have_url(re.compile("/docs/errors$"))
        page.go_back()
        page.get_by_role("link", name="Interactive documentation").click()
        expect(page.get_by_role("button", name="Authorize").first).to_be_visible()

    def test_a_problem_type_leads_to_its_explanation(self, monitor: PageMonitor) -> None:
        monitor.page.goto("/docs/errors#book_not_found")
        expect(monitor.page.locator("#book_not_found")).to_be_in_viewport()
        expect(monitor.page.locator("#book_not_found")).to_contain_text("404")
