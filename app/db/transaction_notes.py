"""What is noted in `Connection.info` about the transaction that is under way, and forgotten with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import event

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine


def forget_with_transaction(engine: Engine, key: str) -> None:
    """Forget what has this key when a transaction of the engine begins or is rolled back, also to a savepoint."""

    def forget(connection: Connection, *_savepoint: object) -> None:
        if not connection.invalidated:  # which has no `info`
            connection.info.pop(key, None)

    for moment in ("begin", "rollback", "rollback_savepoint"):
        event.listen(engine, moment, forget)
