"""Prove that old and new releases of pip install the requirements files, even if every package has a newer release.

Downloads the locked packages once, serves them from a local index that offers a newer release of each project, and lets
each pip install from there into a fresh environment with `pip install -r`. To prove that the test can fail, the older
pips must refuse the files without their lines for extras.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import venv
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from devtools.lock import EVERYTHING, ROOT, SERVING
from devtools.newer_index import newer_index, project_of

PIPS = ["22.3", "23.2.1", "newest"]
"""Python 3.11.0 ships the first, Python 3.11.7 the second."""
FIRST_THAT_MERGES_EXTRAS = 24
PIN = re.compile(r"^([\w.-]+)(\[[^]]+\])?==([^ ;\\]+)", re.MULTILINE)
WITH_EXTRAS = re.compile(r"^[\w.-]+\[[^]]+\]==.*\n(?: +--hash=.*\n)+", re.MULTILINE)


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m devtools.pip_proof", description=__doc__)
    parser.add_argument("--pip", action="append", help=f"a release of pip, repeatable ({', '.join(PIPS)})")
    parser.add_argument("--files", type=Path, help="a folder to keep the downloads in (default: they are deleted)")
    options = parser.parse_args(arguments)
    with TemporaryDirectory(prefix="books-api-pip-") as name:
        folder = Path(name)
        files = options.files or folder / "files"
        run(sys.executable, *download(files), env=os.environ)
        with newer_index(files) as url:
            for number, version in enumerate(options.pip or PIPS):
                prove(folder / str(number), version, url, whole=number == 0)


def download(files: Path) -> list[str]:
    """The arguments that download the locked packages from the index that pip uses."""
    flags = ["--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes"]
    return ["-m", "pip", "download", *flags, "--dest", str(files), "-r", str(ROOT / EVERYTHING)]


def prove(folder: Path, version: str, url: str, *, whole: bool) -> None:
    """Let one pip install the packages for serving, and resolve (or also install) those for development."""
    for file in (SERVING, EVERYTHING):
        started = monotonic()
        python = environment(folder / file, version)
        report = folder / f"{file}.json"
        only_resolved = file == EVERYTHING and not whole
        install = [str(python), *["-m", "pip", "install", "--quiet", "--no-compile", "--report"], str(report)]
        install += [*(["--dry-run"] if only_resolved else []), "-r"]
        settings = isolated(url)
        run(*install, str(ROOT / file), env=settings)
        require_as_locked(report, ROOT / file)
        if not only_resolved:
            run(str(python), "-m", "pip", "check", env=settings)
        pip = pip_version(python)
        done = "resolves" if only_resolved else "installs"
        print(f"pip {pip} {done} {file} among newer releases ({monotonic() - started:.0f} s)", flush=True)
    if int(pip.partition(".")[0]) < FIRST_THAT_MERGES_EXTRAS:
        without = folder / "without-extras.txt"
        without.write_text(WITH_EXTRAS.sub("", (ROOT / SERVING).read_text()))
        python = environment(folder / "without", version)
        refused = subprocess.run(  # noqa: S603  (our own command)
            [str(python), "-m", "pip", "install", "--dry-run", "--quiet", "-r", str(without)],
            env=isolated(url), capture_output=True, text=True, check=False,
        )  # fmt: skip
        if refused.returncode == 0 or "must have their versions pinned" not in refused.stderr:
            sys.exit(f"pip {pip} should refuse the lock without its lines for extras:\n{refused.stderr}")
        print(f"pip {pip} refuses the lock without the lines for extras, so the proof can fail", flush=True)


def environment(folder: Path, version: str) -> Path:
    """The Python of a fresh environment with that pip."""
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    wanted = ["--upgrade", "pip"] if version == "newest" else [f"pip=={version}"]
    flags = ["--python", str(python), "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
    run(sys.executable, "-m", "pip", *flags, *wanted, env=os.environ)
    return python


def isolated(url: str) -> dict[str, str]:
    """An environment in which pip uses this index only, and ignores this machine's configuration."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))}
    return kept | {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": url, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def require_as_locked(report: Path, requirements: Path) -> None:
    """Exit unless pip chose the locked versions, and nothing else."""
    chosen = [item["metadata"] for item in json.loads(report.read_text())["install"]]
    locked = {(project_of(f"{name}-"), version) for name, _, version in PIN.findall(requirements.read_text())}
    others = {(project_of(f"{one['name']}-"), one["version"]) for one in chosen} - locked
    if others or not chosen:
        sys.exit(f"{requirements.name} does not lock {sorted(others)}")


def pip_version(python: Path) -> str:
    """The release of pip in an environment."""
    output = subprocess.run([python, "-m", "pip", "--version"], capture_output=True, text=True, check=True)  # noqa: S603
    return output.stdout.split()[1]


def run(*command: str, env: dict[str, str] | os._Environ[str]) -> None:
    """Run a command; exit with its output if it fails."""
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)  # noqa: S603  (our own)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    main()
