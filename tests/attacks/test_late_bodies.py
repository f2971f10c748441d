"""Writes that began before a revocation, and whose bodies end after it: none goes through."""

from __future__ import annotations

from datetime import timedelta
from time import sleep
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from app.models import ApiKey, Author, Book, Invitation, User, Webhook
from tests.api.responses import refusal
from tests.attacks.endings import ENDINGS, delete_by_an_admin
from tests.attacks.late_bodies import ACCOUNT, CATALOGUE, HARMLESS, late_bodies
from tests.support.factories import Factory
from tests.support.time_shift import A_MOMENT, delete_user, key_expires, session_was_confirmed
from tests.support.users import make_admin

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.attacks.attack_fixtures import AttackContext
    from tests.attacks.endings import Ending
    from tests.support.serving import Served

BEGINS_WITHIN = 0.5
"""Seconds until the server has read the headers and waits for the bodies."""
REFUSED = (401, "token_invalid")
SENSITIVE = {operation: ACCOUNT[operation] for operation in ("POST /auth/keys", "PATCH /users/{user_id}")}
KEY_ENDINGS: dict[str, Callable[[AttackContext, str], object]] = {
    "revoked": lambda context, _key: context.victim.client.delete(f"/auth/keys/{context.key_id}").raise_for_status(),
    "expired": lambda context, key: key_expires(context.database, key, within=-A_MOMENT),
    "user disabled": lambda context, _key: context.patch_victim(disabled=True),
    "user deleted": lambda context, _key: delete_user(context.database, context.victim.user_id),
    "account deleted by an admin": lambda context, _key: delete_by_an_admin(context),
}


@pytest.fixture
def known(context: AttackContext) -> dict[str, int]:
    """The ids of a book, an author and a user, all of the attacker, so that the victim can be deleted."""
    make = Factory(context.anonymous)
    author_id = make.author(context.attacker.client)["id"]
    book_id = make.book(context.attacker.client, author_id=author_id)["id"]
    webhook_id = context.webhook["id"]
    return {
        "author_id": author_id,
        "book_id": book_id,
        "user_id": context.attacker.user_id,
        "webhook_id": webhook_id,
    }


def stored(context: AttackContext) -> list[Any]:
    """What a write that goes through would change."""
    with context.database.reading() as connection:
        return [
            connection.execute(select(func.count(), func.sum(Book.version)).select_from(Book)).one(),
            connection.execute(select(func.count(), func.sum(Author.version)).select_from(Author)).one(),
            connection.scalar(select(func.count()).select_from(ApiKey).where(ApiKey.name == "too late")),
            connection.scalar(select(func.count()).select_from(Invitation)),
            connection.execute(select(Webhook.id, Webhook.url, Webhook.replay_position).order_by(Webhook.id)).all(),
            connection.scalar(select(func.count()).select_from(User).where(User.disabled_at.is_not(None))),
            connection.scalar(select(func.count()).select_from(User).where(User.username.is_not(None))),
        ]


class TestTable:
    def test_has_every_operation_that_takes_credentials_and_a_body(self, served: Served) -> None:
        operations = {
            f"{method.upper()} {path}"
            for path, methods in served.contract.document["paths"].items()
            for method, operation in methods.items()
            if operation.get("security") and "requestBody" in operation
        }
        assert operations == {*CATALOGUE, *ACCOUNT, *HARMLESS}


class TestSession:
    @pytest.mark.parametrize("end", ENDINGS.values(), ids=ENDINGS)
    def test_that_has_ended_writes_nothing(
        self, context: AttackContext, served: Served, known: dict[str, int], end: Ending
    ) -> None:
        make_admin(context.database, context.victim.user_id)
        assert context.elsewhere.is_signed_in
        assert context.admin.is_signed_in
        assert context.reset
        bearer = context.victim.access_token
        with late_bodies(served.base, bearer, CATALOGUE | ACCOUNT, known) as complete:
            sleep(BEGINS_WITHIN)
            if end is ENDINGS["user promoted"]:
                context.patch_victim(role="member")
            end(context)
            before = stored(context)
            answers = {operation: refusal(answer) for operation, answer in complete().items()}
        allowed = {REFUSED, (401, "bad_credentials")}  # where the password or the user is checked first
        assert {operation: answer for operation, answer in answers.items() if answer not in allowed} == {}
        assert stored(context) == before

    def test_that_is_no_longer_confirmed_creates_no_key_and_changes_no_user(
        self, context: AttackContext, served: Served, known: dict[str, int]
    ) -> None:
        make_admin(context.database, context.victim.user_id)
        with late_bodies(served.base, context.victim.access_token, SENSITIVE, known) as complete:
            sleep(BEGINS_WITHIN)
            session_was_confirmed(context.database, context.victim.session_id, ago=timedelta(minutes=11))
            before = stored(context)
            answers = {operation: refusal(answer) for operation, answer in complete().items()}
        assert answers == dict.fromkeys(SENSITIVE, (401, "confirmation_required"))
        assert stored(context) == before


class TestKey:
    @pytest.mark.parametrize("end", KEY_ENDINGS.values(), ids=KEY_ENDINGS)
    def test_that_is_no_longer_valid_writes_nothing(
        self,
        context: AttackContext,
        served: Served,
        known: dict[str, int],
        end: Callable[[AttackContext, str], object],
    ) -> None:
        key = context.victim.new_key(scopes=["books:write", "imports"])
        context.__dict__["key_id"] = context.victim.client.get("/auth/keys").json()[-1]["id"]
        assert context.admin.is_signed_in
        with late_bodies(served.base, key, CATALOGUE, known) as complete:
            sleep(BEGINS_WITHIN)
            end(context, key)
            before = stored(context)
            answers = {operation: refusal(answer) for operation, answer in complete().items()}
        assert answers == dict.fromkeys(CATALOGUE, REFUSED)
        assert stored(context) == before

    def test_of_an_admin_who_lost_the_role_writes_what_a_member_may(
        self, context: AttackContext, served: Served, known: dict[str, int]
    ) -> None:
        """The rights are those at the end of the body: a book of another user is not deleted."""
        make_admin(context.database, context.victim.user_id)
        key = context.victim.new_key()
        assert context.admin.is_signed_in
        operations = {
            "PUT /books/{book_id}": CATALOGUE["PUT /books/{book_id}"],
            "DELETE /books/{book_id}": {"it has": "none"},
        }
        with late_bodies(served.base, key, operations, known) as complete:
            sleep(BEGINS_WITHIN)
            context.patch_victim(role="member")
            answers = complete()
        assert answers["PUT /books/{book_id}"].status_code == 200
        assert refusal(answers["DELETE /books/{book_id}"]) == (403, "not_owner")


class TestStillValid:
    def test_writes_what_came_late(self, context: AttackContext, served: Served, known: dict[str, int]) -> None:
        """The requests of the other tests would have succeeded."""
        with late_bodies(served.base, context.victim.access_token, CATALOGUE, known) as complete:
            sleep(BEGINS_WITHIN)
            answers = {operation: answer.status_code for operation, answer in complete().items()}
        assert set(answers.values()) == {200, 201, 207}
