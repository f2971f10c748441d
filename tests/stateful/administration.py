"""The steps of admins, and the passing of time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st
from hypothesis.stateful import rule

from app.security.roles import ADMIN, MEMBER
from tests.stateful.model import Life, Reset
from tests.stateful.own_account import OwnAccount, password, pick, some

if TYPE_CHECKING:
    from app.security.roles import Role
    from tests.stateful.model import Account, Credential


class Administration(OwnAccount):
    """What admins do with the accounts of others and with their own."""

    def admin_and_account(self, number: int, which: int) -> tuple[Credential | None, Account, str | None]:
        """Who asks, for which account, and how the service refuses that; None if it does not."""
        by, account = self.admin(number), pick(self.model.accounts, which)
        return by, account, self.model.refusal(by, "admin") or ("user_not_found" if account.deleted else None)

    def admin(self, number: int) -> Credential | None:
        """Any credential, but more often a session of an admin."""
        of_admins = [one for one in self.model.sessions if one.works and one.owner.role == ADMIN]
        return pick(of_admins, number) if of_admins and number % 3 else self.credential(number)

    @rule(number=some, which=some, role=st.sampled_from([ADMIN, MEMBER]), disabled=st.sampled_from([None, None, False]))
    def set_role(self, number: int, which: int, role: Role, disabled: bool | None) -> None:  # noqa: FBT001  (hypothesis passes it by name)
        self.change(number, which, role, disabled)

    @rule(number=some, which=some, disabled=st.booleans())
    def set_disabled(self, number: int, which: int, disabled: bool) -> None:  # noqa: FBT001  (as above)
        self.change(number, which, None, disabled)

    def change(self, number: int, which: int, role: Role | None, disabled: bool | None) -> None:  # noqa: FBT001  (as above)
        by, account, code = self.admin_and_account(number, which)
        new_role = account.role if role is None else role
        now_disabled = account.disabled if disabled is None else disabled
        body = {name: value for name, value in (("role", role), ("disabled", disabled)) if value is not None}
        reply = self.service.send("PATCH", f"/users/{account.id}", by, body)
        if code is None and (new_role != ADMIN or now_disabled) and self.model.is_last_admin(account):
            code = "last_admin"
        if self.expect(reply, code):
            self.model.change(account, new_role, disabled=now_disabled)

    @rule(number=some, which=some)
    def delete_user(self, number: int, which: int) -> None:
        by, account, code = self.admin_and_account(number, which)
        reply = self.service.send("DELETE", f"/users/{account.id}", by)
        if code is None and self.model.is_last_admin(account):
            code = "last_admin"
        if self.expect(reply, code):
            self.model.delete(account)

    @rule(number=some, which=some, revoke=st.booleans())
    def end_sessions_of(self, number: int, which: int, revoke: bool) -> None:  # noqa: FBT001  (as above)
        by, account, code = self.admin_and_account(number, which)
        reply = self.service.send("POST", f"/users/{account.id}/logout-all", by, {"revoke_keys": revoke})
        if self.expect(reply, code):
            self.model.end_sessions(account)
            self.model.void_resets(by=account)
            if revoke:
                self.model.revoke_keys(account)

    @rule(number=some, which=some)
    def revoke_key_of(self, number: int, which: int) -> None:
        if not self.model.keys:
            return
        key = pick(self.model.keys, which)
        by = self.admin(number)
        reply = self.service.send("DELETE", f"/users/{key.owner.id}/keys/{key.id}", by)
        code = self.model.refusal(by, "admin")
        if code is None and key.revoked:
            code = "user_not_found" if key.owner.deleted else "key_not_found"
        if self.expect(reply, code):
            key.revoked = True

    @rule(number=some, which=some)
    def issue_reset(self, number: int, which: int) -> None:
        by, account, code = self.admin_and_account(number, which)
        reply = self.service.send("POST", f"/users/{account.id}/password-reset", by)
        if self.expect(reply, code) and by is not None:
            self.model.void_resets(of=account)
            self.model.resets.append(Reset(account, by.owner, reply.json()["token"]))

    @rule(number=some, chosen=password)
    def redeem_reset(self, number: int, chosen: str) -> None:
        if not self.model.resets:
            return
        reset = pick(self.model.resets, number)
        body = {"token": reset.token, "new_password": chosen}
        reply = self.service.send("POST", "/auth/password-reset", body=body)
        if self.expect(reply, "reset_invalid" if reset.void or reset.expired else None):
            reset.owner.password = chosen
            self.model.void_resets(of=reset.owner)
            self.model.void_resets(by=reset.owner)
            self.model.end_sessions(reset.owner)

    @rule(number=some)
    def list_users(self, number: int) -> None:
        by = self.admin(number)
        reply = self.service.send("GET", "/users", by)
        if self.expect(reply, self.model.refusal(by, "admin")):
            listed = [(one["id"], one["username"], one["role"], one["disabled_at"] is not None) for one in reply.json()]
            assert listed == [(one.id, one.username, one.role, one.disabled) for one in self.model.existing()]

    @rule(number=some)
    def session_expires(self, number: int) -> None:
        if len(self.model.sessions) < 2:
            return
        session = pick(self.model.sessions, number)
        if session.life is Life.ACTIVE:
            self.service.expire_session(session)
            session.life = Life.EXPIRED

    @rule(number=some)
    def key_expires(self, number: int) -> None:
        if not self.model.keys:
            return
        key = pick(self.model.keys, number)
        self.service.expire_key(key)
        key.expired = True

    @rule(number=some)
    def reset_expires(self, number: int) -> None:
        if not self.model.resets:
            return
        reset = pick(self.model.resets, number)
        self.service.expire_reset(reset)
        reset.expired = True
