"""What is no access token and no key, but comes as a Bearer; and keys that are not good any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.security.credentials import API_KEY, digest
from tests.attacks.forging import altered, anew
from tests.support.time_shift import A_MOMENT, key_expires, user_goes

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.attacks.attack_fixtures import Scene

    Credential = Callable[[Scene], str]
    """What is sent, made of what is good."""


def _key_that_was_revoked(scene: Scene) -> str:
    key = scene.victim.new_key()
    [kept] = scene.victim.client.get("/auth/keys").json()
    scene.victim.client.delete(f"/auth/keys/{kept['id']}").raise_for_status()
    return key


def _key_that_has_expired(scene: Scene) -> str:
    key = scene.victim.new_key(expires_at="2099-01-01T00:00:00Z")
    key_expires(scene.database, key, within=-A_MOMENT)
    return key


def _key_of_a_disabled_user(scene: Scene) -> str:
    key = scene.victim.new_key()
    scene.patch_victim(disabled=True)
    return key


def _key_of_a_deleted_user(scene: Scene) -> str:
    key = scene.victim.new_key()
    user_goes(scene.database, scene.victim.user_id)
    return key


def _session_of_another(scene: Scene) -> str:
    return anew(sid=scene.victim.claims["sid"])(scene.attacker.access_token)


def _user_who_is_another(scene: Scene) -> str:
    return anew(sub=scene.victim.claims["sub"])(scene.attacker.access_token)


KEYS: dict[str, Credential] = {
    "a key cut short": lambda scene: scene.victim.new_key()[:-1],
    "a key with another letter": lambda scene: altered(scene.victim.new_key(), 20),
    "a key with a letter more": lambda scene: scene.victim.new_key() + "A",
    "a key in capitals": lambda scene: scene.victim.new_key().upper(),
    "a key with its prefix in capitals": lambda scene: "BK_" + scene.victim.new_key().removeprefix(API_KEY),
    "a key without its prefix": lambda scene: scene.victim.new_key().removeprefix(API_KEY),
    "a key with another prefix": lambda scene: "br_" + scene.victim.new_key().removeprefix(API_KEY),
    "the beginning of a key, which is shown": lambda scene: scene.victim.new_key()[:8],
    "only the prefix": lambda _scene: API_KEY,
    "the digest of a key, as it is kept": lambda scene: digest(scene.victim.new_key()),
    "the digest of a key with the prefix": lambda scene: API_KEY + digest(scene.victim.new_key()),
    "a wildcard for keys": lambda _scene: f"{API_KEY}%",
    "SQL in a key": lambda _scene: f"{API_KEY}' OR '1'='1",
    "a key that was revoked": _key_that_was_revoked,
    "a key that has expired": _key_that_has_expired,
    "a key of a disabled user": _key_of_a_disabled_user,
    "a key of a deleted user": _key_of_a_deleted_user,
}

CREDENTIALS = KEYS | {
    "a refresh token": lambda scene: scene.victim.refresh_token,
    "a refresh token with the prefix of a key": lambda scene: API_KEY + scene.victim.refresh_token[3:],
    "a password reset": lambda scene: scene.reset,
    "the session of another user": _session_of_another,
    "another user in one's own session": _user_who_is_another,
}
