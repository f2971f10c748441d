"""The secrets that sign tokens and cursors: configured, or generated once and stored; and former ones."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from app.settings import SettingsError
from app.settings.types import SHORTEST_SECRET

if TYPE_CHECKING:
    from app.settings import Settings

log = structlog.get_logger(__name__)

KEPT = "secret_key"
"""The file in the instance folder."""


def signing_secrets(settings: Settings) -> tuple[str, ...]:
    """The secret that signs, followed by former ones whose signatures are still accepted.

    Raises:
        SettingsError: the secret in the instance folder is too short.
        OSError: the folder cannot be written.
    """
    return (_signing_secret(settings), *settings.secret_keys_old)


def _signing_secret(settings: Settings) -> str:
    """`SECRET_KEY`, or the secret in the instance folder, which all workers share and restarts keep."""
    if settings.secret_key is not None:
        return settings.secret_key
    kept = settings.instance_path / KEPT
    if not kept.exists():
        _make(kept)
    secret = kept.read_text().strip()
    if len(secret.encode()) < SHORTEST_SECRET:
        msg = f"{kept} holds less than {SHORTEST_SECRET} bytes: remove it, and the service makes a new one"
        raise SettingsError(msg)
    return secret


def _make(kept: Path) -> None:
    """Write a draft and link it: a link is atomic, so no reader sees half a secret, and one of several workers wins."""
    kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = kept.with_name(f".secret_key.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(48))
    try:
        os.link(draft, kept)
        log.info("secret_key_made", message="SECRET_KEY is not set: made one, and keep it here", path=str(kept))
    except FileExistsError:
        pass
    finally:
        draft.unlink()
