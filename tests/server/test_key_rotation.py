"""A new SECRET_KEY while users are signed in: two services on one database, as during a deployment."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from devtools.databases import SECRET
from tests.api.responses import refusal
from tests.support.serving import serving
from tests.support.users import new_user

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.client import Client
    from tests.support.serving import Served
    from tests.support.users import SignedInUser

pytestmark = pytest.mark.slow

NEW = "a new secret, which also has more than 32 bytes"
PAGES_OF_ONE = "/auth/sessions?limit=1"


@pytest.fixture
def alice(served: Served) -> SignedInUser:
    """Signed in before, at the service that has the old key."""
    return new_user(served.client())


@pytest.fixture(scope="module")
def rotated(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """The service that has a new key, and believes the old one."""
    folder = tmp_path_factory.mktemp("rotated")
    with serving(served.url, folder, secret_key=NEW, secret_keys_old=json.dumps([SECRET])) as after:
        yield after.client()


@pytest.fixture(scope="module")
def forgetful(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A service that has a new key alone."""
    with serving(served.url, tmp_path_factory.mktemp("forgetful"), secret_key=NEW) as after:
        yield after.client()


def next_page(client: Client) -> str:
    """The address of a second page, at any service."""
    return "/auth" + client.get(PAGES_OF_ONE).raise_for_status().links["next"]["url"].partition("/auth")[2]


class TestWithTheOldKey:
    def test_all_that_it_signed_is_good(self, alice: SignedInUser, rotated: Client) -> None:
        alice.sign_in()
        second_page = next_page(alice.client)
        user = replace(alice, anonymous=rotated)
        assert user.is_signed_in
        [entry] = user.client.get(second_page).raise_for_status().json()
        assert entry["id"] != alice.session_id
        assert user.refresh().refresh().is_signed_in

    def test_the_new_one_signs(self, alice: SignedInUser, rotated: Client) -> None:
        """So the old one may go as soon as what it signed has expired."""
        following = replace(alice, anonymous=rotated).refresh()
        back = replace(following, anonymous=alice.anonymous)
        assert refusal(back.client.get("/auth/me")) == (401, "token_invalid")

    def test_a_retry_of_a_refresh_is_no_theft(self, alice: SignedInUser, rotated: Client) -> None:
        here = alice.refresh()
        user = replace(alice, anonymous=rotated).refresh()
        assert here.is_signed_in
        assert user.is_signed_in
        assert user.refresh().is_signed_in

    def test_keys_and_passwords_have_nothing_to_do_with_it(self, alice: SignedInUser, rotated: Client) -> None:
        assert rotated.as_bearer(alice.new_key()).get("/auth/me").status_code == 200
        assert replace(alice, anonymous=rotated).sign_in().is_signed_in


class TestWithoutTheOldKey:
    def test_access_tokens_are_refused(self, alice: SignedInUser, forgetful: Client) -> None:
        assert refusal(forgetful.as_bearer(alice.access_token).get("/auth/me")) == (401, "token_invalid")

    def test_cursors_are_refused(self, alice: SignedInUser, forgetful: Client) -> None:
        alice.sign_in()
        second_page = next_page(alice.client)
        user = replace(alice, anonymous=forgetful).refresh()
        assert refusal(user.client.get(second_page)) == (400, "invalid_cursor")

    def test_refresh_tokens_and_keys_are_good_as_their_digests_are_kept(
        self, alice: SignedInUser, forgetful: Client
    ) -> None:
        assert forgetful.as_bearer(alice.new_key()).get("/auth/me").status_code == 200
        following = replace(alice, anonymous=forgetful).refresh()
        assert following.is_signed_in
        assert following.session_id == alice.session_id
