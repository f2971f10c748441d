"""What scripts.backup and scripts.restore say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.backups.making import Backup
from app.backups.revisions import is_known
from scripts import backup as backup_command
from scripts import restore as restore_command
from scripts.console import console

if TYPE_CHECKING:
    from pathlib import Path

    from app.settings import Settings

OTHER_KEY = "a key of the environment, of more than 32 bytes"


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """The environment of a command, which `use` changes; in a folder without `.env`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SECRET_KEY", "")
    return monkeypatch


def use(environment: pytest.MonkeyPatch, settings: Settings) -> None:
    environment.setenv("DATABASE_URL", settings.database_url)
    environment.setenv("INSTANCE_PATH", str(settings.instance_path))


class TestBackup:
    def test_says_what_is_in_it(
        self, configured: pytest.MonkeyPatch, original: Settings, capsys: pytest.CaptureFixture[str]
    ) -> None:
        use(configured, original)
        backup_command.main(["one.backup"])
        output = capsys.readouterr().out
        assert output.startswith("one.backup: 7 books, 1 author, 1 user, as of ")
        assert output.endswith(" kB.\nThe signing key is in it.\n")
        with pytest.raises(SystemExit, match=r"^backup: .*one.backup exists: .*--force$"):
            backup_command.main(["one.backup"])
        backup_command.main(["--force", "--without-key", "one.backup"])
        assert capsys.readouterr().out.endswith("No signing key is in it.\n")
        configured.setenv("SECRET_KEY", OTHER_KEY)
        backup_command.main(["two.backup"])
        assert capsys.readouterr().out.endswith("SECRET_KEY is not in it: keep your settings as well.\n")

    def test_shows_its_steps_on_a_terminal(
        self, configured: pytest.MonkeyPatch, original: Settings, capsys: pytest.CaptureFixture[str]
    ) -> None:
        use(configured, original)
        configured.setenv("TERM", "xterm")
        configured.setattr(console, "_force_terminal", True)
        configured.setattr(console, "is_interactive", True)
        backup_command.main(["one.backup"])
        assert "Counting and computing checksums" in capsys.readouterr().out

    def test_may_be_interrupted(self, configured: pytest.MonkeyPatch, original: Settings, tmp_path: Path) -> None:
        def interrupted(*_: object, **_options: object) -> None:
            raise KeyboardInterrupt

        use(configured, original)
        configured.setattr("app.backups.making.contents", interrupted)
        with pytest.raises(SystemExit, match=r"^backup: interrupted$"):
            backup_command.main(["one.backup"])
        assert list(tmp_path.iterdir()) == []


class TestRestore:
    def test_says_what_was_verified_and_what_to_do(
        self, configured: pytest.MonkeyPatch, backup: Path, elsewhere: Settings, capsys: pytest.CaptureFixture[str]
    ) -> None:
        use(configured, elsewhere)
        configured.setenv("SECRET_KEY", OTHER_KEY)
        restore_command.main([str(backup)])
        output = capsys.readouterr().out.splitlines()
        assert output[0].startswith("Restored 7 books, 1 author, 1 user, as of ")
        assert output[0].endswith("by count and checksum, the references between them, the search for 7 titles.")
        assert output[1:] == [
            "1 session ended; resets, invitations and sign-ins are void.",
            "1 API key valid, those revoked since the backup included: revoke them again, or all with --revoke-keys.",
            "The signing key of the backup is not used, since SECRET_KEY is set.",
            "1 second factor cannot be decrypted: add the SECRET_KEY of that time to SECRET_KEYS_OLD.",
        ]
        with pytest.raises(SystemExit, match=r"^restore: the database has records: .*--replace$"):
            restore_command.main([str(backup)])
        configured.setenv("SECRET_KEY", "")
        configured.setattr(restore_command, "newest", lambda: "9999")
        restore_command.main(["--replace", "--keep-sessions", "--revoke-keys", str(backup)])
        [_, last] = capsys.readouterr().out.splitlines()
        assert last == "The backup is of an older version: run 'alembic upgrade head' before you start the service."

    @pytest.mark.parametrize("kind", ["sqlite"], indirect=True, scope="session")
    def test_ends_in_one_line_where_there_is_no_backup(
        self, configured: pytest.MonkeyPatch, elsewhere: Settings
    ) -> None:
        use(configured, elsewhere)
        with pytest.raises(SystemExit, match=r"^restore: .*No such file or directory: 'missing.backup'$"):
            restore_command.main(["missing.backup"])


class TestRevisions:
    def test_of_every_migration_are_known(self, original: Settings, tmp_path: Path) -> None:
        assert is_known(Backup(original).make(tmp_path / "one.backup").revision)
        assert is_known("0001")
        assert not is_known("9999")
        assert not is_known(None)
