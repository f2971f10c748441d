"""The smallest form of every command of the project, or where it runs. test_smallest_forms.py runs them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.compare import installed

if TYPE_CHECKING:
    from collections.abc import Callable

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
    "bench.access": "--books 50 --logins 2 --rounds 1 --seconds 0.2 --clients 2 --readers 1",
    "bench.pool": "--books 400 --rounds 1 --seconds 0.2 --clients 2 --searchers 2 --sizes",
    "bench.growth": "--small 300 --books 400 --rounds 1 --calls 1 --processes 1 --every 500",
    "bench.feed": "--changes 300 --sqlite-changes 100 --kills 1 --seconds 20 --most-lag 60",
    "bench.worst": "--rounds 1",
    "bench.hostile": "--connections 2 --requests 2 --settles 0",
    "bench.faults": "--faults 'write-ahead log deleted' --loads writes --databases sqlite --kills 0",
    "bench.soak": "--databases sqlite --minutes 0.05 --every 1",
    "bench.transfer": "--books 300 --others 50 --rounds 1",
    "bench.compare": "--books 300 --rounds 1 --seconds 1 --connections 2 --processes 1",
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
