"""Back up the database into a single file, while the service runs.

PostgreSQL is backed up by pg_dump, SQLite by its backup API. The file is complete before it gets its name, and only its
owner may read it: it has password hashes, and the signing key that the service generated. `python -m scripts.restore
FILE` restores it, and `python -m scripts.restore --check FILE` reads it without restoring anything.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from app.backups.archive import SIGNING_KEY
from app.backups.making import Backup
from app.domain.names import pluralize
from app.settings import load_settings
from scripts.console import arguments_of, console, failures_in_one_line, shown_steps, size

if TYPE_CHECKING:
    from app.backups.archive import Manifest
    from app.settings import Settings

COUNTED = {"books": "book", "authors": "author", "users": "user"}


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    parser = arguments_of(
        "backup",
        __doc__,
        exit_codes="Exit codes: 0 if the backup is complete, 1 if there is none, 2 if the arguments are wrong.",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="the new file, such as books-2027-01-31.backup")
    parser.add_argument("--force", action="store_true", help="overwrite the file if it exists")
    parser.add_argument(
        "--without-key", action="store_true", help="leave out the signing key that the service generated"
    )
    options = parser.parse_args(arguments)
    with failures_in_one_line("backup"):
        settings = load_settings()
        with shown_steps() as steps:
            manifest = Backup(settings, steps, with_key=not options.without_key).make(
                options.file, overwrite=options.force
            )
        _show(options.file, manifest, settings)


def _show(file: Path, manifest: Manifest, settings: Settings) -> None:
    console.print(
        f"{file}: {counts(manifest)}, as of {manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC; {size(file.stat().st_size)}.",
        markup=False,
    )
    if settings.secret_key is not None:
        console.print("SECRET_KEY is not in it: keep your settings as well.")
    elif SIGNING_KEY in manifest.parts:
        console.print("The signing key is in it.")
    else:
        console.print("No signing key is in it.")


def counts(manifest: Manifest) -> str:
    """How many records of each kind a backup has."""
    return ", ".join(
        pluralize(manifest.tables[table].rows if table in manifest.tables else 0, noun)
        for table, noun in COUNTED.items()
    )


if __name__ == "__main__":
    main()
