"""What is no access token and no key, but comes as a Bearer; and keys that are not valid any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.security.credentials import API_KEY, digest
from tests.attacks.forging import altered, reissue
from tests.support.factories import PASSWORD
from tests.support.time_shift import A_MOMENT, delete_user, key_expires

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.attacks.attack_fixtures import AttackContext

    Credential = Callable[[AttackContext], str]
    """What is sent, made of what is valid."""


def _key_that_was_revoked(context: AttackContext) -> str:
    key = context.victim.new_key()
    [kept] = context.victim.client.get("/auth/keys").json()
    context.victim.client.delete(f"/auth/keys/{kept['id']}").raise_for_status()
    return key


def _key_that_has_expired(context: AttackContext) -> str:
    key = context.victim.new_key(expires_at="2099-01-01T00:00:00Z")
    key_expires(context.database, key, within=-A_MOMENT)
    return key


def _key_of_a_disabled_user(context: AttackContext) -> str:
    key = context.victim.new_key()
    context.patch_victim(disabled=True)
    return key


def _key_of_a_deleted_user(context: AttackContext) -> str:
    key = context.victim.new_key()
    delete_user(context.database, context.victim.user_id)
    return key


def _session_of_another(context: AttackContext) -> str:
    return reissue(sid=context.victim.claims["sid"])(context.attacker.access_token)


def _user_who_is_another(context: AttackContext) -> str:
    return reissue(sub=context.victim.claims["sub"])(context.attacker.access_token)


def _key_of_a_deleted_account(context: AttackContext) -> str:
    key = context.victim.new_key()
    body = {"current_password": PASSWORD}
    context.victim.client.post("/auth/me/deletion", json=body).raise_for_status()
    return key


KEYS: dict[str, Credential] = {
    "a key cut short": lambda context: context.victim.new_key()[:-1],
    "a key with another letter": lambda context: altered(context.victim.new_key(), 20),
    "a key with a letter more": lambda context: context.victim.new_key() + "A",
    "a key in capitals": lambda context: context.victim.new_key().upper(),
    "a key with its prefix in capitals": lambda context: "BK_" + context.victim.new_key().removeprefix(API_KEY),
    "a key without its prefix": lambda context: context.victim.new_key().removeprefix(API_KEY),
    "a key with another prefix": lambda context: "br_" + context.victim.new_key().removeprefix(API_KEY),
    "the beginning of a key, which is shown": lambda context: context.victim.new_key()[:8],
    "only the prefix": lambda _context: API_KEY,
    "the digest of a key, as it is kept": lambda context: digest(context.victim.new_key()),
    "the digest of a key with the prefix": lambda context: API_KEY + digest(context.victim.new_key()),
    "a wildcard for keys": lambda _context: f"{API_KEY}%",
    "SQL in a key": lambda _context: f"{API_KEY}' OR '1'='1",
    "a key that was revoked": _key_that_was_revoked,
    "a key that has expired": _key_that_has_expired,
    "a key of a disabled user": _key_of_a_disabled_user,
    "a key of a deleted user": _key_of_a_deleted_user,
    "a key of a deleted account": _key_of_a_deleted_account,
}

CREDENTIALS = KEYS | {
    "a refresh token": lambda context: context.victim.refresh_token,
    "a refresh token with the prefix of a key": lambda context: API_KEY + context.victim.refresh_token[3:],
    "a password reset": lambda context: context.reset,
    "the session of another user": _session_of_another,
    "another user in one's own session": _user_who_is_another,
}
