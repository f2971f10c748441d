"""Faults of the log, the disk and the processes of the service: context managers, which end what they cause."""

from __future__ import annotations

import random
import resource
from contextlib import contextmanager
from time import sleep
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from collections.abc import Iterator

    from devtools.faults.pipe import LogPipe
    from devtools.faults.target import Target

BEYOND = 2**30
"""A size in bytes, larger than any file of the service."""
FULL = "BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END"


def _pipe(target: Target) -> LogPipe:
    assert target.pipe is not None  # noqa: S101  (the fault needs it)
    return target.pipe


@contextmanager
def log_unread(target: Target) -> Iterator[None]:
    """The reader of the log's pipe sleeps."""
    with _pipe(target).unread():
        yield


@contextmanager
def log_closed(target: Target) -> Iterator[None]:
    """The log's pipe has no reader."""
    with _pipe(target).closed():
        yield


@contextmanager
def log_full(target: Target) -> Iterator[None]:
    """The file of the log may not grow: it is as large as files may be, with a hole in it. Other files are smaller."""
    with target.log.open("ab") as log:
        log.truncate(BEYOND)
        with _limited(target, BEYOND):
            yield
        log.truncate(0)


@contextmanager
def disk_full(target: Target) -> Iterator[None]:
    """No file of the database can grow. For PostgreSQL a trigger reports it in place of the disk."""
    if target.kind == "sqlite":
        with _limited(target, 0):
            yield
        return
    with psycopg.connect(target.url, autocommit=True) as connection:
        connection.execute(f"CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $${FULL}$$".encode())
        connection.execute("CREATE TRIGGER fails BEFORE INSERT ON authors FOR EACH ROW EXECUTE FUNCTION fail()")
        yield
        connection.execute("DROP TRIGGER fails ON authors")
        connection.execute("DROP FUNCTION fail()")


@contextmanager
def _limited(target: Target, size: int) -> Iterator[None]:
    """No process of the service can make a file grow beyond a size in bytes (setrlimit, RLIMIT_FSIZE)."""
    workers = target.workers()
    before = [worker.rlimit(resource.RLIMIT_FSIZE) for worker in workers]
    for worker, (_, most) in zip(workers, before, strict=True):
        worker.rlimit(resource.RLIMIT_FSIZE, (size, most))
    yield
    for worker, limits in zip(workers, before, strict=True):
        worker.rlimit(resource.RLIMIT_FSIZE, limits)


@contextmanager
def worker_killed(target: Target) -> Iterator[None]:
    """SIGKILL of one worker."""
    random.choice(target.workers()).kill()  # noqa: S311  (not for secrets)
    yield


@contextmanager
def workers_killed(target: Target) -> Iterator[None]:
    """SIGKILL of both workers, half a second apart."""
    for worker in target.workers():
        worker.kill()
        sleep(0.5)
    yield


@contextmanager
def service_killed(target: Target) -> Iterator[None]:
    """SIGKILL of all processes of the service; then it is started."""
    target.kill()
    yield
    target.start()


@contextmanager
def worker_stopped(target: Target) -> Iterator[None]:
    """SIGSTOP of a worker, for good."""
    target.workers()[0].suspend()
    yield


@contextmanager
def worker_paused(target: Target) -> Iterator[None]:
    """SIGSTOP of a worker, and SIGCONT."""
    worker = target.workers()[0]
    worker.suspend()
    yield
    worker.resume()
