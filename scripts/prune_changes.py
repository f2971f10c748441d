"""Delete changes from the change log that are older than CHANGES_KEEP days, or than --days says.

Without either, nothing is deleted: the log is kept for ever. The history of the records, undo and the feed then begin
later: what is deleted can no longer be undone, and clients that follow the feed and have not seen it must copy the
catalogue again. The records themselves are not touched. The service may run meanwhile.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from app.database import open_database
from app.domain.names import pluralize
from app.services.cleanup.change_log import prune_changes
from app.settings import load_settings
from scripts.console import arguments_of, console, failures_in_one_line

if TYPE_CHECKING:
    from app.database import Database


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    parser = arguments_of("prune_changes", __doc__)
    parser.add_argument("--days", type=int, metavar="DAYS", help="keep the changes of so many days (CHANGES_KEEP)")
    options = parser.parse_args(arguments)
    if options.days is not None and options.days < 1:
        parser.error("--days must be at least 1")
    with failures_in_one_line("prune_changes"):
        days = options.days or load_settings().changes_keep
        if days is None:
            console.print("All changes are kept: neither --days nor CHANGES_KEEP says for how long.")
            return
        pruned = prune(open_database(), days)
        console.print(f"Deleted {pluralize(pruned, 'change')} of more than {pluralize(days, 'day')} ago.")


def prune(database: Database, days: int) -> int:
    """Delete what is older than so many days, and show the progress."""
    columns = (TextColumn("Changes deleted:"), BarColumn(), TextColumn("{task.completed:,.0f}"), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("", total=None)
        before = datetime.now(UTC) - timedelta(days=days)
        return prune_changes(database, before, lambda number: progress.advance(task, number))


if __name__ == "__main__":
    main()
