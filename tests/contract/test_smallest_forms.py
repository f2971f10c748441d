"""Every command of the project runs in its smallest form, so that none falls behind the code that it uses.

A command is what has a `__main__`, `locustfile.py`, a file in `.ci/` or a target of the Makefile. A new one fails here
until it has a form in one of the tables of smallest_forms.py.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from app.backups.making import Backup
from devtools.databases import ROOT, fresh_url, settings_for
from devtools.serving import environment, migrated
from tests.contract.smallest_forms import BENCHMARKS, ELSEWHERE, INSTALLED_FIRST, SCRIPTS, SERVING, TARGETS
from tests.support.factories import Factory
from tests.support.serving import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.serving import Served

WITHIN = 600
"""Seconds: far longer than any of them takes, on a machine that is busy with other things."""


@dataclass(frozen=True)
class CommandRunner:
    """Runs commands in a folder, with a server and its database."""

    served: Served
    folder: Path

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command, which has to go well, and must not write into the project."""
        done = subprocess.run(  # noqa: S603  (our own command)
            command,
            cwd=ROOT,
            env=environment(self.served.url, self.folder, home=self.folder, pythondontwritebytecode=1),
            capture_output=True,
            text=True,
            timeout=WITHIN,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done


@pytest.fixture(scope="module")
def runner(kind: str, server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandRunner]:
    """A served database with a user, a backup of it, and a file of books."""
    folder = tmp_path_factory.mktemp("commands")
    (folder / "books.csv").write_text("title,author\nKindred,Octavia E. Butler\n")
    with fresh_url(kind, server_url, folder) as url, serving(migrated(url), folder) as served:
        Factory(served.client()).user("alice")
        Backup(settings_for(url, instance_path=folder)).make(folder / "books.backup")
        yield CommandRunner(served, folder)


def modules() -> set[str]:
    """All that can be run by `python -m`."""
    files = [file for folder in (".", "scripts", "bench", "devtools") for file in (ROOT / folder).glob("*.py")]
    programs = [file for file in files if 'if __name__ == "__main__":' in file.read_text()]
    return {".".join(file.relative_to(ROOT).with_suffix("").parts) for file in programs}


def targets() -> set[str]:
    """All that `make` makes by a name."""
    [phony] = re.findall(r"^\.PHONY: (\w.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    named = re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert sorted(phony.split()) == sorted(named)
    return set(named)


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True, scope="session")  # tests/unit/scripts runs on both
class TestScripts:
    @pytest.mark.parametrize("module", SCRIPTS)
    def test_runs(self, runner: CommandRunner, module: str) -> None:
        runner.run(sys.executable, "-m", module, *(part.format(folder=runner.folder) for part in SCRIPTS[module]))

    @pytest.mark.slow
    def test_the_locustfile_runs(self, runner: CommandRunner) -> None:
        arguments = ["--headless", "--users", "1", "--spawn-rate", "1", "--run-time", "6s", "--only-summary"]
        done = runner.run(sys.executable, "-m", "locust", "-f", "locustfile.py", *arguments, "-H", runner.served.base)
        assert re.search(r"Aggregated +[1-9]\d* +0\(0.00%\)", done.stderr + done.stdout)


@pytest.mark.slow
class TestBenchmarks:
    @pytest.mark.parametrize("module", BENCHMARKS)
    def test_runs_and_writes_its_report_where_it_is_told_to(self, module: str, tmp_path: Path) -> None:
        INSTALLED_FIRST.get(module, list)()
        kept = {file: file.read_text() for file in (ROOT / "bench").rglob("*.md")}
        done = subprocess.run(  # noqa: S603  (our own command)
            [sys.executable, "-m", module, *shlex.split(BENCHMARKS[module]), "--report", tmp_path / "report.md"],
            cwd=ROOT,
            env=environment("", tmp_path, database_url=None, pythondontwritebytecode=1),
            capture_output=True,
            text=True,
            timeout=WITHIN,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        report = (tmp_path / "report.md").read_text().splitlines()
        titles = {f"bench.{file.stem}": text.splitlines()[0] for file, text in kept.items()}
        assert report[0] == (titles | {"bench.compare": "# Speed"})[module]
        assert {file: file.read_text() for file in (ROOT / "bench").rglob("*.md")} == kept


class TestNoneIsLeftOut:
    def test_every_module_that_can_be_run_has_a_form(self) -> None:
        assert modules() == {*SCRIPTS, *BENCHMARKS, *SERVING, *ELSEWHERE}

    @pytest.mark.parametrize("module", SERVING | ELSEWHERE)
    def test_what_runs_elsewhere_does(self, module: str) -> None:
        file, shown = (SERVING | ELSEWHERE)[module]
        assert shown in (ROOT / file).read_text()

    def test_every_target_of_the_makefile_is_known(self) -> None:
        assert targets() == TARGETS.keys()

    @pytest.mark.parametrize("target", TARGETS)
    def test_a_target_runs_what_is_tried_here(self, target: str) -> None:
        output = subprocess.run(  # noqa: S603
            ["make", "--dry-run", target, "FILE=books.csv", "WHO=alice"],  # noqa: S607
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        run = set(re.findall(r"python -m ([\w.]+)", output))
        assert TARGETS[target] <= run
        assert run <= {*SCRIPTS, *BENCHMARKS, *SERVING, *ELSEWHERE, "pytest", "slipcover"}

    def test_ci_runs_every_file_of_its_own(self) -> None:
        [run] = [file for file in (ROOT / ".ci").iterdir() if file.name == "run"]
        others = [file.name for file in (ROOT / ".ci").iterdir() if file != run]
        assert [name for name in others if f".ci/{name}" not in run.read_text()] == []
