"""The manual of security: its commands do what it says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.settings import Settings
from devtools.databases import ROOT, SECRET, fresh_url
from devtools.nginx import configuration
from devtools.serving import environment, migrated
from tests.support.authenticators import add_second_factor
from tests.support.factories import PASSWORD, Factory
from tests.support.serving import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.client import Client
    from tests.support.serving import Served

MANUAL = (ROOT / "docs" / "security.md").read_text()
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMANDS = re.search(r"```bash\n(OLD=.*?)```", MANUAL, re.DOTALL)
HERE = "URL=http://127.0.0.1:5000"
HOST = "books.example"


def blocks(language: str) -> list[str]:
    """The blocks of the manual in this language."""
    return [text for name, text in BLOCK.findall(MANUAL) if name == language]


FIRST_ADMIN, CHECK, TOOLS, *LATER = [text for text in blocks("bash") if not text.startswith("OLD=")]
REQUESTS = [text for text in LATER if text.startswith(("api ", "log "))]
REVOKING, RECOVERING = (
    [text for text in LATER if "scripts." in text][:2],
    [text for text in LATER if "scripts." in text][2],
)


@dataclass(frozen=True)
class Operator:
    """Someone at a shell who has the manual, the service and its log."""

    served: Served
    folder: Path

    def types(self, *commands: str, typed: str = "", within: str = "") -> str:
        """Run commands in one shell, each of which must succeed.

        Args:
            commands: blocks of the manual.
            typed: what is answered to their questions.
            within: definitions before them.

        Returns: what they print.
        """
        assert all(HERE in text for text in commands if "URL=" in text)
        script = "\n".join([within, *commands]).replace(HERE, f"URL={self.served.base}")
        done = subprocess.run(  # noqa: S603  (our own manual)
            [shutil.which("bash") or "bash", "-eu", "-o", "pipefail", "-c", script],
            cwd=self.folder,
            env=environment(self.served.url, self.folder, log=self.served.log, public_url=f"https://{HOST}")
            | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
            input=typed,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def sign_in(operator: Operator) -> Client:
    """The admin, signed in."""
    client = operator.served.client()
    reply = client.post("/auth/login", json={"username": "alice", "password": PASSWORD})
    return client.as_bearer(reply.raise_for_status().json()["access_token"])


@pytest.fixture
def operator(kind: str, server_url: str, tmp_path: Path) -> Iterator[Operator]:
    """A service as the manual sets it up."""
    settings = {"workers": 2, "public_url": f"https://{HOST}", "allowed_hosts": HOST, "rate_limit_enabled": True}
    with fresh_url(kind, server_url, tmp_path) as url, serving(migrated(url), tmp_path, **settings) as served:
        yield Operator(served, tmp_path)


@pytest.mark.slow
class TestCommands:
    def test_do_what_they_say(self, operator: Operator) -> None:
        assert "is a new user, and an admin." in operator.types(FIRST_ADMIN, typed=f"{PASSWORD}\n")
        self.check(operator)
        make = Factory(operator.served.client())
        bob, alice = make.user("bob"), sign_in(operator)
        assert bob.get("/auth/me").json()["id"] == 2
        key = operator.served.client().as_bearer(make.key(bob, "books:write")["key"])
        alice.post("/invitations").raise_for_status()
        alice.post("/webhooks", json={"url": "https://receiver.example/"}).raise_for_status()

        failing = 'curl() { command curl --fail-with-body "$@"; }\nlog() { cat "$LOG"; }'
        output = operator.types(TOOLS, *REQUESTS, typed=f"alice\n{PASSWORD}\n", within=failing)
        for event in ("sign_in_failed", "user_enabled", "key_created"):
            assert f'"event": "{event}"' in output
        assert "https://books.example/reset#bp_" in output
        assert [bob.get("/auth/me").status_code, key.get("/auth/me").status_code] == [401, 401]
        assert alice.get("/invitations").json() == alice.get("/webhooks").json() == []
        assert [user["username"] for user in alice.get("/users").json()] == ["alice"]

        output = operator.types(*REVOKING)
        assert "0 secrets encrypted again" in output
        assert "2 sessions ended" in output
        assert alice.get("/auth/me").status_code == 401

        authenticator = add_second_factor(sign_in(operator))
        assert authenticator.recovery_codes
        output = operator.types(RECOVERING)
        assert "https://books.example/reset#bp_" in output
        assert sign_in(operator).get("/users?role=admin").json()[0]["second_factor_since"] is None

    def check(self, operator: Operator) -> None:
        """The requests that show from outside how the service is set up."""
        output = operator.types(CHECK)
        assert '"registration":"open"' in output.replace(" ", "")
        assert re.search(r"^400$", output, re.MULTILINE)
        assert '"code":"bad_credentials"' in output.replace(" ", "")
        [failure] = operator.served.logged("sign_in_failed")
        assert failure["address"] == "127.0.0.1"


class TestSettings:
    def test_that_it_proposes_can_be_used(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        lines = "".join(blocks("ini"))
        names = re.findall(r"^([A-Z_]+)=", lines, re.MULTILINE)
        for name in names:
            monkeypatch.delenv(name, raising=False)
        (tmp_path / ".env").write_text(lines)
        settings = Settings(_env_file=tmp_path / ".env")
        assert {name.lower() for name in names} <= settings.model_fields_set

    def test_that_it_names_exist(self) -> None:
        named = set(re.findall(r"`([A-Z][A-Z_]{3,})(?:=[^`]*)?`", MANUAL))
        known = {name.upper() for name in Settings.model_fields}
        assert named - known == {"DELETE", "HEAD", "OPTIONS", "TOKEN"} & named


class TestNginx:
    def test_accepts_the_lines_for_tls(self, tmp_path: Path) -> None:
        listen, redirect = blocks("nginx")
        (tmp_path / "tls").mkdir()
        key, certificate = tmp_path / "tls" / "privkey.pem", tmp_path / "tls" / "fullchain.pem"
        options = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={HOST}"]
        self.run("openssl", "req", *options, "-keyout", key, "-out", certificate)
        text = configuration(8080, "http://127.0.0.1:5000", tmp_path)
        text = text.replace("        listen 127.0.0.1:8080;\n", listen)
        text = text.replace("    server {\n        listen 443", f"{redirect}\n    server {{\n        listen 443")
        assert text.count("listen ") == 2
        (tmp_path / "nginx.conf").write_text(text.replace("/etc/nginx/tls", str(tmp_path / "tls")))
        self.run("nginx", "-t", "-p", tmp_path, "-c", tmp_path / "nginx.conf", "-g", f"pid {tmp_path}/nginx.pid;")

    def run(self, program: str, *arguments: str | Path) -> None:
        found = shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin")
        assert found is not None
        done = subprocess.run([found, *arguments], capture_output=True, text=True, timeout=60, check=False)  # noqa: S603  (our own command)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("env", "kept"),
    [
        (f"PORT=8000\nSECRET_KEY={SECRET}\nSECRET_KEYS_OLD=an older one, of more than 32 bytes as well\n", None),
        ("PORT=8000\n# SECRET_KEY=\n", SECRET),
        (None, SECRET),
    ],
    ids=["in .env", "made by the service", "without .env"],
)
def test_the_key_is_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, env: str | None, kept: str | None) -> None:
    for name in ("SECRET_KEY", "SECRET_KEYS_OLD", "PORT"):
        monkeypatch.delenv(name, raising=False)
    if env is not None:
        (tmp_path / ".env").write_text(env)
    if kept is not None:
        (tmp_path / "instance").mkdir()
        (tmp_path / "instance" / "secret_key").write_text(kept)
    assert COMMANDS is not None
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    command = [shutil.which("bash") or "bash", "-eu", "-c", COMMANDS[1]]
    subprocess.run(command, cwd=tmp_path, env={"PATH": path}, timeout=60, check=True)  # noqa: S603  (our own manual)
    settings = Settings(_env_file=tmp_path / ".env")
    assert settings.secret_key not in {SECRET, None}
    assert settings.secret_keys_old == (SECRET,)
    assert settings.port == (5000 if env is None else 8000)
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600


def test_what_it_leaves_behind_is_not_committed() -> None:
    assert {".env", ".env.before"} <= set((ROOT / ".gitignore").read_text().splitlines())
