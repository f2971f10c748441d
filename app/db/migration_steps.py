"""Migrations in steps that are committed one by one, and continue where they stopped.

What one step does is atomic: its changes and the note that it is done are in the same transaction. A filling of rows is
committed slice by slice, each with the id of its last row. On a database without rows the whole migration is one
transaction, and so is every downgrade.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic import op

from app.db.migration_report import Meter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection

PROGRESS = sa.Table(
    "migration_progress",
    sa.MetaData(),
    sa.Column("step", sa.String(200), primary_key=True),
    sa.Column("last_id", sa.BigInteger, nullable=False),
)
"""The steps that are done, and the slices. The table exists only until the migration is complete."""
DONE = -1
COMMITS = "migration_commits"
"""In the connection's `info`: what commits a step, if steps are committed one by one."""
STEP = "migration_step"
"""In the connection's `info`: the name of the step that runs."""
ROWS_AT_ONCE = 1_000


def run_steps(revision: str, steps: Mapping[str, Callable[[], None]]) -> None:
    """Run the steps that no earlier run has finished, in order, and commit each of them.

    Args:
        revision: that of the migration.
        steps: by a name that is shown to operators, such as "fill sort keys".
    """
    connection = op.get_bind()
    if op.get_context().as_sql or COMMITS not in connection.info:
        for step in steps.values():
            step()
        return
    PROGRESS.create(connection, checkfirst=True)
    for name, step in steps.items():
        full_name = f"{revision}: {name}"
        if _last_id(connection, full_name) == DONE:
            continue
        connection.info[STEP] = full_name
        try:
            step()
        finally:
            del connection.info[STEP]
        _note(connection, full_name, DONE)
        connection.info[COMMITS]()


def in_slices(query: str, table: str, at_once: int = ROWS_AT_ONCE) -> Iterator[Sequence[sa.Row[Any]]]:
    """The rows of a query by id, a slice at a time. Within `run_steps`, each slice is committed after its use.

    A step that fills rows does nothing else: what it did before would be committed with the first slice, and repeated
    by the next run.

    With `--sql` rows are unknown: the output is for an empty database, and NOT NULL makes it fail on any other.

    Args:
        query: it has the column `id`, and no WHERE.
        table: whose rows they are: one query for each table in a step.
        at_once: the rows of a slice.
    """
    if op.get_context().as_sql:
        return
    connection = op.get_bind()
    step = connection.info.get(STEP)
    place = f"{step}: {table}"
    last = _last_id(connection, place) if step else 0
    what = step if step and step.endswith(table) else f"{step or 'rows'} of {table}"
    meter = Meter(what, *_counts(connection, table, last))
    some = sa.text(f"{query} WHERE id > :last ORDER BY id LIMIT {at_once}")
    while rows := connection.execute(some, {"last": last}).all():
        yield rows
        last = rows[-1].id
        if step:
            _note(connection, place, last)
            connection.info[COMMITS]()
        meter.add(len(rows))


def was_interrupted(connection: Connection) -> bool:
    """Whether a migration ended half-way."""
    return sa.inspect(connection).has_table(PROGRESS.name)


def forget_steps(connection: Connection) -> None:
    """Delete the progress: the migration is complete."""
    PROGRESS.drop(connection, checkfirst=True)


def _last_id(connection: Connection, step: str) -> int:
    return connection.scalar(sa.select(PROGRESS.c.last_id).where(PROGRESS.c.step == step)) or 0


def _note(connection: Connection, step: str, last_id: int) -> None:
    changed = connection.execute(sa.update(PROGRESS).where(PROGRESS.c.step == step).values(last_id=last_id))
    if not changed.rowcount:
        connection.execute(sa.insert(PROGRESS).values(step=step, last_id=last_id))


def _counts(connection: Connection, table: str, last: int) -> tuple[int, int]:
    """How many rows there are, and how many of them are done."""
    counted = f"SELECT count(*), count(*) FILTER (WHERE id <= {last}) FROM {table}"  # noqa: S608  (our own names)
    total, done = connection.exec_driver_sql(counted).one()
    return total, done
