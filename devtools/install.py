"""Install a requirements file into the environment that runs this, show how far it is, and explain what goes wrong.

Only the standard library is here when this runs. All that pip says goes to `install.log` in the environment. While it
works, a file `.unfinished` stands there: an installation that was interrupted may have left packages that look whole
and are not, and `devtools/venv.sh` then makes the environment again.
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
"""Runs of pip side by side. It takes most of its time to read the index, on one core: half a minute for what serves."""
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
"""pip compiles on one core; this on all."""
ELSEWHERE = {"PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_DRY_RUN", "PIP_QUIET", "PYTHONHOME"}
"""Settings of a person's own that would send the packages elsewhere, or silence what is counted here."""
REMEDIES = [
    (r"No space left|Disk quota exceeded", "The disk is full: make room, and run the same command again."),
    (
        r"Permission denied|Read-only file system",
        "{environment} cannot be written. Is it yours? `rm -rf .venv` and the same command make it again.",
    ),
    (
        r"DO NOT MATCH THE HASHES",
        (
            "A package differs from the one that is locked here, so it was not installed. Something changes what\n"
            "is downloaded on its way, or pip's cache is damaged: `{python} -m pip cache purge`, and try again."
        ),
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|SSLError|SSLCertVerificationError",
        (
            "The package index could not be reached safely: its certificate is not trusted here. Behind a proxy that\n"
            "reads along, PIP_CERT=/path/to/its/certificate.pem is needed."
        ),
    ),
    (
        (
            r"NewConnectionError|ConnectTimeout|ReadTimeout|ProxyError|NameResolutionError|Connection refused|"
            r"Temporary failure in name resolution|RemoteDisconnected|ConnectionResetError|Max retries exceeded"
        ),
        (
            "The package index could not be reached. Is there a network? Behind a proxy, set HTTPS_PROXY; if you have\n"
            "an index of your own, PIP_INDEX_URL (`{python} -m pip config list` shows what pip uses).\n"
            "Then run the same command again."
        ),
    ),
    (
        r"No matching distribution|Could not find a version",
        (
            "The package index that pip uses could not be reached, or lacks a package in the version\n"
            "that is locked here. `{python} -m pip config list` shows which index that is."
        ),
    ),
    (
        r"subprocess-exited-with-error|Failed building wheel|Failed to build",
        (
            "A package is not there ready-made for this Python ({version}) and machine, and could not be compiled.\n"
            "A Python of another version may do: `rm -rf .venv`, and `make run PYTHON=python3.13`."
        ),
    ),
]
"""What pip says, and what to do then; the first that is found counts."""


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
        sys.exit("\nInterrupted: the next `make` begins again.")
    print(f"Installed in {monotonic() - started:.0f} s.", flush=True)


def install(requirements: Path, total: int) -> None:
    """Let pip install, several packages at a time, and leave with an explanation if it cannot."""
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
        said = list(follow(output, total, len(parts), kept.write))
    if any([pip.wait() for pip in pips]):  # noqa: C419  (all have to end)
        lines = [line for line in said if line.startswith("ERROR") or "error:" in line] or said[-5:]
        sys.exit(f"\n{explained(''.join(said))}\n\n{''.join(lines[:5])}\nAll that pip said: {shown(log)}")
    with log.open("a") as kept:  # files for another Python, such as templates, fail to compile, and do no harm
        subprocess.run([sys.executable, *COMPILE], stdout=kept, stderr=kept, check=False)  # noqa: S603  (our own command)
    unfinished.unlink()


def split(requirements: str, parts: int) -> list[str]:
    """A requirements file as several. No package needs another here (`--no-deps`); the lines of one stay together."""
    by_package: dict[str, str] = {}
    for requirement in re.findall(r"^[\w.-]+.*\n(?:[ \t]+.*\n)*", requirements, re.MULTILINE):
        name = re.split(r"[^\w.-]", requirement, maxsplit=1)[0]
        by_package[name] = by_package.get(name, "") + requirement
    packages = list(by_package.values())
    return ["".join(packages[start::parts]) for start in range(min(parts, len(packages)))]


def follow(output: Iterable[str], total: int, pips: int, keep: Callable[[str], object]) -> Iterator[str]:
    """Say how far pip is, from what its runs print."""
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
                print(f"  All that are needed here are found ({len(fetched)}). Unpacking them.", flush=True)
        elif "Retrying (" in line and not again:
            again = True
            print("  The package index does not answer; pip tries again a few times.", flush=True)


def explained(said: str) -> str:
    """What to do about it."""
    for pattern, remedy in REMEDIES:
        if re.search(pattern, said):
            python = f"{shown(ENVIRONMENT)}/bin/python"
            version = f"{sys.version_info.major}.{sys.version_info.minor}"
            return remedy.format(environment=shown(ENVIRONMENT), python=python, version=version)
    return "pip could not install the packages."


def shown(path: Path) -> str:
    """A path as a person on the spot would type it."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


if __name__ == "__main__":
    main()
