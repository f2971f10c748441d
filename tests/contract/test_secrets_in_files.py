"""Secrets in files: the service, its migrations and its commands find them; the manual and Compose say how."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.settings import Settings
from devtools.databases import ROOT, SECRET
from devtools.serving import environment, serving

EXAMPLE = re.search(r"```bash\n(mkdir.*?)```", (ROOT / "docs" / "settings.md").read_text(), re.DOTALL)
OVERLAY = (ROOT / "deploy" / "docker-compose.secrets.yml").read_text()
SECRETS = dict(re.findall(r"^  (\w+):\n    file: (\S+)$", OVERLAY, re.MULTILINE))
"""The secrets that it defines, with their files."""


@pytest.fixture
def files(empty_url: str, tmp_path: Path) -> dict[str, str | None]:
    """The settings of a service whose secrets are in files; by their names in lower case."""
    for name, secret in {"database_url": empty_url, "secret_key": SECRET}.items():
        (tmp_path / name).write_text(f"{secret}\n")
    return {
        **dict.fromkeys(("database_url", "secret_key")),
        **{f"{name}_file": str(tmp_path / name) for name in ("database_url", "secret_key")},
    }


def run(folder: Path, files: dict[str, str | None], *command: str, typed: str = "") -> str:
    """The output of a command of this project, in an environment with nothing but these settings."""
    done = subprocess.run(  # noqa: S603  (our own command)
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=environment("", folder, **files),
        input=typed,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["postgresql"], indirect=True, scope="session")  # where the address is a secret
def test_the_service_its_migrations_and_its_commands_read_them(
    files: dict[str, str | None], empty_url: str, tmp_path: Path
) -> None:
    run(tmp_path, files, "alembic", "upgrade", "head")
    output = run(tmp_path, files, "scripts.embedded", "scripts.create_admin", "alice", typed="correct horse battery\n")
    assert output == "'alice' is a new user, and an admin.\n"
    with serving(empty_url, tmp_path, **files) as server:
        assert server.answers()
        assert not (tmp_path / "instance" / "secret_key").exists()
        assert SECRET not in server.log.read_text()


class TestCompose:
    def test_replaces_the_variables_that_it_gives_as_files(self) -> None:
        secret_files = re.findall(r"^ +(\w+)_FILE: /run/secrets/(\w+)$", OVERLAY, re.MULTILINE)
        assert {secret for _, secret in secret_files} == SECRETS.keys()
        assert [name for name, _ in secret_files if f'      {name}: ""' not in OVERLAY] == []
        used = ", ".join(re.findall(r"^    secrets: \[(.*)\]$", OVERLAY, re.MULTILINE))
        assert sorted(used.split(", ")) == sorted(SECRETS)

    def test_gets_its_secrets_from_the_commands_of_the_manual(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert EXAMPLE is not None
        (tmp_path / "docker-compose").write_text("#!/bin/sh\n")
        (tmp_path / "docker-compose").chmod(0o755)
        shell = [shutil.which("bash") or "bash", "-eu", "-c", EXAMPLE[1]]
        path = f"{tmp_path}:/usr/bin:/bin"
        subprocess.run(shell, cwd=tmp_path, env={"PATH": path}, timeout=60, check=True)  # noqa: S603  (our own manual)
        assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
        made = {f"./secrets/{file.name}" for file in (tmp_path / "secrets").iterdir()}
        assert made == set(SECRETS.values())
        for name in ("DATABASE_URL", "SECRET_KEY"):
            monkeypatch.delenv(name, raising=False)
            monkeypatch.setenv(f"{name}_FILE", str(tmp_path / "secrets" / name.lower()))
        password = (tmp_path / "secrets" / "db_password").read_text()
        settings = Settings(_env_file=None)
        assert settings.database_url == f"postgresql://postgres:{password}@db:5432/my_project_db"
        assert len(settings.secret_key or "") == 64
