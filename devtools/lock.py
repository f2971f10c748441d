"""Write the requirements files from pyproject.toml, or check that they are up to date.

pip before 24 treats `pydantic[email]` and `pydantic` as two projects. If the lock pins only one of them, it picks the
newest release for the other, and then refuses it as not pinned. uv writes one line per package: with
`--no-strip-extras` the one with all extras that anything requires. So the other lines are added here: the one without
extras, and one for each combination of them, since each package may require a different one.
"""

from __future__ import annotations

import argparse
import difflib
import re
import shutil
import subprocess
import sys
from itertools import chain, combinations
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
SERVING = "requirements-prod.txt"
EVERYTHING = "requirements.txt"
COMPILE = (
    *("uv", "pip", "compile", "--quiet", "--universal", "--generate-hashes", "--no-strip-extras"),
    *("--no-emit-index-url", "--no-emit-find-links", "--custom-compile-command", "make lock"),
)
ENTRY = re.compile(
    r"^(?P<name>[\w.-]+)\[(?P<extras>[^]]+)\](?P<pin>==.*\n)(?P<hashes>(?: +--hash=.*\n)+)", re.MULTILINE
)


def main(arguments: list[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m devtools.lock", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only compare, and exit with 1 if a file is out of date")
    parser.add_argument("--upgrade", action="store_true", help="upgrade to newer releases")
    options = parser.parse_args(arguments)
    with TemporaryDirectory() as folder:
        locked = lock(Path(folder), upgrade=options.upgrade)
    if not options.check:
        for name, text in locked.items():
            (ROOT / name).write_text(text)
        return
    differences = [line for name, text in locked.items() for line in compare(name, text)]
    if differences:
        sys.exit("".join(differences) + "\nThe requirements files do not match pyproject.toml: run `make lock`")


def lock(folder: Path, *, upgrade: bool) -> dict[str, str]:
    """Resolve in a temporary folder: the versions pinned now are kept, unless `upgrade` is set."""
    command = [str(Path(sys.executable).with_name(COMPILE[0])), *COMPILE[1:], "pyproject.toml"]
    shutil.copy(ROOT / "pyproject.toml", folder)
    for name, more in ((SERVING, []), (EVERYTHING, ["--group", "dev", "--constraint", SERVING])):
        if not upgrade:
            shutil.copy(ROOT / name, folder)
        subprocess.run([*command, *more, "--output-file", name], cwd=folder, check=True)  # noqa: S603  (our own command)
    return {name: complete((folder / name).read_text()) for name in (SERVING, EVERYTHING)}


def complete(requirements: str) -> str:
    """Add the missing lines of each package with extras."""

    def lines(entry: re.Match[str]) -> str:
        extras = entry["extras"].split(",")
        subsets = chain.from_iterable(combinations(extras, size) for size in range(1, len(extras) + 1))
        names = [f"{entry['name']}[{','.join(subset)}]" for subset in subsets]
        return "".join(f"{name}{entry['pin']}{entry['hashes']}" for name in [*names, entry["name"]])

    return ENTRY.sub(lines, requirements)


def compare(name: str, text: str) -> list[str]:
    """The differences between a file and its new text."""
    now = (ROOT / name).read_text().splitlines(keepends=True)
    return list(difflib.unified_diff(now, text.splitlines(keepends=True), name, f"{name} as it should be"))


if __name__ == "__main__":
    main()
