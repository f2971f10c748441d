"""Every command of the project runs in its smallest form, so that none falls behind the code that it uses.

A command is what has a `__main__`, `locustfile.py`, a file in `.ci/` or a target of the Makefile. A new one fails here
until it has a form in one of the tables.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from app.backups.making import Backup
from bench.compare import installed
from devtools.databases import ROOT, fresh_url, settings_for
from devtools.serving import environment, migrated
from tests.support.factories import Factory
from tests.support.serving import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.serving import Served

SCRIPTS = {
    "scripts.load_demo": [],
    "scripts.import_books": ["{folder}/books.csv"],
    "scripts.export_books": ["-o", "{folder}/books.jsonl.gz"],
    "scripts.create_admin": ["alice"],
    "scripts.cleanup_after_loadtest": [],
    "scripts.rotate_secrets": [],
    "scripts.revoke_all": [],
    "scripts.remove_unused": [],
    "scripts.prune_changes": ["--days", "30"],
    "scripts.upgrade": ["--plan"],
    "scripts.backup": ["{folder}/new.backup"],
    "scripts.restore": ["--check", "{folder}/books.backup"],
    "scripts.embedded": ["scripts.load_demo"],
}
BENCHMARKS = {
    "bench.access": [
        "--books",
        "50",
        "--logins",
        "2",
        "--rounds",
        "1",
        "--seconds",
        "0.2",
        "--clients",
        "2",
        "--readers",
        "1",
    ],
    "bench.pool": [
        "--books",
        "400",
        "--rounds",
        "1",
        "--seconds",
        "0.2",
        "--clients",
        "2",
        "--searchers",
        "2",
        "--sizes",
    ],
    "bench.growth": [
        "--small",
        "300",
        "--books",
        "400",
        "--rounds",
        "1",
        "--calls",
        "1",
        "--processes",
        "1",
        "--every",
        "500",
    ],
    "bench.feed": [
        "--changes",
        "300",
        "--sqlite-changes",
        "100",
        "--kills",
        "1",
        "--seconds",
        "20",
        "--most-lag",
        "60",
    ],
    "bench.worst": ["--rounds", "1"],
    "bench.hostile": ["--connections", "2", "--requests", "2", "--settles", "0"],
    "bench.faults": [
        "--faults",
        "write-ahead log deleted",
        "--loads",
        "writes",
        "--databases",
        "sqlite",
        "--kills",
        "0",
    ],
    "bench.soak": ["--databases", "sqlite", "--minutes", "0.05", "--every", "1"],
    "bench.transfer": ["--books", "300", "--others", "50", "--rounds", "1"],
    "bench.compare": [
        "--books",
        "300",
        "--rounds",
        "1",
        "--seconds",
        "1",
        "--connections",
        "2",
        "--processes",
        "1",
    ],
}
"""Each writes the report that `--report` names, and not one in `bench/`."""
INSTALLED_FIRST: dict[str, Callable[[], object]] = {"bench.compare": lambda: installed([])}
"""What a benchmark installs: all peers. Done here, where pip and npm have the settings of the developer."""
SERVING = {
    "run": ("devtools/serving.py", "run.py"),
    "scripts.deliver_webhooks": ("tests/server/test_webhooks.py", "scripts.deliver_webhooks"),
    "scripts.quickstart": (".ci/walkthrough", "serve make run"),
}
"""What serves until it is stopped, where it is run, and what shows it there."""
ELSEWHERE = {
    "devtools.install": ("tests/contract/test_install.py", "devtools"),
    "devtools.settings_docs": ("Makefile", "devtools.settings_docs --check"),
    "devtools.unpack_pip": ("tests/contract/test_install.py", "unpack_pip"),
    "devtools.lock": ("Makefile", "-m devtools.lock --check"),
    "devtools.pip_proof": (".ci/run", "-m devtools.pip_proof"),
}
"""What needs a package index or an environment of its own, where it is run, and what shows it there."""
TARGETS = {
    "run": {"scripts.embedded"},
    "import": {"scripts.embedded"},
    "admin": {"scripts.embedded"},
    "upgrade": {"scripts.embedded"},
    "backup": {"scripts.embedded"},
    "restore": {"scripts.embedded"},
    "test": {"slipcover"},
    "test-slow": {"pytest"},
    "check": {"devtools.lock"},
    "lock": {"devtools.lock"},
    "bench": {"bench.compare"},
    "bench-growth": {"bench.growth"},
    "bench-access": {"bench.access"},
    "bench-pool": {"bench.pool"},
    "bench-worst": {"bench.worst"},
    "bench-hostile": {"bench.hostile"},
    "bench-faults": {"bench.faults"},
    "bench-soak": {"bench.soak"},
    "bench-feed": {"bench.feed"},
    "bench-transfer": {"bench.transfer"},
    "format": set(),
    "clean": set(),
    "help": set(),
}
"""The targets of the Makefile, and the modules that each runs."""

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
            [sys.executable, "-m", module, *BENCHMARKS[module], "--report", tmp_path / "report.md"],
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
        said = subprocess.run(  # noqa: S603
            ["make", "--dry-run", target, "FILE=books.csv", "WHO=alice"],  # noqa: S607
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        run = set(re.findall(r"python -m ([\w.]+)", said))
        assert TARGETS[target] <= run
        assert run <= {*SCRIPTS, *BENCHMARKS, *SERVING, *ELSEWHERE, "pytest", "slipcover"}

    def test_ci_runs_every_file_of_its_own(self) -> None:
        [run] = [file for file in (ROOT / ".ci").iterdir() if file.name == "run"]
        others = [file.name for file in (ROOT / ".ci").iterdir() if file != run]
        assert [name for name in others if f".ci/{name}" not in run.read_text()] == []
