"""A service, its document, and the tools of Node that make clients of it and look it over."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from devtools.serving import migrated
from tests.support.serving import WITHOUT_TLS, Served, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
LOCKED = ("package.json", "package-lock.json", ".npmrc")


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a tool to its end; both of what it says is in `stdout`."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # one of the tools calls another
    return subprocess.run(  # noqa: S603  (our own command)
        command,
        cwd=cwd,
        env=os.environ | {"PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
        check=False,
    )


def require(done: subprocess.CompletedProcess[str]) -> str:
    """What a tool said that had to succeed."""
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="package")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The service on an SQLite file; what a client sees does not depend on the database."""
    folder = tmp_path_factory.mktemp("clients")
    with serving(migrated(f"sqlite:///{folder}/books.db"), folder) as served:
        yield served


@pytest.fixture(scope="package")
def node_modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tools that the lock file names. They stay in the virtual environment until the lock file differs."""
    npm = shutil.which("npm")
    assert npm is not None, "npm is needed to generate clients in TypeScript (Debian: apt-get install nodejs npm)"
    locked = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in LOCKED)).hexdigest()[:16]
    kept = Path(sys.prefix) / "node" / locked
    if not kept.exists():
        folder = tmp_path_factory.mktemp("node")
        for name in LOCKED:
            shutil.copy(HERE / name, folder)
        require(run(npm, "ci", cwd=folder))
        kept.parent.mkdir(exist_ok=True)
        try:
            shutil.copytree(folder, kept.with_suffix(f".{folder.name}"), symlinks=True).rename(kept)
        except OSError:
            if not kept.exists():  # or else another process was faster
                raise
    return kept / "node_modules"


@pytest.fixture(scope="package")
def workshop(served: Served, node_modules: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the document as it is served, and the tools."""
    folder = tmp_path_factory.mktemp("workshop")
    (folder / "openapi.json").write_bytes(
        httpx.get(f"{served.base}/openapi.json", trust_env=False, verify=WITHOUT_TLS).content
    )
    (folder / "node_modules").symlink_to(node_modules)
    for file in ("tsconfig.json", "hey-api.config.mjs", "redocly.yaml", "spectral.yaml"):
        shutil.copy(HERE / file, folder)
    (folder / "package.json").write_text('{"type": "module"}')
    return folder
