"""The signing key that the service generated, which the secrets of second factors cannot be decrypted without."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from app.backups.working_files import publish, working_folder
from app.security.signing_keys import KEPT

if TYPE_CHECKING:
    from pathlib import Path

    from app.settings import Settings


def generated_key(settings: Settings) -> Path | None:
    """The file of the key, unless SECRET_KEY is set or the service has not made one yet."""
    kept = settings.instance_path / KEPT
    return kept if settings.secret_key is None and kept.exists() else None


def replace_key(settings: Settings, key: bytes) -> bool:
    """Write the key where the service looks for it, unless SECRET_KEY is set. Returns: whether it is in use there."""
    if settings.secret_key is not None:
        return False
    kept = settings.instance_path / KEPT
    if kept.exists() and kept.read_bytes() == key:
        return True
    kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with working_folder(kept.parent) as folder:
        draft = folder / KEPT
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(key)
        publish(draft, kept, overwrite=True)
    return True


def secrets_after_restore(settings: Settings, key: bytes | None) -> tuple[str, ...]:
    """The secrets that the service will have: see `app.security.signing_keys.signing_secrets`.

    Args:
        settings: of the service.
        key: what `replace_key` will write.
    """
    kept = settings.instance_path / KEPT
    generated = key if key is not None else kept.read_bytes() if kept.exists() else b""
    return (settings.secret_key or generated.decode().strip(), *settings.secret_keys_old)
