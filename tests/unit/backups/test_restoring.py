"""A restored database is the one that was backed up; a restore that fails changes nothing."""

from __future__ import annotations

import json
import stat
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_STORED, ZipFile

import pytest
from sqlalchemy import delete, func, select, text

from app.backups import verification
from app.backups.archive import DATABASE, MANIFEST, reading_archive
from app.backups.errors import BackupError
from app.backups.making import Backup
from app.backups.restoring import Restore
from app.backups.table_digests import contents
from app.db.engines import make_engine
from app.events import audit
from app.events.audit_rows import Failures
from app.models import ApiKey, AuditEvent, Author, Base, Book, Invitation, RefreshToken, User, UserSession
from devtools.databases import migrate, settings_for
from tests.unit.backups.conftest import KEY, TITLES, database_of

if TYPE_CHECKING:
    from pathlib import Path

    from app.settings import Settings


def counts(settings: Settings, *tables: type[Base]) -> list[int]:
    with database_of(settings) as database, database.reading() as connection:
        return [connection.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


def changed(backup: Path, to: Path, content: dict[str, bytes] | None = None, **manifest: Any) -> Path:
    """The backup with other parts, and a manifest with other values."""
    with ZipFile(backup) as old, ZipFile(to, "w", ZIP_STORED) as new:
        new_manifest = json.loads(old.read(MANIFEST)) | manifest
        for name in old.namelist():
            new.writestr(
                name, json.dumps(new_manifest) if name == MANIFEST else (content or {}).get(name, old.read(name))
            )
    return to


class TestRestore:
    def test_brings_back_every_row(self, original: Settings, backup: Path, elsewhere: Settings) -> None:
        restored = Restore(elsewhere, keep_sessions=True).run(backup)
        with database_of(original) as one, database_of(elsewhere) as other:
            with one.transaction() as db:
                before = contents(db.connection())
            with other.transaction() as db:
                assert contents(db.connection()) == before == restored.manifest.tables
        assert before["books"].rows == len(TITLES)
        assert (restored.searched, restored.sessions_ended, restored.keys) == (len(TITLES), None, 1)

    def test_leaves_a_service_that_works(self, backup: Path, elsewhere: Settings) -> None:
        Restore(elsewhere).run(backup)
        with database_of(elsewhere) as database, database.transaction() as db:
            assert verification.require_found_by_search(db.connection()) == len(TITLES)
            db.add(author := Author(name="New"))
            db.flush()
            assert author.id == 2

    def test_ends_what_may_have_ended_since(self, backup: Path, elsewhere: Settings) -> None:
        restored = Restore(elsewhere).run(backup)
        assert (restored.sessions_ended, restored.keys) == (1, 1)
        assert counts(elsewhere, UserSession, RefreshToken, Invitation, ApiKey, User) == [0, 0, 0, 1, 1]
        with database_of(elsewhere) as database, database.reading() as connection:
            assert connection.scalar(select(User.reset_hash)) is None
            event = connection.execute(select(AuditEvent.__table__)).one()
        assert (event.event, event.via, event.user_id) == ("signed_out_everywhere", "restore", None)
        assert json.loads(event.facts) == {"sessions_ended": 1, "keys_revoked": 0}

    def test_keeps_sessions_and_removes_keys_if_told_to(self, backup: Path, elsewhere: Settings) -> None:
        assert Restore(elsewhere, keep_sessions=True, revoke_keys=True).run(backup).keys == 0
        assert counts(elsewhere, UserSession, RefreshToken, Invitation, ApiKey) == [1, 1, 1, 0]

    def test_into_a_database_that_is_migrated_and_empty(
        self, backup: Path, elsewhere: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(audit, "FAILURES", Failures())  # those of earlier tests count as well
        engine = make_engine(elsewhere)
        migrate(engine)
        engine.dispose()
        with database_of(elsewhere) as database:
            audit.warn(database, "sign_in_failed", user_id=None)  # by the first robot that finds the service
        assert counts(elsewhere, AuditEvent) == [1]
        Restore(elsewhere).run(backup)
        assert counts(elsewhere, Book) == [len(TITLES)]

    def test_of_an_older_version_has_to_be_migrated(self, empty_url: str, elsewhere: Settings, tmp_path: Path) -> None:
        older = settings_for(empty_url)
        engine = make_engine(older)
        migrate(engine, "0012")
        with engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO users (username, username_key, password_hash, role, created_at)"
                    " VALUES ('bob', 'bob', '-', 'member', '2026-01-01 00:00:00')"
                )
            )
        engine.dispose()
        Backup(older).make(tmp_path / "older.backup")
        restored = Restore(elsewhere).run(tmp_path / "older.backup")
        assert (restored.manifest.revision, restored.searched) == ("0012", None)
        engine = make_engine(elsewhere)
        migrate(engine)
        engine.dispose()
        assert counts(elsewhere, User) == [1]


class TestSigningKey:
    def test_is_restored_with_the_database(self, backup: Path, elsewhere: Settings) -> None:
        restored = Restore(elsewhere).run(backup)
        kept = elsewhere.instance_path / "secret_key"
        assert (restored.key_in_use, restored.unreadable, kept.read_text()) == (True, 0, KEY)
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        assert list(elsewhere.instance_path.iterdir()) == [kept]

    def test_replaces_the_one_that_was_generated_there(self, backup: Path, elsewhere: Settings) -> None:
        elsewhere.instance_path.mkdir()
        (elsewhere.instance_path / "secret_key").write_text("another generated key of more than 32 bytes")
        assert Restore(elsewhere).run(backup).unreadable == 0
        assert (elsewhere.instance_path / "secret_key").read_text() == KEY

    def test_is_not_used_where_another_is_set(self, backup: Path, elsewhere: Settings) -> None:
        settings = elsewhere.model_copy(update={"secret_key": "another key, which is set in the environment"})
        restored = Restore(settings).run(backup)
        assert (restored.key_in_use, restored.unreadable) == (False, 1)
        assert not elsewhere.instance_path.exists()

    def test_may_be_left_out(self, original: Settings, elsewhere: Settings, tmp_path: Path) -> None:
        manifest = Backup(original, with_key=False).make(tmp_path / "without.backup")
        assert list(manifest.parts) == [DATABASE[manifest.database]]
        restored = Restore(elsewhere).run(tmp_path / "without.backup")
        assert (restored.key_in_use, restored.unreadable) == (None, 1)


class TestPresentRecords:
    def test_are_not_replaced_unless_told_to(self, present: Settings, backup: Path) -> None:
        with pytest.raises(BackupError, match=r"the database has records: .*--replace"):
            Restore(present).run(backup)
        assert counts(present, Book, Author) == [len(TITLES), 2]

    def test_are_replaced_by_those_of_the_backup(self, present: Settings, backup: Path) -> None:
        with database_of(present) as database, database.transaction() as db:
            db.execute(delete(Book).where(Book.title == "Dawn"))
        Restore(present, replace=True).run(backup)
        assert counts(present, Book, Author) == [len(TITLES), 1]

    def test_stay_as_they_were_if_anything_fails(
        self, present: Settings, backup: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fails(*_: object) -> int:
            msg = "the search does not find book 1 by its title"
            raise BackupError(msg)

        (present.instance_path / "secret_key").write_text("the key that is in use")
        monkeypatch.setattr("app.backups.restoring.require_found_by_search", fails)
        with pytest.raises(BackupError, match="the search does not find"):
            Restore(present, replace=True).run(backup)
        assert counts(present, Book, Author) == [len(TITLES), 2]
        assert (present.instance_path / "secret_key").read_text() == "the key that is in use"


class TestRefusals:
    def test_of_content_that_differs(self, backup: Path, elsewhere: Settings, tmp_path: Path) -> None:
        with reading_archive(backup) as archive:
            tables = {name: table.model_dump() for name, table in archive.manifest.tables.items()}
        tables["books"]["digest"] = "0" * 64
        tables["authors"]["rows"] += 1
        with pytest.raises(BackupError, match=r"authors has 1 rows, not 2; books has 7 rows, of other content"):
            Restore(elsewhere).run(changed(backup, tmp_path / "other.backup", tables=tables))
        assert not elsewhere.instance_path.exists()
        assert Restore(elsewhere).run(backup).searched

    def test_of_a_newer_version(self, backup: Path, elsewhere: Settings, tmp_path: Path) -> None:
        with pytest.raises(BackupError, match=r"made by a newer version, 9.0 \(migration 9999\): upgrade"):
            Restore(elsewhere).run(changed(backup, tmp_path / "newer.backup", revision="9999", program="9.0"))

    def test_to_replace_a_database_of_a_newer_version(self, present: Settings, backup: Path) -> None:
        engine = make_engine(present)
        with engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        engine.dispose()
        with pytest.raises(BackupError, match=r"a newer version has migrated the database \(to 9999\)"):
            Restore(present, replace=True).run(backup)

    @pytest.mark.parametrize("kind", ["sqlite"], indirect=True, scope="session")
    def test_of_the_other_kind(self, backup: Path, tmp_path: Path) -> None:
        settings = settings_for("postgresql://localhost/books", instance_path=tmp_path)
        with pytest.raises(BackupError, match=r"a backup of SQLite, and DATABASE_URL names PostgreSQL: .* same kind"):
            Restore(settings).run(backup)

    def test_of_a_database_that_is_none(self, kind: str, backup: Path, elsewhere: Settings, tmp_path: Path) -> None:
        """Its checksum fits the manifest."""
        part = b"not a database" * 100
        parts = {DATABASE[kind]: {"size": len(part), "sha256": sha256(part).hexdigest()}}
        broken = changed(backup, tmp_path / "broken.backup", {DATABASE[kind]: part}, parts=parts)
        with pytest.raises(BackupError, match=r"pg_restore failed|file is not a database.*the database is as it was"):
            Restore(elsewhere).run(broken)
        assert Restore(elsewhere).run(backup).searched


class TestService:
    def test_that_is_running_is_noticed(self, kind: str, present: Settings, backup: Path) -> None:
        messages = {
            "sqlite": "is in use: stop the service first",
            "postgresql": r"the service has connections to the database \(\d+\): stop it first",
        }
        with database_of(present) as database, database.reading() as connection:
            connection.execute(select(1))
            with pytest.raises(BackupError, match=messages[kind]):
                Restore(present, replace=True).run(backup)
        assert counts(present, Author) == [2]
