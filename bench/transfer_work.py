"""Imports and exports in processes of their own, whose memory is measured, a part at a time."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Literal

from app.database import Database
from app.queries.exports import exported
from app.schemas.lists import BookSearch
from app.services.imports.importer import Importer, operators_transactions
from app.transfer.formats import FORMATS
from devtools.databases import settings_for
from scripts.console import many_records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from multiprocessing.connection import Connection

    from app.services.imports.reports import Report

FEWEST_CREATED = 0.98
"""The share of new books: a seeded catalogue has a few that are equal in title, author and year, without an ISBN."""
SPAWN = get_context("spawn")


@dataclass(frozen=True)
class Part:
    """What was done since the last one.

    Attributes:
        number: of all books so far.
        seconds: that this part took.
        memory: the most that was resident so far (VmHWM), in MB.
        is_last: whether everything is done.
    """

    number: int
    seconds: float
    memory: float
    is_last: bool = False


@dataclass
class Run:
    """An import or export: books, seconds, and the most resident memory in MB."""

    number: int = 0
    seconds: float = 0
    memory: float = 0

    @property
    def rate(self) -> float:
        """Books a second."""
        return self.number / self.seconds


@dataclass(frozen=True)
class Task:
    """A file of a format, to import into a database or to export from it.

    Attributes:
        what: is done.
        url: of the database.
        file: its path.
        form: the name of its format.
        every: books of each part.
    """

    what: Literal["import", "export"]
    url: str
    file: Path
    form: str = "jsonl"
    every: int = 50_000


class Steps:
    """Ends a part after so many books, and waits for the word to go on."""

    def __init__(self, pipe: Connection, every: int) -> None:
        self._pipe, self._every = pipe, every
        self._reported = 0
        pipe.send(None)  # everything is imported, and the time begins with the request
        pipe.recv()
        self._started = perf_counter()

    def count(self, number: int) -> None:
        """Note how many books there are so far."""
        if number - self._reported >= self._every:
            self._report(number)
            self._pipe.recv()
            self._started = perf_counter()

    def finish(self, number: int) -> None:
        """Report the last part."""
        self._report(number, is_last=True)

    def _report(self, number: int, *, is_last: bool = False) -> None:
        self._reported = number
        self._pipe.send(Part(number, perf_counter() - self._started, most_resident(), is_last))


def work(pipe: Connection, task: Task) -> None:
    """Do a task, in a process of its own."""
    database, steps = Database.of(settings_for(task.url)), Steps(pipe, task.every)
    steps.finish(_import(database, task, steps) if task.what == "import" else _export(database, task, steps))


def alternate(
    tasks: Mapping[str, Task], say: Callable[[str, Run], object] = lambda _name, _run: None
) -> dict[str, Run]:
    """Do tasks part by part in turn, so that a disturbance affects all of them.

    Args:
        tasks: by their names.
        say: called after each part.
    """
    runs = {name: Run() for name in tasks}
    with _started(tasks) as pipes:
        unfinished = dict(pipes)
        while unfinished:
            for name, pipe in list(unfinished.items()):
                pipe.send(None)
                part: Part = pipe.recv()
                run = runs[name]
                run.number, run.seconds, run.memory = part.number, run.seconds + part.seconds, part.memory
                say(name, run)
                if part.is_last:
                    del unfinished[name]
    return runs


def most_resident() -> float:
    """The most memory of this process that was resident at any time, in MB."""
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024 / 1e6


@contextmanager
def _started(tasks: Mapping[str, Task]) -> Iterator[dict[str, Connection]]:
    """A process for each task, which waits to begin."""
    pipes, processes = {}, []
    try:
        for name, task in tasks.items():
            pipe, its_end = SPAWN.Pipe()
            process = SPAWN.Process(target=work, args=(its_end, task), daemon=True)
            process.start()
            its_end.close()  # so that its death ends the pipe
            processes.append(process)
            pipe.recv()
            pipes[name] = pipe
        yield pipes
    finally:
        for pipe in pipes.values():
            pipe.close()
        for process in processes:
            process.join(60)


def _import(database: Database, task: Task, steps: Steps) -> int:
    def on_chunk(_line: int, report: Report) -> None:
        steps.count(report.total)

    importer = Importer(operators_transactions(database), f"import of {task.file.name}", on_chunk=on_chunk)
    with task.file.open("rb") as file:
        source = FORMATS[task.form].reader(file, None, None)
        source.size  # noqa: B018  (the command shows the progress, and reads it)
        with many_records():  # as the command does
            report = importer.run(source)
    if report.refused or report.created < FEWEST_CREATED * report.total:
        msg = f"{task.file.name}: {report.created:,} of {report.total:,} books were new: {list(report.errors)[:3]}"
        raise AssertionError(msg)
    return report.total


def _export(database: Database, task: Task, steps: Steps) -> int:
    number = 0

    def count(so_far: int) -> None:
        nonlocal number
        number = so_far
        steps.count(so_far)

    with task.file.open("wb") as file:
        for part in exported(database.reading, BookSearch(), FORMATS[task.form], count):
            file.write(part)
    return number
