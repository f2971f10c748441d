"""Where an attack takes place: a service, its database, and the people who are signed in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from tests.support.users import Person, new_admin, new_person

if TYPE_CHECKING:
    from app.database import Database
    from tests.support.client import Client


@dataclass(frozen=True)
class Scene:
    """Whoever is attacked was just signed in."""

    nobody: Client
    database: Database

    @cached_property
    def victim(self) -> Person:
        """A user whose tokens are good."""
        victim = new_person(self.nobody)
        assert victim.is_signed_in
        return victim

    @cached_property
    def elsewhere(self) -> Person:
        """The victim in a second session."""
        return self.victim.sign_in()

    @cached_property
    def attacker(self) -> Person:
        """Another user."""
        return new_person(self.nobody)

    @cached_property
    def admin(self) -> Person:
        """Somebody who may disable users, and give them roles."""
        return new_admin(self.nobody, self.database)

    @cached_property
    def reset(self) -> str:
        """A password reset for the victim."""
        reply = self.admin.client.post(f"/users/{self.victim.user_id}/password-reset").raise_for_status()
        return str(reply.json()["token"])

    @cached_property
    def key_id(self) -> int:
        """A key of the victim."""
        self.victim.new_key()
        return int(self.victim.client.get("/auth/keys").json()[-1]["id"])

    def patch_victim(self, **changes: object) -> None:
        """An admin changes the victim."""
        self.admin.client.patch(f"/users/{self.victim.user_id}", json=changes).raise_for_status()
