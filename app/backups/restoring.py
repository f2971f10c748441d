"""Restoring a backup into an empty database, or in place of what a database has."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.backups import postgres, postgres_restoring, sqlite
from app.backups.archive import DATABASE, SIGNING_KEY, reading_archive
from app.backups.credentials import end_sessions, note_restore, number_of_keys, revoke_keys
from app.backups.errors import BackupError, told_plainly
from app.backups.progress import Steps, unseen
from app.backups.revisions import is_known
from app.backups.signing_key import replace_key, secrets_after_restore
from app.backups.table_digests import has_records, revision_of, tables_in
from app.backups.verification import require_found_by_search, require_same, unreadable_second_factors
from app.backups.working_files import working_folder
from app.db.engines import database_url, make_engine
from app.db.migrations import newest
from app.security.sealing import Sealer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection, Table

    from app.backups.archive import ArchiveReader, Manifest
    from app.settings import Settings

NAMES = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}


@dataclass
class Restored:
    """What a restore did."""

    manifest: Manifest
    searched: int | None = None
    """Books that the search has found; None if the database has to be migrated first."""
    sessions_ended: int | None = None
    keys: int = 0
    """API keys that are valid."""
    unreadable: int = 0
    """Second factors that cannot be decrypted with the keys of the service."""
    key_in_use: bool | None = None
    """Whether the signing key of the backup is in use now; None if the backup has none."""


@dataclass(frozen=True)
class Restore:
    """Restores a backup into the database of these settings."""

    settings: Settings
    steps: Steps = unseen
    replace: bool = False
    keep_sessions: bool = False
    revoke_keys: bool = False

    def run(self, path: Path) -> Restored:
        """Restore a backup, and verify the result before it takes effect. If it fails, the database is as it was.

        Raises:
            BackupError: the file is not a backup that can be restored here, or the database is unavailable or has
                records.
            SettingsError: the URL of the database cannot be used.
            OSError: a file cannot be read or written.
        """
        with told_plainly("the database is as it was"), reading_archive(path) as archive:
            self._require_fitting(archive.manifest)
            restored = Restored(archive.manifest)
            has_key = SIGNING_KEY in archive.manifest.parts
            key = b"".join(archive.chunks(SIGNING_KEY)) if has_key else None
            put = self._into_sqlite if archive.manifest.database == "sqlite" else self._into_postgres
            put(archive, key, restored)
        if key is not None:
            with told_plainly("the database is restored, but the signing key (secret_key in the backup) is not"):
                restored.key_in_use = replace_key(self.settings, key)
        return restored

    def _require_fitting(self, manifest: Manifest) -> None:
        kind = database_url(self.settings.database_url).get_backend_name()
        if manifest.database != kind:
            msg = (
                f"this is a backup of {NAMES[manifest.database]}, and DATABASE_URL names {NAMES[kind]}: "
                "restore it into a database of the same kind"
            )
            raise BackupError(msg)
        if not is_known(manifest.revision):
            msg = (
                f"the backup was made by a newer version, {manifest.program} (migration {manifest.revision}): "
                "upgrade, then restore it"
            )
            raise BackupError(msg)

    def _into_sqlite(self, archive: ArchiveReader, key: bytes | None, restored: Restored) -> None:
        path = sqlite.file_of(self.settings)
        with sqlite.locked(path) as target, working_folder(path.parent) as folder:
            with sqlite.over(target) as present:
                self._require_replaceable(present, tables_in(present))
            copy = self._extracted(archive, folder)
            with sqlite.opened(copy) as connection:
                with self.steps("Checking the file"):
                    sqlite.require_sound(connection, "the database in the backup")
                self._examine(connection, key, restored)
            with self.steps("Writing the database") as step:
                sqlite.replace_content(target, copy, step.to)

    def _into_postgres(self, archive: ArchiveReader, key: bytes | None, restored: Restored) -> None:
        engine = make_engine(self.settings)
        try:
            with (
                working_folder(Path(tempfile.gettempdir())) as folder,
                postgres.patient(engine) as connection,
                connection.begin(),
            ):
                postgres_restoring.require_possible(connection, archive.manifest)
                present = postgres_restoring.tables_of_service(connection, archive.manifest)
                self._require_replaceable(connection, present)
                dump = self._extracted(archive, folder)
                with self.steps("Restoring") as step:
                    postgres_restoring.drop(connection, present)
                    postgres_restoring.load(connection, dump, archive.manifest, step.advance)
                self._examine(connection, key, restored)
        finally:
            engine.dispose()

    def _require_replaceable(self, connection: Connection, tables: Iterable[Table]) -> None:
        tables = list(tables)
        revision = revision_of(connection)
        if revision is not None and not is_known(revision):
            msg = f"a newer version has migrated the database (to {revision}): restore into a new database"
            raise BackupError(msg)
        if not self.replace and has_records(connection, tables):
            msg = "the database has records: restore into a new database, or replace everything in it with --replace"
            raise BackupError(msg)

    def _extracted(self, archive: ArchiveReader, folder: Path) -> Path:
        name = DATABASE[archive.manifest.database]
        with self.steps("Reading the backup", archive.size_of(name)) as step:
            archive.extract(name, folder / name, step.advance)
        return folder / name

    def _examine(self, connection: Connection, key: bytes | None, restored: Restored) -> None:
        """Verify the database, and end what must not be valid again."""
        with self.steps("Comparing with the original") as step:
            require_same(connection, restored.manifest, step.advance)
        if restored.manifest.revision == newest():
            with self.steps("Searching"):
                restored.searched = require_found_by_search(connection)
        if not self.keep_sessions:
            restored.sessions_ended = end_sessions(connection)
        revoked = revoke_keys(connection) if self.revoke_keys else 0
        if restored.manifest.revision == newest() and (self.revoke_keys or not self.keep_sessions):
            note_restore(connection, restored.sessions_ended or 0, revoked)
        restored.keys = number_of_keys(connection)
        restored.unreadable = unreadable_second_factors(connection, Sealer(secrets_after_restore(self.settings, key)))
