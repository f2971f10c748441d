"""Sort keys without accents and punctuation, and a filter key for genres.

The keys of existing records are recomputed, some thousand records at a time. Documents and versions do not change.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import sqlalchemy as sa
from alembic import op

from app.db.migration_effects import Effects
from app.db.migration_steps import in_slices, run_steps
from app.db.migrations import changed_table
from app.domain.names import name_key
from app.domain.sort_keys import filter_key, person_key, sort_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    Rule = Callable[[str], str]

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

EFFECTS = Effects(
    "Recomputes all sort keys. Lists by title, publisher or series are slow meanwhile, or fail.",
    reads=False,
    writes=False,
    seconds={"books": 200, "authors": 60},
)

SORT_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
AT_ONCE = 5_000
KEYS: dict[str, dict[str, tuple[str, Rule]]] = {
    "authors": {"sort_key": ("sort_name", person_key)},
    "books": {
        "title_key": ("title", sort_key),
        "publisher_key": ("publisher", filter_key),
        "series_key": ("series", filter_key),
    },
}
"""By table and key: its source column, and its rule."""


def upgrade() -> None:
    """Recompute the keys, and give genres a filter key."""
    steps: dict[str, Callable[[], None]] = {
        "add a column to genres": _add_filter_key,
        "compute filter keys of genres": partial(_compute, "genres", {"filter_key": ("name", filter_key)}),
        "create an index of genres": _require_filter_key,
    }
    for table, keys in KEYS.items():
        steps |= {
            f"drop indexes of {table}": partial(_drop_indexes, table, keys),
            f"recompute sort keys of {table}": partial(_compute, table, keys),
            f"create indexes of {table}": partial(_create_indexes, table, keys),
        }
    run_steps(revision, steps)


def _add_filter_key() -> None:
    op.add_column("genres", sa.Column("filter_key", SORT_KEY))


def _require_filter_key() -> None:
    with changed_table("genres") as genres:
        genres.alter_column("filter_key", nullable=False, existing_type=SORT_KEY)
    op.create_index("ix_genres_filter_key_id", "genres", ["filter_key", "id"])


def downgrade() -> None:
    """Restore the keys of the previous version."""
    for table, keys in KEYS.items():
        _compute_without_indexes(table, {key: (source, name_key) for key, (source, _) in keys.items()})
    op.drop_index("ix_genres_filter_key_id", "genres")
    with changed_table("genres") as genres:
        genres.drop_column("filter_key")


def _compute_without_indexes(table: str, keys: Mapping[str, tuple[str, Rule]]) -> None:
    """Drop the indexes meanwhile: building an index once is cheaper than moving most of its entries."""
    _drop_indexes(table, keys)
    _compute(table, keys)
    _create_indexes(table, keys)


def _drop_indexes(table: str, keys: Iterable[str]) -> None:
    for key in keys:
        op.drop_index(f"ix_{table}_{key}_id", table)


def _create_indexes(table: str, keys: Iterable[str]) -> None:
    for key in keys:
        op.create_index(f"ix_{table}_{key}_id", table, [key, "id"])


def _compute(table: str, keys: Mapping[str, tuple[str, Rule]]) -> None:
    """Update the keys that differ."""
    update = _update(table, list(keys))
    columns = ", ".join(["id", *keys, *(source for source, _ in keys.values())])
    for rows in in_slices(f"SELECT {columns} FROM {table}", table, AT_ONCE):  # noqa: S608  (our own names)
        changed = []
        for row in rows:
            old = row._mapping  # noqa: SLF001  (SQLAlchemy's public name)
            new = {key: None if old[source] is None else rule(old[source]) for key, (source, rule) in keys.items()}
            if any(new[key] != old[key] for key in keys):
                changed.append({"row_id": row.id, **new})
        if changed and op.get_bind().dialect.name == "postgresql":
            op.get_bind().execute(update, {name: [row[name] for row in changed] for name in changed[0]})
        elif changed:
            op.get_bind().execute(update, changed)


def _update(table: str, keys: Sequence[str]) -> sa.TextClause:
    """On PostgreSQL a batch is updated by one statement with arrays: one statement per row takes four times as long."""
    if op.get_context().dialect.name == "postgresql":
        new = ", ".join(f"{key} = new.{key}" for key in keys)
        arrays = ", ".join(f"CAST(:{key} AS text[])" for key in keys)
        return sa.text(
            f"UPDATE {table} SET {new} FROM unnest(CAST(:row_id AS bigint[]), {arrays})"  # noqa: S608  (our own names)
            f" AS new (row_id, {', '.join(keys)}) WHERE {table}.id = new.row_id"
        )
    new = ", ".join(f"{key} = :{key}" for key in keys)
    return sa.text(f"UPDATE {table} SET {new} WHERE id = :row_id")  # noqa: S608  (our own names)
