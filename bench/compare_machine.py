"""The machine and the versions of everything that is compared."""

from __future__ import annotations

import json
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

from app import __version__
from bench.compare_install import NODE, PEERS
from bench.server import described

OURS = ("flask", "granian", "psycopg", "sqlalchemy")
THEIRS = ("asyncpg", "django", "djangorestframework", "fastapi", "gunicorn", "orjson", "sqlalchemy", "uvicorn")


def described_machine(server: str) -> str:
    """The machine and its PostgreSQL."""
    return f"{_processor()}; {described(server, own=True)}"


def versions() -> str:
    """The versions of the service, its packages, and those of the peers."""
    own = ", ".join(f"{name} {version(name)}" for name in OURS)
    lines = (PEERS / "requirements.txt").read_text().splitlines()
    pinned = {
        name.partition("[")[0]: number.split()[0]
        for name, _, number in (line.partition("==") for line in reversed(lines))
        if number
    }
    return (
        f"Books API {__version__} ({own}); peers: " + ", ".join(f"{name} {pinned[name]}" for name in THEIRS) + _node()
    )


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()


def _node() -> str:
    if not (NODE / "package.json").exists():
        return ""
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout.strip()  # noqa: S607  (of the PATH)
    packages = json.loads((NODE / "package.json").read_text())["dependencies"]
    return "".join(f", {name} {number}" for name, number in packages.items()) + f" on Node.js {node}"
