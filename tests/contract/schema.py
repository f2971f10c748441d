"""What a database itself knows of its tables, in a form that can be compared."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect

if TYPE_CHECKING:
    from sqlalchemy import Engine, Inspector

OF_ALEMBIC = "alembic_version"
MADE = {
    "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "sqlite": "SELECT name, sql FROM sqlite_master"
    " WHERE sql IS NOT NULL AND (type IN ('index', 'trigger') OR sql LIKE 'CREATE VIRTUAL %')",
}
"""How that was made which an inspector sees in part or not at all: indexes of expressions, GIN, FTS5, triggers."""


def snapshot(engine: Engine) -> dict[str, Any]:
    """Everything, by its name."""
    with engine.connect() as connection:
        made = {name: _in_one_line(sql) for name, sql in connection.exec_driver_sql(MADE[engine.dialect.name])}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Skipped unsupported reflection of expression-based index")  # it is in `made`
        inspector = inspect(engine)
        tables = {table: _table(inspector, table) for table in inspector.get_table_names() if table != OF_ALEMBIC}
    return {"tables": tables, "made": {name: sql for name, sql in made.items() if OF_ALEMBIC not in name}}


def _table(inspector: Inspector, table: str) -> dict[str, Any]:
    return {
        # By name: a column that came later stands last, wherever the model has it.
        "columns": _by_name([column | {"type": repr(column["type"])} for column in inspector.get_columns(table)]),
        "primary key": inspector.get_pk_constraint(table),
        "foreign keys": _by_name(inspector.get_foreign_keys(table)),
        "uniques": _by_name(inspector.get_unique_constraints(table)),
        "checks": _by_name(inspector.get_check_constraints(table)),
        "options": inspector.get_table_options(table),
    }


def _by_name(entries: list[Any]) -> list[Any]:
    return sorted(entries, key=lambda entry: str(entry["name"]))


def _in_one_line(sql: str) -> str:
    return " ".join(sql.replace("(", " ( ").replace(")", " ) ").split())
