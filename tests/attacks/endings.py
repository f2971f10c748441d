"""What ends a session: each leaves the victim with tokens that were good a moment ago."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.api.responses import refusal
from tests.support.factories import PASSWORD
from tests.support.time_shift import A_MOMENT, session_ends, spent, user_goes
from tests.support.users import make_admin

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.attacks.attack_fixtures import Scene

    Ending = Callable[[Scene], object]

ANOTHER = f"{PASSWORD}, and a staple"


def log_out(scene: Scene) -> None:
    scene.victim.client.post("/auth/logout").raise_for_status()


def log_out_with_its_refresh_token(scene: Scene) -> None:
    body = {"refresh_token": scene.victim.refresh_token}
    scene.victim.client.post("/auth/logout", json=body).raise_for_status()


def log_out_elsewhere_with_its_refresh_token(scene: Scene) -> None:
    body = {"refresh_token": scene.victim.refresh_token}
    scene.elsewhere.client.post("/auth/logout", json=body).raise_for_status()


def log_out_everywhere(scene: Scene) -> None:
    scene.elsewhere.client.post("/auth/logout-all").raise_for_status()


def log_out_by_an_admin(scene: Scene) -> None:
    scene.admin.client.post(f"/users/{scene.victim.user_id}/logout-all").raise_for_status()


def end_it_from_elsewhere(scene: Scene) -> None:
    scene.elsewhere.client.delete(f"/auth/sessions/{scene.victim.session_id}").raise_for_status()


def change_the_password_elsewhere(scene: Scene) -> None:
    body = {"current_password": PASSWORD, "new_password": ANOTHER}
    scene.elsewhere.client.put("/auth/password", json=body).raise_for_status()


def reset_the_password(scene: Scene) -> None:
    body = {"token": scene.reset, "new_password": ANOTHER}
    scene.nobody.post("/auth/password-reset", json=body).raise_for_status()


def steal(scene: Scene) -> None:
    """Somebody comes with a refresh token that was spent."""
    scene.victim.refresh()
    spent(scene.database, scene.victim.refresh_token, ago=timedelta(seconds=11))
    replay = scene.nobody.post("/auth/refresh", json={"refresh_token": scene.victim.refresh_token})
    assert refusal(replay) == (401, "refresh_token_invalid")


def let_it_expire(scene: Scene) -> None:
    session_ends(scene.database, scene.victim.session_id, within=-A_MOMENT)


def disable_and_enable(scene: Scene) -> None:
    scene.patch_victim(disabled=True)
    scene.patch_victim(disabled=False)


def demote(scene: Scene) -> None:
    """The victim was an admin."""
    make_admin(scene.database, scene.victim.user_id)
    scene.victim.client.get("/users").raise_for_status()
    scene.patch_victim(role="member")


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
    "user deleted": lambda scene: user_goes(scene.database, scene.victim.user_id),
    "user disabled": lambda scene: scene.patch_victim(disabled=True),
    "user disabled, and enabled again": disable_and_enable,
    "user promoted": lambda scene: scene.patch_victim(role="admin"),
    "admin demoted": demote,
}
