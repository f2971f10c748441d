"""A walk through all that has to do with accounts: its secrets are neither in the log nor in the database."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from app.models.base import Base
from app.security.credentials import digest
from app.security.identity import ExternalIdentity
from app.services.accounts.identities import IdentityService
from tests.attacks.attack_fixtures import AttackContext
from tests.support.authenticators import Authenticator
from tests.support.factories import PASSWORD

if TYPE_CHECKING:
    import io

    import httpx

    from devtools.databases import DatabaseInside
    from tests.support.client import Client
    from tests.support.openapi_contract import OpenApiContract

NEXT = f"{PASSWORD}, and a staple"
LAST = f"{PASSWORD}, and a stable"
SHOWN_ONCE = {"access_token", "refresh_token", "key", "token", "link", "secret", "uri"}
IDENTITY = ExternalIdentity("https://id.example", "1", None)


@dataclass
class Walk:
    """Requests one after the other, and the secrets that came up."""

    context: AttackContext
    answers: list[httpx.Response] = field(default_factory=list)
    secrets: set[str] = field(default_factory=lambda: {PASSWORD, NEXT, LAST})

    def ask(self, client: Client, method: str, path: str, status: int = 200, **body: Any) -> Any:
        """One step: what is answered, where that is not a list."""
        reply = client.request(method, path, json=body) if body else client.request(method, path)
        assert reply.status_code == status, reply.text
        self.answers.append(reply)
        answer = reply.json()
        if isinstance(answer, dict):
            self.secrets |= {answer[name] for name in SHOWN_ONCE & answer.keys()} | set(answer.get("codes", ()))
        return answer

    def through_all(self) -> dict[str, str]:
        """Every endpoint of accounts, right and wrong; the credentials that are still valid after it."""
        anonymous, admin = self.context.anonymous, self.context.admin.client
        account: dict[str, Any] = {"username": "alice", "password": PASSWORD}
        user_id = self.ask(anonymous, "POST", "/register", 201, **account)["id"]
        self.ask(anonymous, "POST", "/register", 409, **account)
        self.ask(anonymous, "POST", "/auth/login", 401, **account | {"password": LAST})
        first = self.ask(anonymous, "POST", "/auth/login", **account)
        self.ask(anonymous, "POST", "/auth/refresh", refresh_token=first["refresh_token"])
        self.ask(anonymous, "POST", "/auth/refresh", 401, refresh_token=first["access_token"])
        alice = anonymous.as_bearer(first["access_token"])
        self.ask(alice, "GET", "/auth/me")
        self.ask(alice, "GET", "/auth/me/events")
        self.ask(anonymous.as_bearer(first["refresh_token"]), "GET", "/auth/me", 401)
        other = self.ask(anonymous, "POST", "/auth/login", **account)
        self.ask(alice, "GET", "/auth/sessions")
        [_, session] = self.ask(alice, "GET", "/auth/sessions")
        self.ask(alice, "DELETE", f"/auth/sessions/{session['id']}")
        self.ask(alice, "PUT", "/auth/password", 401, current_password=LAST, new_password=NEXT)
        self.ask(alice, "PUT", "/auth/password", current_password=PASSWORD, new_password=NEXT)
        key = self.ask(alice, "POST", "/auth/keys", 201, name="program", scopes=["books:write"])
        self.ask(anonymous.as_bearer(key["key"]), "GET", "/auth/me")
        self.ask(alice, "GET", "/auth/keys")
        self.ask(alice, "GET", f"/auth/keys/{key['id']}")
        gone = self.ask(alice, "POST", "/auth/keys", 201, name="gone", scopes=["books:read"])
        self.ask(alice, "DELETE", f"/auth/keys/{gone['id']}")
        self.ask(alice, "POST", "/auth/logout", refresh_token=other["refresh_token"])
        second = self.ask(anonymous, "POST", "/auth/login", **account | {"password": NEXT})
        self.ask(anonymous.as_bearer(second["access_token"]), "POST", "/auth/logout-all")
        self.ask(admin, "GET", "/users")
        self.ask(admin, "GET", f"/users/{user_id}")
        self.ask(admin, "PATCH", f"/users/{user_id}", role="admin")
        self.ask(admin, "POST", f"/users/{user_id}/logout-all")
        reset = self.ask(admin, "POST", f"/users/{user_id}/password-reset")
        self.ask(anonymous, "POST", "/auth/password-reset", token=reset["token"], new_password=LAST)
        self.ask(anonymous, "POST", "/auth/password-reset", 401, token=reset["token"], new_password=NEXT)
        left = self.ask(admin, "POST", f"/users/{user_id}/password-reset")
        third = self.ask(anonymous, "POST", "/auth/login", **account | {"password": LAST})
        self.through_other_ways_in()
        return {"refresh_tokens": third["refresh_token"], "api_keys": key["key"], "users": left["token"]}

    def through_other_ways_in(self) -> None:
        """Sign-ins at the provider, second factors and confirmations, until the account is deleted."""
        anonymous, admin = self.context.anonymous, self.context.admin.client
        account: dict[str, Any] = {"username": "alice II", "password": PASSWORD}
        user_id = self.ask(anonymous, "POST", "/register", 201, **account)["id"]
        user = anonymous.as_bearer(self.ask(anonymous, "POST", "/auth/login", **account)["access_token"])
        linked = self.ask(user, "POST", "/auth/identities", sign_in_code=self.sign_in_code())
        self.ask(user, "GET", "/auth/identities")
        self.ask(anonymous, "POST", "/auth/oidc/token", sign_in_code=self.sign_in_code())
        self.ask(anonymous, "POST", "/auth/oidc/token", 401, sign_in_code=f"{self.sign_in_code()}x")
        self.ask(anonymous, "POST", "/auth/login/header", 403, code="123456")
        self.ask(user, "POST", "/auth/step-up", 401, password=LAST)
        self.ask(user, "POST", "/auth/step-up", password=PASSWORD)
        started = Authenticator(self.ask(user, "POST", "/auth/totp")["secret"])
        self.ask(user, "POST", "/auth/totp/confirm", code=started.code())
        codes = self.ask(user, "POST", "/auth/totp/recovery-codes")["codes"]
        self.ask(user, "GET", "/auth/totp")
        self.ask(anonymous, "POST", "/auth/oidc/token", sign_in_code=self.sign_in_code(), code=codes[0])
        self.ask(user, "DELETE", "/auth/totp")
        self.ask(admin, "DELETE", f"/users/{user_id}/totp", 409)
        key = self.ask(user, "POST", "/auth/keys", 201, name="gone", scopes=["books:read"])
        self.ask(admin, "GET", f"/users/{user_id}/keys")
        self.ask(user, "GET", "/auth/me/export")
        self.ask(admin, "DELETE", f"/users/{user_id}/keys/{key['id']}")
        self.ask(user, "DELETE", f"/auth/identities/{linked['id']}")
        self.ask(user, "POST", "/auth/me/deletion", 401, current_password=LAST)
        self.ask(user, "POST", "/auth/me/deletion", current_password=PASSWORD)
        self.ask(admin, "DELETE", f"/users/{user_id}", 404)

    def sign_in_code(self) -> str:
        """What a sign-in at the provider ends with."""
        with self.context.database.transaction() as db:
            code = IdentityService(db).issue_code(IDENTITY, None)
        self.secrets.add(code)
        return code


@pytest.fixture
def walk(client: Client, database: DatabaseInside, log: io.StringIO) -> Walk:  # noqa: ARG001  (it is written there)
    context = AttackContext(client, database)
    return Walk(context, secrets={PASSWORD, NEXT, LAST, context.admin.access_token, context.admin.refresh_token})


def table_as_text(database: DatabaseInside, name: str) -> str:
    with database.reading() as connection:
        rows = connection.execute(Base.metadata.tables[name].select())
        return "\n".join(str(tuple(row)) for row in rows)


class TestSecrets:
    def test_are_not_in_the_log(self, walk: Walk, log: io.StringIO) -> None:
        walk.through_all()
        written = log.getvalue()
        assert written.count('"event": "request"') >= len(walk.answers)
        assert [secret for secret in walk.secrets if secret in written] == []
        assert [secret for secret in walk.secrets if digest(secret) in written] == []
        assert "alice" not in written

    def test_are_not_in_the_database_but_for_the_digests(self, walk: Walk, database: DatabaseInside) -> None:
        valid = walk.through_all()
        kept = "\n".join(table_as_text(database, name) for name in Base.metadata.tables)
        assert [secret for secret in walk.secrets if secret in kept] == []
        for table, credential in valid.items():
            assert digest(credential) in table_as_text(database, table)

    def test_are_shown_by_nothing_that_is_read(self, walk: Walk) -> None:
        walk.through_all()
        read = "\n".join(answer.text for answer in walk.answers if answer.request.method == "GET")
        assert len(read) > 1000
        assert [secret for secret in walk.secrets if secret in read] == []
        assert [secret for secret in walk.secrets if digest(secret) in read] == []

    def test_are_never_cached(self, walk: Walk) -> None:
        walk.through_all()
        assert {answer.headers["Cache-Control"] for answer in walk.answers} == {"no-store"}

    def test_were_looked_for_everywhere(self, walk: Walk, contract: OpenApiContract) -> None:
        """A new endpoint needs a step in the walk."""
        walk.through_all()
        for path, operations in contract.document["paths"].items():
            if path.startswith(("/register", "/auth/", "/users")):
                for method in operations.keys() - {"parameters", "summary"}:
                    assert any(self.is_step(answer, method, path) for answer in walk.answers), (method, path)

    def is_step(self, answer: httpx.Response, method: str, template: str) -> bool:
        segments = answer.request.url.path.split("/")
        return (
            answer.request.method.lower() == method
            and len(segments) == len(template.split("/"))
            and all(
                part.startswith("{") or part == segment
                for part, segment in zip(template.split("/"), segments, strict=True)
            )
        )
