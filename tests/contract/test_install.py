"""`make run` and `make test` on a machine that has nothing yet: what they install, and what they say is missing."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from devtools import unpack_pip
from devtools.install import REMEDIES, explained
from tests.contract.bare_machine import BROKEN, COPYING, FAILING, OLD, REAL, WITHOUT, Machine

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine without any Python."""
    return Machine(tmp_path)


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """A machine on which everything has been installed once."""
    machine = Machine(tmp_path_factory.mktemp("ready"))
    machine.python('#!/bin/sh\nexec {real} "$@"\n')
    done = machine.make(PIP_FIND_LINKS=f"{machine.wheels} {machine.wheels}/that/is/not/there")
    assert done.returncode == 0, done.stdout + done.stderr
    machine.output = done.stdout + done.stderr
    # From here on an environment is copied: to make one takes seconds.
    template = machine.wheels.with_name("template")
    shutil.copytree(machine.project / ".venv", template, symlinks=True)
    for left in (".serving", "install.log"):
        (template / left).unlink()
    for package in template.glob("lib/python3*/site-packages/demo*"):
        shutil.rmtree(package) if package.is_dir() else package.unlink()
    machine.python(COPYING.replace("{template}", str(template)))
    return machine


class TestNoPython:
    def test_none_at_all(self, machine: Machine) -> None:
        done = machine.make()
        assert done.returncode == 2
        assert "python3 was not found, and the Books API needs Python 3.11 or newer." in done.stderr
        assert "sudo apt install python3 python3-venv" in done.stderr
        assert "make run PYTHON=" in done.stderr

    @pytest.mark.parametrize("target", ["run", "test", "check", "import"])
    def test_whatever_is_made(self, machine: Machine, target: str) -> None:
        assert "needs Python 3.11 or newer" in machine.make(target, "FILE=books.csv").stderr

    def test_too_old_a_one(self, machine: Machine) -> None:
        machine.python(OLD)
        done = machine.make()
        assert done.returncode == 2
        assert "python3 is Python 3.9.2, and the Books API needs Python 3.11 or newer." in done.stderr

    def test_one_that_does_not_run(self, machine: Machine) -> None:
        machine.python(BROKEN)
        assert "python3 does not run" in (output := machine.make().stderr)
        assert "no version is set" in output

    def test_the_one_that_is_named_is_not_there(self, machine: Machine) -> None:
        machine.python('#!/bin/sh\nexec {real} "$@"\n')
        assert "python3.99 was not found" in machine.make(".venv/.serving", "PYTHON=python3.99").stderr

    def test_a_newer_one_beside_it_is_taken(self, machine: Machine) -> None:
        machine.python(OLD)
        machine.python(FAILING.format(real=REAL, output="this one was run"), "python3.12")
        assert "this one was run" in machine.make().stderr


class TestNoEnvironment:
    @pytest.mark.parametrize("module", ["venv", "ensurepip"])
    def test_a_python_in_parts(self, machine: Machine, module: str) -> None:
        machine.python(WITHOUT.format(real=REAL, module=module))
        done = machine.make()
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        assert done.returncode == 2
        assert f"Python {version} (python3) lacks the module venv or ensurepip" in done.stderr
        assert f"sudo apt install python{version}-venv" in done.stderr
        assert not (machine.project / ".venv").exists()

    @pytest.mark.parametrize(
        ("output", "explained"),
        [
            ("Error: [Errno 13] Permission denied: '.venv'", "is not writable"),
            ("OSError: [Errno 30] Read-only file system", "is not writable"),
            ("OSError: [Errno 28] No space left on device", "The disk is full"),
            ("Error: something else", "cannot be created with python3"),
        ],
    )
    def test_a_folder_that_takes_none(self, machine: Machine, output: str, explained: str) -> None:
        machine.python(FAILING.format(real=REAL, output=output))
        done = machine.make()
        assert done.returncode == 2
        assert explained in done.stderr
        assert output in done.stderr


class TestPip:
    @pytest.mark.slow
    def test_stands_in_the_environment(self, ready: Machine) -> None:
        pip = ready.project / ".venv" / "bin" / "pip"
        output = subprocess.run([pip, "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603
        assert ".venv" in output

    def test_of_a_python_that_keeps_no_wheels_installs_itself(self, monkeypatch: pytest.MonkeyPatch) -> None:
        called = []
        monkeypatch.setattr(unpack_pip, "folders", list)
        monkeypatch.setattr("ensurepip.bootstrap", lambda: called.append("ensurepip"))
        unpack_pip.main()
        assert called == ["ensurepip"]


@pytest.mark.slow
class TestInstall:
    def test_says_what_it_does(self, ready: Machine) -> None:
        output = ready.output
        assert ready.installed()
        assert "Creating an environment for the packages in .venv" in output
        assert "Installing the packages of requirements-prod.txt (at most 1) into .venv." in output
        assert "found (1). Unpacking them." in output
        assert "Installed in " in output

    def test_what_pip_warns_of_is_in_the_log_only(self, ready: Machine) -> None:
        assert "WARNING" not in ready.output
        assert "is/not/there' is ignored" in (ready.project / ".venv" / "install.log").read_text()

    def test_what_is_installed_is_not_installed_again(self, ready: Machine) -> None:
        assert "up to date" in ready.make().stdout

    def test_an_interrupted_one_begins_again(self, ready: Machine) -> None:
        [package] = (ready.project / ".venv" / "lib").glob("python3*/site-packages/demo.py")
        package.unlink()
        (ready.project / ".venv" / ".unfinished").touch()
        (ready.project / ".venv" / ".serving").unlink()
        assert ready.make().returncode == 0
        assert ready.installed()
        assert not (ready.project / ".venv" / ".unfinished").exists()

    def test_an_environment_whose_python_has_gone_is_made_again(self, ready: Machine) -> None:
        for name in ("python", "python3"):
            (ready.project / ".venv" / "bin" / name).unlink()
        (ready.project / ".venv" / "bin" / "python").symlink_to(ready.programs / "gone")
        assert ready.make().returncode == 0
        assert ready.installed()

    @pytest.mark.parametrize(
        ("name", "settings", "says"),
        [
            ("other", {"PIP_NO_INDEX": "", "PIP_INDEX_URL": "http://127.0.0.1:9/simple"}, "could not be reached"),
            ("other", {}, "lacks a package in the locked version"),
            ("demo", {}, "differs from the locked one"),
        ],
    )
    def test_one_that_fails_says_what_to_do(
        self, ready: Machine, name: str, settings: dict[str, str], says: str
    ) -> None:
        ready.require(name, "0" * 64)
        done = ready.make(PIP_RETRIES="1", **settings)
        assert done.returncode == 2
        assert says in done.stderr
        assert "Full output of pip: .venv/install.log" in done.stderr
        assert "Traceback" not in done.stderr


class TestRemedies:
    @pytest.mark.parametrize(
        ("output", "does"),
        [
            (
                "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
                "free some space",
            ),
            ("ERROR: Could not install packages due to an OSError: [Errno 13] Permission denied: 'x'", "Is it yours"),
            ("WARNING: Retrying (Retry(total=4)) after connection broken by 'NewConnectionError(': Failed", "network"),
            ("WARNING: Retrying after 'ProxyError('Cannot connect to proxy.')': /simple/flask/", "HTTPS_PROXY"),
            ("Could not fetch URL: SSLError(SSLCertVerificationError(1, 'CERTIFICATE_VERIFY_FAILED", "PIP_CERT"),
            ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "cache purge"),
            ("ERROR: No matching distribution found for flask==3.1.3", "pip config list"),
            ("error: subprocess-exited-with-error", "PYTHON=python3.13"),
        ],
    )
    def test_each_cause_has_one(self, output: str, does: str) -> None:
        assert does in explained(output)
        assert "{" not in explained(output)

    def test_none_is_left_out_above(self) -> None:
        assert len(REMEDIES) == 7
