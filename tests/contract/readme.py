"""The README as the tests read it: its blocks of commands, and its requests with their answers."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from devtools.databases import ROOT

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHELLS = {"bash", "sh", "shell"}
REQUEST = re.compile(r"^\$ (curl .*?)\n(?=[^ ])(.*?)(?=^\$ |\Z)", re.MULTILINE | re.DOTALL)
CONTINUED = re.compile(r"\s*\\\n\s*")
COMMENT = re.compile(r"\s+#.*$|^#.*$")


@dataclass(frozen=True)
class Exchange:
    """A request as it is typed, and the answer that the README shows."""

    command: str
    answer: str

    @property
    def body(self) -> Any:
        """The answer's body, below the headers if it shows them."""
        return json.loads(self.answer.rpartition("\n\n")[2])


def readme() -> str:
    """The whole text."""
    return (ROOT / "README.md").read_text()


def shell_blocks() -> list[str]:
    """The blocks of commands to type."""
    return [text for language, text in BLOCK.findall(readme()) if language in SHELLS]


def commands(block: str) -> list[str]:
    """The commands of a block, without comments; those on several lines as one."""
    lines = CONTINUED.sub(" ", block).splitlines()
    return [command for line in lines if (command := COMMENT.sub("", line).strip())]


def calls_the_service(block: str) -> bool:
    """Whether a block does nothing but call the service."""
    return all("curl " in command for command in commands(block))


def exchanges(text: str | None = None) -> list[Exchange]:
    """The requests that are shown with their answers; by default in the README."""
    blocks = BLOCK.findall(readme() if text is None else text)
    shown = "\n".join(block for language, block in blocks if language in {"console", "http"})
    return [Exchange(CONTINUED.sub(" ", command), answer.strip()) for command, answer in REQUEST.findall(shown)]
