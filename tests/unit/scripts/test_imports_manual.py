"""The manual of imports is true: its example is run as it is printed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from devtools.databases import ROOT
from scripts.import_books import main

if TYPE_CHECKING:
    from pathlib import Path


MANUAL = (ROOT / "docs" / "imports.md").read_text()


@pytest.mark.usefixtures("at_home")
def test_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    [table] = re.findall(r"^```csv\n(.*?)^```$", MANUAL, re.MULTILINE | re.DOTALL)
    [(command, output)] = re.findall(
        r"^```console\n\$ python -m scripts.import_books (.*?)\n(.*?)^```$", MANUAL, re.MULTILINE | re.DOTALL
    )
    monkeypatch.chdir(tmp_path)
    (tmp_path / command).write_text(table)
    with pytest.raises(SystemExit) as ended:
        main([command])
    assert (ended.value.code, capsys.readouterr().out) == (1, output)
