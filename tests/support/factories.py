"""Makes what a test needs, and no more than it says."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.security.roles import Scope
    from tests.support.client import Client
    from tests.support.copied_users import UserCopies

PASSWORD = "correct horse battery"  # noqa: S105

_numbers = count(1)


def isbn13(number: int) -> str:
    """A valid ISBN that depends on the number alone."""
    digits = f"978{number:09d}"
    total = sum(int(digit) * (3 if index % 2 else 1) for index, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


@dataclass
class Factory:
    """Makes records through the API, as a client would, and users as copies where the database allows it."""

    client: Client
    copies: UserCopies | None = None

    def user(self, username: str | None = None) -> Client:
        """A new user, signed in; registered and logged in through the API if the name matters."""
        if username is None and self.copies is not None:
            return self.copies.new().client
        username = username or f"user{next(_numbers)}"
        credentials = {"username": username, "password": PASSWORD}
        self.client.post("/register", json=credentials).raise_for_status()
        login = self.client.post("/auth/login", json=credentials).raise_for_status()
        return self.client.as_bearer(login.json()["access_token"])

    def author(self, member: Client, **fields: Any) -> dict[str, Any]:
        """A new author."""
        reply = member.post("/authors", json={"name": f"Author {next(_numbers)}"} | fields).raise_for_status()
        return _record(reply.json())

    def book(self, member: Client, **fields: Any) -> dict[str, Any]:
        """A new book; by a new author unless the fields have one, by id, or by name as `by`."""
        if "by" in fields:
            fields["author_id"] = self.author(member, name=fields.pop("by"))["id"]
        elif not fields.keys() & {"author_id", "contributors"}:
            fields["author_id"] = self.author(member)["id"]
        reply = member.post("/books", json={"title": f"Book {next(_numbers)}"} | fields).raise_for_status()
        return _record(reply.json())

    def key(self, member: Client, *scopes: Scope, **fields: Any) -> dict[str, Any]:
        """A new key of this user, with `key`, by which it is used."""
        body = {"name": f"Key {next(_numbers)}", "scopes": list(scopes)} | fields
        return _record(member.post("/auth/keys", json=body).raise_for_status().json())


def _record(reply: dict[str, Any]) -> dict[str, Any]:
    """A reply to a write, less what tells of the write."""
    return {name: value for name, value in reply.items() if name not in {"status", "message"}}
