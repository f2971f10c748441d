"""The migrations that this version of the program knows."""

from __future__ import annotations

from functools import cache

from alembic.script import ScriptDirectory

from app.db.migrations import FOLDER


@cache
def _known() -> frozenset[str]:
    return frozenset(script.revision for script in ScriptDirectory(str(FOLDER)).walk_revisions())


def is_known(revision: str | None) -> bool:
    """Whether a database at this revision can be used, or migrated, by this version."""
    return revision in _known()
