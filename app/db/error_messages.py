"""Messages of database errors, without the values that PostgreSQL quotes in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from sqlalchemy.engine import ExceptionContext


def forget_values(context: ExceptionContext) -> None:
    """Listener for an engine's "handle_error" event: reduce the message to its first part.

    Where a constraint fails, the details that follow have the whole row ("Failing row contains (1, alice, …)"), with
    personal data and hashes of passwords. `hide_parameters` of SQLAlchemy does not affect them.
    """
    original, wrapper = context.original_exception, context.sqlalchemy_exception
    primary = original.diag.message_primary if isinstance(original, psycopg.Error) else None
    if primary is None:  # not an error of a statement
        return
    if wrapper is not None:
        wrapper.args = (str(wrapper.args[0]).replace(str(original), primary), *wrapper.args[1:])
    original.args = (primary,)
