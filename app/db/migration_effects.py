"""What each migration does to a service and its database, as it declares it itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from alembic.script import ScriptDirectory
from alembic.script.revision import RevisionError
from alembic.util import CommandError

from app.db.migrations import FOLDER

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Effects:
    """Each migration has a constant `EFFECTS`.

    Args:
        summary: a sentence for operators.
        reads: whether a running service of the previous version answers all reads meanwhile, and afterwards.
        writes: whether it may write meanwhile. If not, its writes get a 503 until the migrations are complete.
        seconds: of work for a million rows of each table that is rewritten, measured; other tables take no time.
        loses: what cannot be had back without a backup.
    """

    summary: str
    reads: bool
    writes: bool
    seconds: Mapping[str, float] = field(default_factory=dict)
    loses: str = ""


class Pending(NamedTuple):
    """A migration that is to be applied."""

    revision: str
    effects: Effects


def pending_between(heads: tuple[str, ...], destination: str | None) -> list[Pending]:
    """The migrations that lead to a revision, in the order in which they are applied; none if it is not a later one."""
    scripts = ScriptDirectory(str(FOLDER))
    if destination is None:
        return []
    try:
        revisions = list(scripts.iterate_revisions(destination, heads or "base"))
    except (CommandError, RevisionError):  # a downgrade, or a relative revision
        return []
    return [Pending(script.revision, script.module.EFFECTS) for script in reversed(revisions)]
