"""A machine on which nothing is installed yet, and the programs that a test puts there."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING
from zipfile import ZipFile

from devtools.databases import ROOT

if TYPE_CHECKING:
    from pathlib import Path

REAL = getattr(sys, "_base_executable", sys.executable)
OLD = """#!/bin/sh
case "$2" in *print*) echo 3.9.2 ;; *) exit 1 ;; esac
"""
BROKEN = """#!/bin/sh
echo "python3: no version is set" >&2; exit 126
"""
WITHOUT = """#!/bin/sh
if [ "$1" = -c ]; then exec {real} -c "import sys; sys.modules['{module}'] = None
$2"; fi
exec {real} "$@"
"""
FAILING = """#!/bin/sh
if [ "$1" = -m ]; then echo "{output}"; exit 1; fi
exec {real} "$@"
"""
COPYING = """#!/bin/sh
if [ "$1" = -m ]; then rm -rf .venv && exec cp -a "{template}" .venv; fi
exec {real} "$@"
"""
TOOLS = ("sh", "make", "cp", "dirname", "head", "env", "touch", "test", "rm", "grep", "sed", "expand")


class Machine:
    """A clone of the project with one package to install, and a PATH that holds what a test puts there."""

    def __init__(self, folder: Path) -> None:
        self.project, self.programs, self.wheels = folder / "books api", folder / "bin", folder / "wheels"
        for place in (self.project, self.programs, self.wheels):
            place.mkdir()
        shutil.copy(ROOT / "Makefile", self.project)
        shutil.copytree(ROOT / "devtools", self.project / "devtools")
        for tool in TOOLS:
            (self.programs / tool).symlink_to(str(shutil.which(tool)))
        self.output = ""
        self.digest = wheel(self.wheels)
        self.require("demo", self.digest)

    def require(self, name: str, digest: str) -> None:
        """Lock one package."""
        for file in ("requirements.txt", "requirements-prod.txt"):
            (self.project / file).write_text(f"{name}==1.0 \\\n    --hash=sha256:{digest}\n")

    def python(self, script: str, name: str = "python3") -> None:
        """Put a Python into the PATH."""
        (self.programs / name).write_text(script.replace("{real}", REAL))
        (self.programs / name).chmod(0o755)

    def make(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """What `make` does and says there, where pip finds packages in a folder only."""
        environment = {"PATH": str(self.programs), "HOME": str(self.project), "PIP_CONFIG_FILE": os.devnull}
        environment |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.wheels)} | settings
        return subprocess.run(  # noqa: S603  (our own command)
            [self.programs / "make", *(arguments or [".venv/.serving"])],
            cwd=self.project,
            env={name: value for name, value in environment.items() if value},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=1200,
            check=False,
        )

    def installed(self) -> bool:
        """Whether the package can be imported."""
        python = self.project / ".venv" / "bin" / "python"
        return subprocess.run([python, "-c", "import demo"], check=False).returncode == 0  # noqa: S603


def wheel(folder: Path) -> str:
    """Make a package with nothing in it; its digest."""
    files = {"demo.py": "", "demo-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n"}
    files["demo-1.0.dist-info/WHEEL"] = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    record = "demo-1.0.dist-info/RECORD"
    digests = {name: base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()) for name, text in files.items()}
    lines = [f"{name},sha256={digests[name].decode().rstrip('=')},{len(text)}" for name, text in files.items()]
    file = folder / "demo-1.0-py3-none-any.whl"
    with ZipFile(file, "w") as archive:
        for name, text in (files | {record: "\n".join([*lines, f"{record},,\n"])}).items():
            archive.writestr(name, text)
    return hashlib.sha256(file.read_bytes()).hexdigest()
