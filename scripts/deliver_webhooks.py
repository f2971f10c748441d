"""Deliver webhooks until the command is stopped (Ctrl+C, SIGTERM).

The service does so by itself; this is for operators who set WEBHOOKS_IN_SERVICE=false, so that deliveries take nothing
from its workers. Any number of these commands, on several machines, share the work. When it stops, it completes the
attempts that are under way, which takes 15 seconds at most.
"""

from __future__ import annotations

import signal

from app.database import open_database
from app.events.webhooks.delivery import Deliverer
from app.settings import load_settings
from scripts.console import arguments_of, console, failures_in_one_line


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    arguments_of("deliver_webhooks", __doc__).parse_args(arguments)
    with failures_in_one_line("deliver_webhooks"):
        settings = load_settings()
        database = open_database(settings)
        database.watch_file()
        deliverer = Deliverer.of(settings, database)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: deliverer.stop())
        console.print("Delivering webhooks; Ctrl+C stops it.")
        deliverer.run()


if __name__ == "__main__":
    main()
