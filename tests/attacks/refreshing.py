"""What comes to `POST /auth/refresh` and is no good refresh token."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from app.security.credentials import REFRESH_TOKEN, digest, successor
from tests.attacks.forging import altered
from tests.support.time_shift import spent

if TYPE_CHECKING:
    from tests.attacks.attack_fixtures import Scene
    from tests.attacks.credentials import Credential

OTHER_SECRET = "another secret, also of more than 32 bytes"  # noqa: S105


def _replayed(scene: Scene) -> str:
    scene.victim.refresh()
    spent(scene.database, scene.victim.refresh_token, ago=timedelta(seconds=11))
    return scene.victim.refresh_token


def _first_of_a_long_line(scene: Scene) -> str:
    scene.victim.refresh().refresh().refresh()
    spent(scene.database, scene.victim.refresh_token, ago=timedelta(days=29))
    return scene.victim.refresh_token


def _next_after_a_theft(scene: Scene) -> str:
    following = scene.victim.refresh()
    spent(scene.database, scene.victim.refresh_token, ago=timedelta(seconds=11))
    assert scene.nobody.post("/auth/refresh", json={"refresh_token": scene.victim.refresh_token}).status_code == 401
    return following.refresh_token


def _of_the_attacker_after_a_logout(scene: Scene) -> str:
    scene.attacker.client.post("/auth/logout").raise_for_status()
    return scene.attacker.refresh_token


REFRESHING: dict[str, Credential] = {
    "an access token": lambda scene: scene.victim.access_token,
    "a key": lambda scene: scene.victim.new_key(),
    "a password reset": lambda scene: scene.reset,
    "only the prefix": lambda _scene: REFRESH_TOKEN,
    "one that nobody issued": lambda _scene: REFRESH_TOKEN + "A" * 43,
    "one cut short": lambda scene: scene.victim.refresh_token[:-1],
    "one with another letter": lambda scene: altered(scene.victim.refresh_token, 20),
    "one in capitals": lambda scene: scene.victim.refresh_token.upper(),
    "one with spaces around it": lambda scene: f" {scene.victim.refresh_token} ",
    "its digest, as it is kept": lambda scene: digest(scene.victim.refresh_token),
    "a wildcard": lambda _scene: f"{REFRESH_TOKEN}%",
    "SQL": lambda _scene: "' OR '1'='1",
    "the next one, guessed with another secret": lambda scene: successor(scene.victim.refresh_token, OTHER_SECRET),
    "one that was spent": _replayed,
    "the first of a long line": _first_of_a_long_line,
    "the good one, after a theft": _next_after_a_theft,
    "one's own, after a logout": _of_the_attacker_after_a_logout,
}
