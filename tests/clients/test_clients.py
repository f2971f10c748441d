"""Generated clients: they compile strictly, find typos when they compile, and run from registration to deletion."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.clients.conftest import require, run

if TYPE_CHECKING:
    from tests.support.serving import Served

pytestmark = pytest.mark.slow
PROGRAMS = Path(__file__).parent / "programs"
MARK = "misspelt"
MYPY_CONFIG = """
[mypy]
strict = true
[mypy-books_client.client]
ignore_errors = true
"""
"""The generator's own client hands *args on to httpx, whose types are stricter by now; nothing of ours is in it."""


def marked(program: Path) -> set[int]:
    """The lines of a program that have a typo."""
    lines = enumerate(program.read_text().splitlines(), 1)
    return {number for number, line in lines if re.search(rf"(#|//) {MARK}$", line)}


def blamed(output: str, program: str) -> set[int]:
    """The lines of a program in which a compiler found an error: `x.py:7: error` or `x.ts(7,3): error`."""
    return {int(number) for number in re.findall(rf"^{re.escape(program)}[:(](\d+)\D.*error", output, re.MULTILINE)}


@pytest.fixture(scope="module")
def python(workshop: Path) -> Path:
    """The folder with a client in Python."""
    generator = Path(sys.executable).with_name("openapi-python-client")
    command = ("generate", "--path", "openapi.json", "--output-path", "books_client", "--meta", "none")
    output = require(run(generator, *command, cwd=workshop))
    assert "WARNING" not in output.upper(), output
    (workshop / "mypy.ini").write_text(MYPY_CONFIG)
    return workshop


@pytest.fixture(scope="module")
def typescript(workshop: Path) -> Path:
    """The folder with two clients in TypeScript: types for openapi-fetch, and a client of hey-api's."""
    tools = workshop / "node_modules" / ".bin"
    require(run(tools / "openapi-typescript", "openapi.json", "--output", "schema.ts", cwd=workshop))
    require(run(tools / "openapi-ts", "--file", "hey-api.config.mjs", cwd=workshop))
    return workshop


def check(folder: Path, program: str) -> str:
    """What mypy says of a program and the client."""
    shutil.copy(PROGRAMS / program, folder)
    return run(sys.executable, "-m", "mypy", program, "books_client", cwd=folder).stdout


def compile_strictly(folder: Path, program: str) -> str:
    """What tsc says of a program and the client, which it turns into JavaScript."""
    shutil.copy(PROGRAMS / program, folder)
    (folder / "tsconfig.program.json").write_text(json.dumps({"extends": "./tsconfig.json", "include": [program]}))
    return run(folder / "node_modules" / ".bin" / "tsc", "-p", "tsconfig.program.json", cwd=folder).stdout


class TestPython:
    def test_walks_from_registration_to_deletion(self, python: Path, served: Served) -> None:
        assert check(python, "walk.py").startswith("Success")
        require(run(sys.executable, "walk.py", served.base, cwd=python))

    def test_finds_slips(self, python: Path) -> None:
        assert blamed(check(python, "misspelt.py"), "misspelt.py") == marked(PROGRAMS / "misspelt.py")

    def test_knows_every_reply(self, python: Path) -> None:
        """`Any` in a union of replies takes the meaning from all of it."""
        functions = [file.read_text() for file in (python / "books_client" / "api").glob("*/*.py")]
        returned = [kind for text in functions for kind in re.findall(r"\) -> ([^:]+):", text)]
        assert len(returned) > 200
        assert [
            kind for kind in returned if re.search(r"\bAny\b", kind) and not kind.startswith("dict[str, Any]")
        ] == []


class TestTypeScript:
    @pytest.mark.parametrize("program", ["walk_fetch", "walk_hey"])
    def test_walks_from_registration_to_deletion(self, typescript: Path, served: Served, program: str) -> None:
        assert compile_strictly(typescript, f"{program}.ts") == ""
        node = shutil.which("node")
        assert node
        require(run(node, f"compiled/{program}.js", served.base, cwd=typescript))

    @pytest.mark.parametrize("program", ["misspelt_fetch.ts", "misspelt_hey.ts"])
    def test_finds_slips(self, typescript: Path, program: str) -> None:
        assert blamed(compile_strictly(typescript, program), program) == marked(PROGRAMS / program)

    def test_knows_every_reply(self, typescript: Path) -> None:
        comment = re.compile(r"/\*.*?\*/", re.DOTALL)
        types = comment.sub("", (typescript / "hey" / "types.gen.ts").read_text())
        assert re.findall(r"^.*\bunknown\b.*$", types, re.MULTILINE) == []
        schema = comment.sub("", (typescript / "schema.ts").read_text())
        schema = schema.replace("[name: string]: unknown;", "")  # headers besides
        assert re.findall(r"^.*\bunknown\b.*$", schema, re.MULTILINE) == []
