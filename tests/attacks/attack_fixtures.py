"""What an attack needs: a service, its database, and users who are signed in."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from devtools.databases import fresh_url
from devtools.serving import migrated
from tests.support.authenticators import Authenticator, add_second_factor, start_second_factor
from tests.support.factories import Factory
from tests.support.serving import serving
from tests.support.users import SignedInUser, make_admin, new_user

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from app.database import Database
    from tests.support.client import Client
    from tests.support.copied_users import UserCopies
    from tests.support.serving import Served


@contextmanager
def behind_a_proxy(kind: str, server_url: str, folder: Path, *, workers: int, **settings: object) -> Iterator[Served]:
    """A service with limits and a book, which takes the addresses of its clients from a proxy: the tests themselves."""
    limits = {"rate_limit_enabled": True, "trusted_proxies": "127.0.0.1"} | settings
    with (
        fresh_url(kind, server_url, folder) as url,
        serving(migrated(url), folder, workers=workers, **limits) as served,
    ):
        member = served.member()
        Factory(member).book(member, id=1, author_id=Factory(member).author(member, id=1)["id"])
        yield served


@dataclass(frozen=True)
class AttackContext:
    """A service with a database, and users who are created and signed in on first use.

    Args:
        copies: makes the users, where the service is in this process; otherwise they register and log in.
    """

    anonymous: Client
    database: Database
    copies: UserCopies | None = None

    @cached_property
    def victim(self) -> SignedInUser:
        """A user whose tokens are valid."""
        victim = self._new_user()
        assert victim.is_signed_in
        return victim

    @cached_property
    def elsewhere(self) -> SignedInUser:
        """The victim in a second session."""
        return self.victim.sign_in()

    @cached_property
    def attacker(self) -> SignedInUser:
        """Another user."""
        return self._new_user()

    @cached_property
    def admin(self) -> SignedInUser:
        """An admin: may disable users, and give them roles."""
        admin = self._new_user()
        make_admin(self.database, admin.user_id)
        return admin

    @cached_property
    def reset(self) -> str:
        """A password reset for the victim."""
        reply = self.admin.client.post(f"/users/{self.victim.user_id}/password-reset").raise_for_status()
        return str(reply.json()["token"])

    @cached_property
    def invitation(self) -> dict[str, Any]:
        """An invitation that the admin issued, with its token."""
        issued: dict[str, Any] = self.admin.client.post("/invitations").raise_for_status().json()
        return issued

    @cached_property
    def webhook(self) -> dict[str, Any]:
        """A webhook of the admin's, with the id of a delivery."""
        admin = self.admin.client
        created = admin.post("/webhooks", json={"url": "https://receiver.example/"}).raise_for_status().json()
        test = admin.post(f"/webhooks/{created['id']}/test").raise_for_status().json()
        return {**created, "delivery_id": test["delivery"]["id"], "changed": ["enabled"]}

    @cached_property
    def key_id(self) -> int:
        """A key of the victim."""
        self.victim.new_key()
        return int(self.victim.client.get("/auth/keys").json()[-1]["id"])

    @cached_property
    def started(self) -> Authenticator:
        """An authenticator that the victim has not confirmed yet."""
        return start_second_factor(self.victim.client)

    @cached_property
    def authenticator(self) -> Authenticator:
        """The second factor of the victim; the code of the current step is used up."""
        return add_second_factor(self.victim.client)

    def patch_victim(self, **changes: object) -> None:
        """An admin changes the victim."""
        self.admin.client.patch(f"/users/{self.victim.user_id}", json=changes).raise_for_status()

    def _new_user(self) -> SignedInUser:
        return self.copies.new() if self.copies else new_user(self.anonymous)
