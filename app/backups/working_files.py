"""Files that are being written: hidden from other users, and complete before they get their name."""

from __future__ import annotations

import fcntl
import os
import shutil
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp
from time import time
from typing import TYPE_CHECKING

from app.backups.errors import BackupError

if TYPE_CHECKING:
    from collections.abc import Iterator

SUFFIX = ".books-unfinished"
SETTLED_AFTER = 60
"""Seconds after which a folder that has no lock is one that a killed command left."""


@contextmanager
def working_folder(parent: Path) -> Iterator[Path]:
    """A folder inside `parent` that only its owner may read, and that is removed afterwards.

    A killed command cannot remove its own: the next one does.

    Raises:
        OSError: `parent` does not exist, or cannot be written.
    """
    _sweep(parent)
    folder = Path(mkdtemp(prefix=".", suffix=SUFFIX, dir=parent))
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _sweep(parent: Path) -> None:
    for folder in parent.glob(f".*{SUFFIX}"):
        with suppress(OSError):  # it belongs to another user, or is in use
            if time() - folder.stat().st_mtime > SETTLED_AFTER:
                lock = os.open(folder, os.O_RDONLY)
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(folder, ignore_errors=True)
                finally:
                    os.close(lock)


def publish(finished: Path, target: Path, *, overwrite: bool) -> None:
    """Give a finished file its name, after it is on the disk: it survives a power failure, or was never there.

    Raises:
        BackupError: the name is taken, and is not to be overwritten.
    """
    with finished.open("rb") as file:
        os.fsync(file.fileno())
    if overwrite:
        finished.replace(target)
    else:
        try:
            target.hardlink_to(finished)  # unlike a rename, it fails if the name is taken
        except FileExistsError:
            raise taken(target) from None
        except OSError:  # a file system without links, such as exFAT
            if target.exists():
                raise taken(target) from None
            finished.rename(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def taken(target: Path) -> BackupError:
    """The error for a name that is not to be overwritten."""
    return BackupError(f"{target} exists: choose another name, or overwrite it with --force")
