"""Looking for damage in the content of an SQLite file, which SQLite itself only meets where it happens to read."""

from __future__ import annotations

import sqlite3
from time import monotonic
from typing import TYPE_CHECKING

from app.db.sqlite_connections import find_damage
from app.db.sqlite_names import look
from app.errors import DatabaseCorrupt

if TYPE_CHECKING:
    from app.db.sqlite_file import DatabaseFile
    from app.db.sqlite_names import Found

READS_FOR = 0.3
"""Seconds that one check may read: enough for some hundred megabytes. A larger file is checked in part."""
PAUSE_PER_SECOND = 100
"""Seconds without a check for each second that one took: it uses at most a hundredth of a core."""
SUSPECTED_FOR = 60.0
"""Seconds for which damage is reported that SQLite has met and no check can find, since the file is too large."""


class Soundness:
    """Checks a file again when it was changed. For one thread at a time."""

    def __init__(self, file: DatabaseFile) -> None:
        self.file = file
        self._sound: Found | None = None
        self._next = 0.0

    def require(self) -> None:
        """Check the content, if it was changed since the last check.

        Raises:
            DatabaseCorrupt: it is damaged, or SQLite has met damage recently.
        """
        file, found, now = self.file, look(self.file.path), monotonic()
        if not file.is_suspect and (found == self._sound or now < self._next):
            return
        try:
            damage = find_damage(file.path, READS_FOR)
        except sqlite3.OperationalError:  # it is locked, or gone
            return
        self._next = monotonic() + PAUSE_PER_SECOND * (monotonic() - now)
        if damage:
            file.suspect()
            raise DatabaseCorrupt from sqlite3.DatabaseError(damage)
        if damage is None and file.is_suspect and now < file.suspected_at + SUSPECTED_FOR:
            raise DatabaseCorrupt
        file.is_suspect = False
        self._sound = found
