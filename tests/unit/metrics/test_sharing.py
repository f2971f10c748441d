"""Values that several processes share, and the folder in which they are."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.mmap_dict import mmap_key
from prometheus_client.multiprocess import MultiProcessCollector

from app.metrics import sharing
from app.metrics.instruments import REQUEST_BUCKETS, REQUEST_SECONDS, REQUESTS, Instrument
from app.metrics.sharing import FIRST_WORKER, RECENT, RESERVED, forget_state, reserve, run_folder
from devtools.databases import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask
    from prometheus_client import Metric

COUNT = """
import sys
from pathlib import Path
from app.metrics.sharing import share
share(Path(sys.argv[1]), int(sys.argv[2]))
from app.metrics.instruments import LOG_DROPPED, HASHING_WAITING
LOG_DROPPED().inc(int(sys.argv[3]))
HASHING_WAITING().set(int(sys.argv[3]))
import os
os.kill(os.getpid(), 9)
"""


def count(folder: Path, worker: int, number: int) -> None:
    """Count so many in a process that is killed."""
    command = [sys.executable, "-c", COUNT, str(folder), str(worker), str(number)]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True)  # noqa: S603  (our own command)
    assert (done.returncode, done.stderr) == (-9, b"")


def counted(folder: Path) -> dict[str, float]:
    """The values of all processes together."""
    collector = MultiProcessCollector(CollectorRegistry(), str(folder))  # type: ignore[no-untyped-call]  # the library's
    metrics: list[Metric] = list(collector.collect())  # type: ignore[no-untyped-call]  # likewise
    return {sample.name: sample.value for metric in metrics for sample in metric.samples}


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in place of the machine's shared memory."""
    monkeypatch.setattr(sharing, "SHARED_MEMORY", tmp_path)
    return tmp_path


class TestValues:
    def test_of_all_processes_are_added(self, tmp_path: Path) -> None:
        count(tmp_path, 1, 3)
        count(tmp_path, 2, 4)
        assert counted(tmp_path) == {"books_log_lines_dropped_total": 7, "books_hashing_requests_waiting": 7}

    def test_of_a_killed_worker_are_continued_by_its_replacement(self, tmp_path: Path) -> None:
        for worker in (1, 2):
            reserve(tmp_path, worker)
            count(tmp_path, worker, 5)
        files = sorted(tmp_path.iterdir())
        forget_state(tmp_path, 1)
        assert counted(tmp_path) == {"books_log_lines_dropped_total": 10, "books_hashing_requests_waiting": 5}
        count(tmp_path, 1, 2)
        assert counted(tmp_path) == {"books_log_lines_dropped_total": 12, "books_hashing_requests_waiting": 7}
        assert sorted(tmp_path.iterdir()) == files


class TestFiles:
    def test_have_their_room_from_the_start(self, tmp_path: Path) -> None:
        reserve(tmp_path, FIRST_WORKER)
        for kind, size in RESERVED.items():
            status = (tmp_path / f"{kind}_1.db").stat()
            assert (status.st_size, status.st_blocks * 512 >= size) == (size, True)

    def test_have_room_for_all_routes(self, application: Flask) -> None:
        methods = [(rule.rule, method) for rule in application.url_map.iter_rules() for method in rule.methods or ()]
        buckets = len(REQUEST_BUCKETS) + 2  # and infinity, and the sum
        assert (
            len(methods) * buckets * _entry(REQUEST_SECONDS, *max(methods, key=_length), "0.025")
            < RESERVED["histogram"]
        )
        statuses = 10
        assert len(methods) * statuses * _entry(REQUESTS, *max(methods, key=_length), "200") < RESERVED["counter"]

    def test_are_not_mapped_without_room(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "posix_fallocate", _disk_full)
        with pytest.raises(OSError, match="full"):
            reserve(tmp_path, FIRST_WORKER)


class TestFolder:
    def test_is_private_and_removed_at_the_end(self, memory: Path) -> None:
        with run_folder() as folder:
            assert (folder.parent, folder.stat().st_mode & 0o777) == (memory, 0o700)
            (folder / "counter_1.db").touch()
        assert list(memory.iterdir()) == []

    def test_is_temporary_without_shared_memory(
        self, memory: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        elsewhere = tmp_path_factory.mktemp("elsewhere")
        monkeypatch.setattr(sharing, "SHARED_MEMORY", memory / "missing")
        monkeypatch.setattr("tempfile.tempdir", str(elsewhere))
        with run_folder() as folder:
            assert folder.parent == elsewhere

    def test_of_a_killed_run_is_removed_by_the_next(self, memory: Path) -> None:
        leftover, recent = memory / "books-api-metrics-1", memory / "books-api-metrics-2"
        other = memory / "other-1"
        for folder in (leftover, recent, other):
            folder.mkdir()
        for folder in (leftover, other):
            _make_old(folder)
        with run_folder() as folder:
            assert set(memory.iterdir()) == {recent, other, folder}

    def test_of_a_run_that_lasts_is_kept(self, memory: Path) -> None:
        with run_folder() as first:
            _make_old(first)
            with run_folder() as second:
                assert set(memory.iterdir()) == {first, second}

    def test_is_not_followed_through_a_link(self, memory: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
        target = tmp_path_factory.mktemp("target")
        (target / "file").touch()
        _make_old(target)
        (memory / "books-api-metrics-link").symlink_to(target)
        with run_folder():
            assert (target / "file").exists()


def _length(labels: tuple[str, str]) -> int:
    return len("".join(labels))


def _entry(instrument: Instrument[Any], *values: str) -> int:
    """The bytes of one value, with its key."""
    names = [*instrument.labels, "le"][: len(values)]
    return 32 + len(
        mmap_key(instrument.exported, f"{instrument.name}_bucket", names, list(values), instrument.description)
    )


def _make_old(folder: Path) -> None:
    then = folder.stat().st_mtime - 2 * RECENT
    os.utime(folder, (then, then))


def _disk_full(_file: int, _offset: int, _length: int) -> None:
    raise OSError(28, "The disk is full")
