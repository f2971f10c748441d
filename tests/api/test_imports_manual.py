"""The manual of imports is true over HTTP: its request is answered as it says."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from devtools.databases import ROOT

if TYPE_CHECKING:
    from tests.support.client import Client

MANUAL = (ROOT / "docs" / "imports.md").read_text()


def test_request(member: Client) -> None:
    [table] = re.findall(r"^```csv\n(.*?)^```$", MANUAL, re.MULTILINE | re.DOTALL)
    [command] = re.findall(r"^(curl .*?/imports\S*)$", MANUAL, re.MULTILINE | re.DOTALL)
    arguments = shlex.split(command)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}  # curl's, for a body
    headers |= dict(arguments[place + 1].split(": ", 1) for place, one in enumerate(arguments) if one == "-H")
    del headers["Authorization"]  # the member has one
    path = arguments[-1].removeprefix("http://localhost:8000")
    report = member.post(path, content=table, headers=headers).raise_for_status().json()
    assert (report["format"], report["dry_run"], report["created"]) == ("csv", True, 3)
