"""The steps of users: registration, sessions, passwords, keys, and books."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from app.security.roles import READ, WRITE
from tests.stateful.model import Account, Book, Key, Life, Model, Session

if TYPE_CHECKING:
    from collections.abc import Sequence

    import httpx

    from tests.stateful.model import Credential
    from tests.stateful.service import Service

T = TypeVar("T")

PASSWORDS = ["correct horse battery", "a staple of many readers", "the third of three passphrases"]
NAMES = ["alice", "Alice", "bob", "carol"]
some = st.integers(0, 11)
"""Which of several things, counted from the newest."""
password = st.sampled_from(PASSWORDS)
mostly = st.sampled_from([True, True, True, False])
"""Whether the right password is sent."""


def pick(things: Sequence[T], number: int) -> T:
    """One of several things."""
    return things[-1 - number % len(things)]


class OwnAccount(RuleBasedStateMachine):
    """What users do with their own accounts.

    A step without an object does nothing: with preconditions, what is drawn would depend on what happened before.
    """

    def __init__(self, service: Service) -> None:
        super().__init__()
        self.service, self.model = service, Model()
        self.author_id = 0

    @initialize()
    def first_admin(self) -> None:
        root = self.add_account("root", PASSWORDS[0])
        self.service.promote(root)
        session = self.sign_in(root)
        author = self.service.send("POST", "/authors", session, {"name": "Jane Austen"}).raise_for_status()
        self.author_id = author.json()["id"]

    def credential(self, number: int) -> Credential | None:
        """A session, a key, or no credential; ended and revoked ones too, but the working ones first.

        Some session always works: hypothesis may leave a step such as the login out of a whole walk.
        """
        if not any(session.works for session in self.model.sessions):
            self.sign_in(next(one for one in self.model.accounts if one.is_acting_admin))
        everything: list[Credential] = [*self.model.keys, *self.model.sessions]
        return pick([None, *sorted(everything, key=lambda one: one.works)], number)

    def expect(self, reply: httpx.Response, code: str | None) -> bool:
        """Whether the request succeeded, after checking that it was refused with this code, or not at all."""
        assert (reply.json().get("code") if reply.is_error else None) == code, reply.text
        return code is None

    def add_account(self, username: str, chosen: str) -> Account:
        reply = self.service.send("POST", "/register", body={"username": username, "password": chosen})
        account = Account(reply.raise_for_status().json()["id"], username, chosen)
        assert account.id > max((one.id for one in self.model.accounts), default=0)
        self.model.accounts.append(account)
        return account

    def sign_in(self, account: Account) -> Session:
        body = {"username": account.username, "password": account.password}
        pair = self.service.send("POST", "/auth/login", body=body).raise_for_status().json()
        session = Session(account, 0, pair["access_token"], [pair["refresh_token"]])
        listed = self.service.send("GET", "/auth/sessions", session).json()
        [session.id] = [one["id"] for one in listed if one["current"]]
        for other in self.model.sessions:
            if other.life is Life.EXPIRED:
                other.life = Life.ENDED
        self.model.sessions.append(session)
        return session

    @rule(username=st.sampled_from(NAMES), chosen=password)
    def register(self, username: str, chosen: str) -> None:
        if self.model.named(username) is None:
            self.add_account(username, chosen)
        else:
            reply = self.service.send("POST", "/register", body={"username": username, "password": chosen})
            self.expect(reply, "username_taken")

    @rule(number=some, right=mostly, sent=password)
    def log_in(self, number: int, right: bool, sent: str) -> None:  # noqa: FBT001  (hypothesis passes it by name)
        account = pick(self.model.accounts, number)
        known = self.model.named(account.username)
        if known is not None and not known.disabled and right:
            self.sign_in(known)
            return
        sent = account.password if right else sent
        if known is None or known.disabled or known.password != sent:
            reply = self.service.send("POST", "/auth/login", body={"username": account.username, "password": sent})
            self.expect(reply, "bad_credentials")

    @rule(number=st.integers(0, 3), which=st.sampled_from([0, 0, 0, 1, 2]), later=st.booleans())
    def refresh(self, number: int, which: int, later: bool) -> None:  # noqa: FBT001  (as above)
        if not self.model.sessions:
            return
        if later:
            self.a_while_passes()
        session = pick(sorted(self.model.sessions, key=lambda one: one.works), number)
        token = pick(session.refresh_tokens, which)
        reply = self.service.send("POST", "/auth/refresh", body={"refresh_token": token})
        if session.life is not Life.ACTIVE or token in session.old:
            self.expect(reply, "refresh_token_invalid")
            if session.life is Life.ACTIVE:  # a theft
                session.life = Life.ENDED
            return
        pair = reply.raise_for_status().json()
        session.bearer = pair["access_token"]
        place = session.refresh_tokens.index(token) + 1
        assert session.refresh_tokens[place : place + 1] in ([], [pair["refresh_token"]])
        session.refresh_tokens[place:] = [pair["refresh_token"], *session.refresh_tokens[place + 1 :]]

    @rule()
    def a_while_passes(self) -> None:
        self.service.age_spent_tokens()
        for session in self.model.sessions:
            session.old.update(session.refresh_tokens[:-1])

    @rule(number=some, other=st.none() | some)
    def log_out(self, number: int, other: int | None) -> None:
        by = self.credential(number)
        ended = None if other is None or not self.model.sessions else pick(self.model.sessions, other)
        body = {} if ended is None else {"refresh_token": ended.refresh_tokens[0]}
        reply = self.service.send("POST", "/auth/logout", by, body)
        if self.expect(reply, self.model.refusal(by, "person")) and isinstance(by, Session):
            by.life = Life.ENDED
            if ended is not None and ended.owner is by.owner:
                ended.life = Life.ENDED

    @rule(number=some, revoke=st.booleans())
    def log_out_everywhere(self, number: int, revoke: bool) -> None:  # noqa: FBT001  (as above)
        by = self.credential(number)
        reply = self.service.send("POST", "/auth/logout-all", by, {"revoke_keys": revoke})
        if self.expect(reply, self.model.refusal(by, "person")) and by is not None:
            self.model.end_sessions(by.owner)
            self.model.void_resets(by=by.owner)
            if revoke:
                self.model.revoke_keys(by.owner)

    @rule(number=some, which=some)
    def end_session(self, number: int, which: int) -> None:
        if not self.model.sessions:
            return
        by, session = self.credential(number), pick(self.model.sessions, which)
        reply = self.service.send("DELETE", f"/auth/sessions/{session.id}", by)
        code = self.model.refusal(by, "person")
        if code is None and by is not None and (session.owner is not by.owner or session.life is Life.ENDED):
            code = "session_not_found"
        if self.expect(reply, code):
            session.life = Life.ENDED

    @rule(number=some, right=mostly, chosen=password, revoke=st.booleans())
    def change_password(self, number: int, right: bool, chosen: str, revoke: bool) -> None:  # noqa: FBT001  (as above)
        by = self.credential(number)
        current = by.owner.password if by is not None and right else "wrong horse battery"
        body = {"current_password": current, "new_password": chosen, "revoke_keys": revoke}
        reply = self.service.send("PUT", "/auth/password", by, body)
        code = self.model.refusal(by, "person") or (None if right else "bad_credentials")
        if self.expect(reply, code) and isinstance(by, Session):
            by.owner.password = chosen
            self.model.end_sessions(by.owner, but=by)
            self.model.void_resets(of=by.owner)
            self.model.void_resets(by=by.owner)
            if revoke:
                self.model.revoke_keys(by.owner)

    @rule(number=some, scopes=st.sampled_from([[READ], [WRITE], [READ, WRITE]]))
    def create_key(self, number: int, scopes: list[Any]) -> None:
        by = self.credential(number)
        reply = self.service.send("POST", "/auth/keys", by, {"name": "a program", "scopes": scopes})
        if self.expect(reply, self.model.refusal(by, "person")) and by is not None:
            key = reply.json()
            self.model.keys.append(Key(by.owner, key["id"], key["key"], frozenset(scopes)))

    @rule(number=some, which=some)
    def revoke_key(self, number: int, which: int) -> None:
        if not self.model.keys:
            return
        by, key = self.credential(number), pick(self.model.keys, which)
        reply = self.service.send("DELETE", f"/auth/keys/{key.id}", by)
        code = self.model.refusal(by, "person")
        if code is None and by is not None and (key.owner is not by.owner or key.revoked):
            code = "key_not_found"
        if self.expect(reply, code):
            key.revoked = True

    @rule(number=some, right=mostly)
    def delete_account(self, number: int, right: bool) -> None:  # noqa: FBT001  (as above)
        by = self.credential(number)
        current = by.owner.password if by is not None and right else "wrong horse battery"
        reply = self.service.send("POST", "/auth/me/deletion", by, {"current_password": current})
        code = self.model.refusal(by, "person") or (None if right else "bad_credentials")
        if code is None and by is not None and self.model.is_last_admin(by.owner):
            code = "last_admin"
        if self.expect(reply, code) and by is not None:
            self.model.delete(by.owner)

    @rule(number=some)
    def add_book(self, number: int) -> None:
        by = self.credential(number)
        reply = self.service.send("POST", "/books", by, {"title": "Emma", "author_id": self.author_id})
        if self.expect(reply, self.model.refusal(by, "write")) and by is not None:
            assert reply.json()["created_by"] == by.owner.id
            self.model.books.append(Book(by.owner, reply.json()["id"]))

    @rule(number=some, which=some)
    def delete_book(self, number: int, which: int) -> None:
        if not self.model.books:
            return
        by, book = self.credential(number), pick(self.model.books, which)
        reply = self.service.send("DELETE", f"/books/{book.id}", by)
        code = self.model.refusal(by, "write")
        if code is None and by is not None and by.owner is not book.owner and by.owner.role != "admin":
            code = "not_owner"
        if self.expect(reply, code):
            self.model.books.remove(book)
