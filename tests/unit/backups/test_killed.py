"""Commands that are killed, or meet a full disk, leave no half backup and no half database."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from app.backups.making import Backup
from app.backups.restoring import Restore
from app.backups.table_digests import contents
from devtools.databases import ROOT
from devtools.serving import environment
from tests.unit.backups.conftest import database_of

if TYPE_CHECKING:
    from pathlib import Path

    from app.backups.archive import TableContent
    from app.settings import Settings

pytestmark = pytest.mark.slow

KILLED_IN = """
import os, signal, sys
from contextlib import contextmanager
from pathlib import Path
from app.backups import postgres, postgres_restoring, sqlite
from app.backups.making import Backup
from app.backups.restoring import Restore
from app.settings import load_settings

command, file, fatal = sys.argv[1:]
sqlite.PAGES, postgres.CHUNK, postgres_restoring.BUFFER = 5, 100, 50  # many small steps

class Step:
    def __init__(self, description):
        self.left = 2 if description == fatal else -1
    def advance(self, more):
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
    def to(self, left, total):
        self.advance(1)

@contextmanager
def steps(description, total=None):
    yield Step(description)

if command == "backup":
    Backup(load_settings(), steps).make(Path(file))
else:
    Restore(load_settings(), steps, replace=True).run(Path(file))
"""
LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))  # bytes of a file
from scripts import backup, restore
{"backup": backup, "restore": restore}[sys.argv[1]].main(sys.argv[2:])
"""
BACKUP = {
    "sqlite": ["Copying the database", "Counting and computing checksums"],
    "postgresql": ["Running pg_dump", "Counting and computing checksums"],
}
RESTORE = {
    "sqlite": ["Comparing with the original", "Writing the database"],
    "postgresql": ["Restoring", "Comparing with the original"],
}


def run(settings: Settings, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program on the database of a service."""
    variables = environment(
        settings.database_url, settings.instance_path, secret_key=None, instance_path=settings.instance_path
    )
    return subprocess.run(  # noqa: S603  (our own)
        [sys.executable, "-c", program, *arguments],
        env=variables,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def content_of(settings: Settings) -> dict[str, TableContent]:
    """All rows of a database."""
    with database_of(settings) as database, database.transaction() as db:
        return contents(db.connection())


@pytest.mark.parametrize("step", [0, 1])
class TestSigkill:
    def test_of_a_backup_leaves_none(self, kind: str, original: Settings, tmp_path: Path, step: int) -> None:
        file = tmp_path / "killed.backup"
        killed = run(original, KILLED_IN, "backup", str(file), BACKUP[kind][step])
        assert killed.returncode == -9, killed.stderr
        assert not file.exists()
        assert Backup(original).make(file).tables == content_of(original)

    def test_of_a_restore_leaves_what_was_there(self, kind: str, present: Settings, backup: Path, step: int) -> None:
        before = content_of(present)
        killed = run(present, KILLED_IN, "restore", str(backup), RESTORE[kind][step])
        assert killed.returncode == -9, killed.stderr
        assert content_of(present) == before
        Restore(present, replace=True).run(backup)
        assert content_of(present)["authors"].rows == before["authors"].rows - 1


class TestFullDisk:
    def test_leaves_no_backup(self, original: Settings, tmp_path: Path) -> None:
        failed = run(original, LIMITED, "backup", str(tmp_path / "one.backup"))
        assert (failed.returncode, failed.stderr.count("\n")) == (1, 1)
        assert failed.stderr.startswith("backup: ")
        assert "no backup was written" in failed.stderr
        assert list(tmp_path.glob("*.backup")) == []
        assert list(tmp_path.glob(".*")) == []

    def test_leaves_the_database_as_it_was(self, present: Settings, backup: Path) -> None:
        before = content_of(present)
        failed = run(present, LIMITED, "restore", "--replace", str(backup))
        assert (failed.returncode, failed.stderr) == (1, "restore: File too large: the database is as it was\n")
        assert content_of(present) == before
