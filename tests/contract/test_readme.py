"""The README is true: each of its commands is run, here or by CI, and each response that it shows is received."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from app.database import Database
from devtools.databases import ROOT, settings_for
from devtools.serving import migrated
from scripts.load_demo import load
from tests.contract.readme import Exchange, calls_the_service, commands, exchanges, shell_blocks
from tests.support.serving import Served, serving

if TYPE_CHECKING:
    from collections.abc import Iterator

ADDRESS = "http://localhost:5000"
RUN_BY = {
    "make run": (".ci/walkthrough", "serve make run"),
    "make test": (".ci/run", "make test"),
    "make check": (".ci/run", "make check"),
    "make import FILE=books.csv": (".ci/walkthrough", "make import FILE="),
    "make admin WHO=alice": (".ci/walkthrough", "make admin WHO="),
    "python -m venv venv": ("devtools/venv.sh", "-m venv "),
    "source venv/bin/activate": (".ci/walkthrough", "source .venv/bin/activate"),
    "pip install -r requirements.txt": (".ci/run", "python -m devtools.pip_proof"),
    "pip install -r requirements-prod.txt": (".ci/run", "python -m devtools.pip_proof"),
    "alembic upgrade head": (".ci/walkthrough", "alembic upgrade head"),
    "python run.py": (".ci/walkthrough", "serve python run.py"),
    "python -m scripts.import_books books.csv": (".ci/walkthrough", "python -m scripts.import_books"),
    "python -m scripts.export_books --authors -o catalogue.jsonl.gz": (
        ".ci/walkthrough",
        "scripts.export_books --authors -o",
    ),
    "python -m scripts.create_admin alice": (".ci/walkthrough", "python -m scripts.create_admin"),
    "python -m pytest tests/ -v": ("Makefile", "python -m pytest tests/ -v"),
    "python -m scripts.cleanup_after_loadtest": (".ci/walkthrough", "python -m scripts.cleanup_after_loadtest"),
    "locust -f locustfile.py --headless -u 100 -r 20 -t 5m -H http://localhost:5000": (
        ".ci/walkthrough",
        "locust -f locustfile.py --headless",
    ),
    # CI has no Docker: what the file must say is held by tests of the file, not by running it.
    "docker-compose up -d": ("docker-compose.yml", "postgres"),
    'echo "POSTGRES_PASSWORD=$(openssl rand -hex 24)" >> .env': ("docker-compose.full.yml", "POSTGRES_PASSWORD:?"),
    "docker-compose -f docker-compose.full.yml up -d": ("docker-compose.full.yml", "proxy:"),
    "docker-compose -f docker-compose.full.yml exec api python -m scripts.create_admin alice": (
        "docker-compose.full.yml",
        "api:",
    ),
}
"""For every command the file that runs it, and what there shows it."""
DIFFERS = {"created_at", "updated_at", "request_id"}
"""What is another each time."""

pytestmark = pytest.mark.skipif(
    not (shutil.which("curl") and shutil.which("bash")), reason="the README's requests are made with curl"
)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The service as `make run` starts it, with the demo catalogue."""
    folder = tmp_path_factory.mktemp("readme")
    url = migrated(f"sqlite:///{folder}/books.db")
    database = Database.of(settings_for(url))
    load(database)
    database.engine.dispose()
    with serving(url, folder, rate_limit_enabled=True) as served:
        yield served


def typed(script: str, served: Served) -> str:
    """What a shell says to this script, when the service is at another address; a request that fails ends it."""
    done = subprocess.run(  # noqa: S603  (our own README)
        [shutil.which("bash") or "bash", "-eu", "-o", "pipefail", "-c", script.replace(ADDRESS, served.base)],
        env={"PATH": os.environ["PATH"], "NO_PROXY": "*"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.replace(served.base, ADDRESS)


def lasting(document: Any) -> Any:
    """A document without what is another each time."""
    if isinstance(document, dict):
        return {name: lasting(value) for name, value in document.items() if name not in DIFFERS}
    return [lasting(entry) for entry in document] if isinstance(document, list) else document


class TestCommand:
    @pytest.mark.parametrize(
        "command",
        [command for block in shell_blocks() if not calls_the_service(block) for command in commands(block)],
    )
    def test_is_run_in_a_test_or_in_ci(self, command: str) -> None:
        file, shown = RUN_BY[command]
        assert shown in (ROOT / file).read_text()

    @pytest.mark.parametrize("block", [block for block in shell_blocks() if calls_the_service(block)])
    def test_calls_the_service_with_success(self, block: str, demo: Served) -> None:
        failing_loudly = 'curl() { command curl --fail-with-body --silent --show-error "$@"; }\n'
        assert '"status": "success"' in typed(failing_loudly + block, demo).replace('":"', '": "')


class TestExchange:
    def test_stands_on_the_first_screen(self) -> None:
        first_screen = "\n".join((ROOT / "README.md").read_text().splitlines()[:40])
        assert exchanges()[0].command in first_screen

    @pytest.mark.parametrize("exchange", exchanges(), ids=lambda exchange: exchange.command)
    def test_is_real(self, exchange: Exchange, demo: Served) -> None:
        answered = Exchange(exchange.command, typed(exchange.command, demo).replace("\r\n", "\n").strip())
        assert lasting(answered.body) == lasting(exchange.body)
        assert json.dumps(lasting(answered.body)) == json.dumps(lasting(exchange.body)), "another order of fields"

    @pytest.mark.parametrize(
        "exchange", [shown for shown in exchanges() if " -i " in shown.command], ids=lambda exchange: exchange.command
    )
    def test_shows_headers_that_are_sent(self, exchange: Exchange, demo: Served) -> None:
        shown = {line.partition(":")[0].lower() for line in exchange.answer.partition("\n\n")[0].splitlines()}
        sent = {line.partition(":")[0].lower() for line in typed(exchange.command, demo).splitlines()}
        assert shown <= sent
