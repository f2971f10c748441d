"""Restore a backup of scripts.backup into the database of DATABASE_URL, which must be empty.

Stop the service first. The backup is checked before the database is touched. The result is compared with the original
(the rows of every table, by count and checksum) and searched before it takes effect; if anything fails, the database is
as it was. Restore only backups that you trust: a dump of PostgreSQL can contain any statement.

Sessions end, and password resets, invitations and sign-ins under way become void: those that were used or ended after
the backup was made would otherwise be valid again. API keys stay, those that were revoked since included.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from app.backups.archive import reading_archive
from app.backups.restoring import Restore
from app.db.migrations import newest
from app.domain.names import pluralize
from app.settings import load_settings
from scripts.backup import counts
from scripts.console import arguments_of, console, failures_in_one_line, shown_steps, size

if TYPE_CHECKING:
    from app.backups.progress import Steps
    from app.backups.restoring import Restored


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    parser = arguments_of(
        "restore",
        __doc__,
        exit_codes="Exit codes: 0 if it succeeded, 1 if the database is as it was, 2 if the arguments are wrong.",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="the backup")
    parser.add_argument("--check", action="store_true", help="only read the backup and compare its checksums")
    parser.add_argument("--replace", action="store_true", help="delete all that the database has, and restore then")
    parser.add_argument("--keep-sessions", action="store_true", help="keep sessions, resets and invitations valid")
    parser.add_argument("--revoke-keys", action="store_true", help="delete all API keys")
    options = parser.parse_args(arguments)
    with failures_in_one_line("restore"), shown_steps() as steps:
        if options.check:
            check(options.file, steps)
            return
        restored = Restore(
            load_settings(),
            steps,
            replace=options.replace,
            keep_sessions=options.keep_sessions,
            revoke_keys=options.revoke_keys,
        ).run(options.file)
    _show(restored)


def check(file: Path, steps: Steps) -> None:
    """Read a backup, and print what is in it.

    Raises:
        BackupError: it is not a backup, or damaged.
        OSError: it cannot be read.
    """
    with reading_archive(file) as archive:
        manifest = archive.manifest
        for name, part in manifest.parts.items():
            with steps(f"Reading {name}", part.size) as step:
                for chunk in archive.chunks(name):
                    step.advance(len(chunk))
    parts = ", ".join(f"{name} ({size(part.size)})" for name, part in manifest.parts.items())
    console.print(
        f"{file} is complete: {counts(manifest)}, as of {manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC.\n"
        f"Version {manifest.program}, {manifest.database} {manifest.server}, migration {manifest.revision}: {parts}.",
        markup=False,
    )


def _show(restored: Restored) -> None:
    manifest = restored.manifest
    searched = "" if restored.searched is None else f", the search for {pluralize(restored.searched, 'title')}"
    console.print(
        f"Restored {counts(manifest)}, as of {manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC. Verified: the rows of "
        f"{pluralize(len(manifest.tables), 'table')} by count and checksum, the references between them"
        f"{searched}."
    )
    if restored.sessions_ended is not None:
        console.print(
            f"{pluralize(restored.sessions_ended, 'session')} ended; resets, invitations and sign-ins are void."
        )
    if restored.keys:
        console.print(
            f"{pluralize(restored.keys, 'API key')} valid, those revoked since the backup included: "
            "revoke them again, or all with --revoke-keys."
        )
    if restored.key_in_use is False:
        console.print("The signing key of the backup is not used, since SECRET_KEY is set.")
    if restored.unreadable:
        console.print(
            f"{pluralize(restored.unreadable, 'second factor')} cannot be decrypted: add the SECRET_KEY of that time "
            "to SECRET_KEYS_OLD."
        )
    if manifest.revision != newest():
        console.print("The backup is of an older version: run 'alembic upgrade head' before you start the service.")


if __name__ == "__main__":
    main()
