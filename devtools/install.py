"""Install a requirements file into the environment that runs this, show the progress, and explain errors.

Only the standard library is available when this runs. All output of pip goes to `install.log` in the environment.
During the installation the environment contains a file `.unfinished`: an interrupted installation may leave packages
that look complete but are not, and `devtools/venv.sh` then recreates the environment.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

ENVIRONMENT = Path(sys.prefix)
MOST_AT_ONCE = 4
"""Concurrent runs of pip. It spends most of its time reading the index, on one core: half a minute to serve."""
PIP = (
    "-m",
    "pip",
    "install",
    "--disable-pip-version-check",
    "--no-input",
    "--require-hashes",
    "--no-deps",
    "--no-compile",
)
COMPILE = ("-m", "compileall", "-q", "-j", "0", sysconfig.get_path("purelib"))
"""pip compiles on one core, this on all."""
ELSEWHERE = {"PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_DRY_RUN", "PIP_QUIET", "PYTHONHOME"}
"""The user's own settings that would install the packages elsewhere, or silence the output that is parsed here."""
REMEDIES = [
    (r"No space left|Disk quota exceeded", "The disk is full: free some space, and run the same command again."),
    (
        r"Permission denied|Read-only file system",
        "{environment} is not writable. Is it yours? Run `rm -rf .venv`, and the same command again.",
    ),
    (
        r"DO NOT MATCH THE HASHES",
        (
            "A package differs from the locked one, so it was not installed. Either downloads are modified on the\n"
            "way, or pip's cache is damaged: run `{python} -m pip cache purge`, and try again."
        ),
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|SSLError|SSLCertVerificationError",
        (
            "The package index could not be reached securely: its certificate is not trusted here. Behind a proxy\n"
            "that intercepts TLS, set PIP_CERT=/path/to/its/certificate.pem."
        ),
    ),
    (
        (
            r"NewConnectionError|ConnectTimeout|ReadTimeout|ProxyError|NameResolutionError|Connection refused|"
            r"Temporary failure in name resolution|RemoteDisconnected|ConnectionResetError|Max retries exceeded"
        ),
        (
            "The package index could not be reached. Check the network. Behind a proxy, set HTTPS_PROXY; for an index\n"
            "of your own, set PIP_INDEX_URL (`{python} -m pip config list` shows what pip uses).\n"
            "Then run the same command again."
        ),
    ),
    (
        r"No matching distribution|Could not find a version",
        (
            "The package index that pip uses could not be reached, or lacks a package in the locked version.\n"
            "`{python} -m pip config list` shows which index that is."
        ),
    ),
    (
        r"subprocess-exited-with-error|Failed building wheel|Failed to build",
        (
            "A package has no prebuilt wheel for this Python ({version}) and platform, and could not be compiled.\n"
            "Another version of Python may work: `rm -rf .venv`, then `make run PYTHON=python3.13`."
        ),
    ),
]
"""Patterns in the output of pip, and what to do about each; the first match counts."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python devtools/install.py", description=__doc__)
    parser.add_argument("requirements", type=Path, help="a file with pinned versions and hashes")
    requirements: Path = parser.parse_args(arguments).requirements
    total = len(set(re.findall(r"^([\w.-]+)(?:\[[^]]*\])?==", requirements.read_text(), re.MULTILINE)))
    print(f"Installing the packages of {requirements.name} (at most {total}) into {shown(ENVIRONMENT)}.")
    print("It takes about half a minute, and longer if they are downloaded.", flush=True)
    started = monotonic()
    try:
        install(requirements, total)
    except OSError as error:
        sys.exit(f"\n{explained(str(error))}\n({error})")
    except KeyboardInterrupt:
        sys.exit("\nInterrupted: the next `make` starts again.")
    print(f"Installed in {monotonic() - started:.0f} s.", flush=True)


def install(requirements: Path, total: int) -> None:
    """Install with several concurrent runs of pip; exit with an explanation if one fails."""
    unfinished, log = ENVIRONMENT / ".unfinished", ENVIRONMENT / "install.log"
    unfinished.touch()
    environment = {name: value for name, value in os.environ.items() if name not in ELSEWHERE}
    # The user's own configuration may say `user = true`, which fails in an environment.
    environment |= {"PIP_USER": "0", "PYTHONUNBUFFERED": "1"}
    parts = split(requirements.read_text(), min(os.cpu_count() or 1, MOST_AT_ONCE))
    reading, writing = os.pipe()
    pips = []
    for number, part in enumerate(parts):
        file = ENVIRONMENT / f"requirements-{number}.txt"
        file.write_text(part)
        command = [sys.executable, *PIP, "-r", str(file)]
        pips.append(subprocess.Popen(command, env=environment, stdout=writing, stderr=writing))  # noqa: S603  (our own)
    os.close(writing)
    with open(reading, errors="replace") as output, log.open("w") as kept:  # noqa: PTH123  (a pipe)
        pip_lines = list(follow(output, total, len(parts), kept.write))
    if any([pip.wait() for pip in pips]):  # noqa: C419  (wait for all)
        lines = [line for line in pip_lines if line.startswith("ERROR") or "error:" in line] or pip_lines[-5:]
        sys.exit(f"\n{explained(''.join(pip_lines))}\n\n{''.join(lines[:5])}\nFull output of pip: {shown(log)}")
    with log.open("a") as kept:  # files for another Python, such as templates, fail to compile, which is harmless
        subprocess.run([sys.executable, *COMPILE], stdout=kept, stderr=kept, check=False)  # noqa: S603  (our own command)
    unfinished.unlink()


def split(requirements: str, parts: int) -> list[str]:
    """Split a requirements file. Its packages are independent (`--no-deps`); the lines of one package stay together."""
    by_package: dict[str, str] = {}
    for requirement in re.findall(r"^[\w.-]+.*\n(?:[ \t]+.*\n)*", requirements, re.MULTILINE):
        name = re.split(r"[^\w.-]", requirement, maxsplit=1)[0]
        by_package[name] = by_package.get(name, "") + requirement
    packages = list(by_package.values())
    return ["".join(packages[start::parts]) for start in range(min(parts, len(packages)))]


def follow(output: Iterable[str], total: int, pips: int, keep: Callable[[str], object]) -> Iterator[str]:
    """Print the progress, parsed from the output of the runs of pip, and yield its lines."""
    fetched: set[str] = set()
    unpacking = 0
    again = False
    for line in output:
        keep(line)
        yield line
        if found := re.match(r"(?:Collecting|Processing|Requirement already satisfied:) ([^\s\[=;(]+)", line):
            fetched.add(found[1])
            if len(fetched) % 10 == 0:
                print(f"  {len(fetched)} of {total} found", flush=True)
        elif line.startswith("Installing collected packages"):
            unpacking += 1
            if unpacking == pips:
                print(f"  All needed packages found ({len(fetched)}). Unpacking them.", flush=True)
        elif "Retrying (" in line and not again:
            again = True
            print("  The package index does not respond; pip retries a few times.", flush=True)


def explained(output: str) -> str:
    """What to do about an error in the output of pip."""
    for pattern, remedy in REMEDIES:
        if re.search(pattern, output):
            python = f"{shown(ENVIRONMENT)}/bin/python"
            version = f"{sys.version_info.major}.{sys.version_info.minor}"
            return remedy.format(environment=shown(ENVIRONMENT), python=python, version=version)
    return "pip could not install the packages."


def shown(path: Path) -> str:
    """A path relative to the current folder if it is inside, else absolute."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


if __name__ == "__main__":
    main()
