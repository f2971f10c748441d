"""What ends a session: each leaves the victim with tokens that were valid a moment ago."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.api.responses import refusal
from tests.support.factories import PASSWORD
from tests.support.time_shift import A_MOMENT, delete_user, refresh_token_was_spent, session_ends
from tests.support.users import make_admin

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.attacks.attack_fixtures import AttackContext

    Ending = Callable[[AttackContext], object]

ANOTHER = f"{PASSWORD}, and a staple"


def log_out(context: AttackContext) -> None:
    context.victim.client.post("/auth/logout").raise_for_status()


def log_out_with_its_refresh_token(context: AttackContext) -> None:
    body = {"refresh_token": context.victim.refresh_token}
    context.victim.client.post("/auth/logout", json=body).raise_for_status()


def log_out_elsewhere_with_its_refresh_token(context: AttackContext) -> None:
    body = {"refresh_token": context.victim.refresh_token}
    context.elsewhere.client.post("/auth/logout", json=body).raise_for_status()


def log_out_everywhere(context: AttackContext) -> None:
    context.elsewhere.client.post("/auth/logout-all").raise_for_status()


def log_out_by_an_admin(context: AttackContext) -> None:
    context.admin.client.post(f"/users/{context.victim.user_id}/logout-all").raise_for_status()


def end_it_from_elsewhere(context: AttackContext) -> None:
    context.elsewhere.client.delete(f"/auth/sessions/{context.victim.session_id}").raise_for_status()


def change_the_password_elsewhere(context: AttackContext) -> None:
    body = {"current_password": PASSWORD, "new_password": ANOTHER}
    context.elsewhere.client.put("/auth/password", json=body).raise_for_status()


def reset_the_password(context: AttackContext) -> None:
    body = {"token": context.reset, "new_password": ANOTHER}
    context.anonymous.post("/auth/password-reset", json=body).raise_for_status()


def steal(context: AttackContext) -> None:
    """A refresh token is replayed after it was spent."""
    context.victim.refresh()
    refresh_token_was_spent(context.database, context.victim.refresh_token, ago=timedelta(seconds=11))
    replay = context.anonymous.post("/auth/refresh", json={"refresh_token": context.victim.refresh_token})
    assert refusal(replay) == (401, "refresh_token_invalid")


def let_it_expire(context: AttackContext) -> None:
    session_ends(context.database, context.victim.session_id, within=-A_MOMENT)


def disable_and_enable(context: AttackContext) -> None:
    context.patch_victim(disabled=True)
    context.patch_victim(disabled=False)


def demote(context: AttackContext) -> None:
    """The victim was an admin."""
    make_admin(context.database, context.victim.user_id)
    context.victim.client.get("/users").raise_for_status()
    context.patch_victim(role="member")


def delete_the_account_elsewhere(context: AttackContext) -> None:
    """By its user."""
    context.elsewhere.client.post("/auth/me/deletion", json={"current_password": PASSWORD}).raise_for_status()


def delete_by_an_admin(context: AttackContext) -> None:
    """A record of the victim's remains, and refers to the id."""
    context.elsewhere.client.post("/authors", json={"name": "Mary Ann Evans"}).raise_for_status()
    context.admin.client.delete(f"/users/{context.victim.user_id}").raise_for_status()


ENDINGS: dict[str, Ending] = {
    "logout": log_out,
    "logout with the refresh token": log_out_with_its_refresh_token,
    "logout elsewhere with the refresh token": log_out_elsewhere_with_its_refresh_token,
    "logout-all": log_out_everywhere,
    "logout-all by an admin": log_out_by_an_admin,
    "ended from elsewhere": end_it_from_elsewhere,
    "password changed elsewhere": change_the_password_elsewhere,
    "password reset": reset_the_password,
    "theft": steal,
    "expired": let_it_expire,
    "user deleted": lambda context: delete_user(context.database, context.victim.user_id),
    "account deleted elsewhere": delete_the_account_elsewhere,
    "account deleted by an admin": delete_by_an_admin,
    "user disabled": lambda context: context.patch_victim(disabled=True),
    "user disabled, and enabled again": disable_and_enable,
    "user promoted": lambda context: context.patch_victim(role="admin"),
    "admin demoted": demote,
}
