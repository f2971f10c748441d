"""Remove genres and search words that no record has any more, and other rows that are not needed any longer.

Those are expired responses that were kept for retries, events of the audit log that are older than AUDIT_KEEP, and old
deliveries of webhooks.

A deletion or a change removes most of what it leaves unused by itself. This command removes the rest: what deletions by
other means leave, such as SQL or an earlier release, and what the service could not remove because the database was
busy. Old events are removed by the service itself, every hour, while it runs. The service may run meanwhile; each step
takes some milliseconds. A catalogue of a million books takes minutes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from app.database import open_database
from app.domain.names import pluralize
from app.services.cleanup.full_sweep import Swept, size_of, sweep
from app.settings import load_settings
from scripts.console import arguments_of, console, failures_in_one_line

if TYPE_CHECKING:
    from app.database import Database


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    parser = arguments_of("remove_unused", __doc__)
    parser.parse_args(arguments)
    with failures_in_one_line("remove_unused"):
        settings = load_settings()
        show(remove_unused(open_database(settings), settings.audit_keep))


def remove_unused(database: Database, audit_keep: int) -> Swept:
    """Remove them, with a progress bar; events after so many days."""
    size = size_of(database)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("Genres and words", total=size.genres + size.words)
        return sweep(database, lambda looked_at: progress.advance(task, looked_at), audit_keep)


def show(swept: Swept) -> None:
    """Print what was removed."""
    console.print(
        f"Removed {pluralize(swept.genres, 'genre')} and {pluralize(swept.words, 'word')} that no record has."
    )
    if swept.responses:
        console.print(f"Removed {pluralize(swept.responses, 'response')} to earlier requests that had expired.")
    if swept.events:
        console.print(f"Removed {pluralize(swept.events, 'event')} of the audit log older than AUDIT_KEEP.")
    if swept.deliveries:
        console.print(f"Removed {pluralize(swept.deliveries, 'old message')} of webhooks.")
    if swept.skipped:
        console.print(f"{pluralize(swept.skipped, 'word')} could not be removed beside so many writes: run it again.")


if __name__ == "__main__":
    main()
