"""Connections to PostgreSQL that give up on a server that is silent.

A server whose machine vanished, or that is stopped, leaves a client waiting for ever: `statement_timeout` is the
server's own, and TCP notices nothing as long as the other machine's kernel acknowledges.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import event

if TYPE_CHECKING:
    from psycopg.abc import PQGen
    from sqlalchemy import Engine
    from sqlalchemy.engine.interfaces import Dialect
    from sqlalchemy.pool import ConnectionPoolEntry

T = TypeVar("T")

KEEPALIVES = {"keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3, "tcp_user_timeout": 10_000}
"""Parameters of libpq: the connection to a machine that vanished ends after some ten seconds."""


class ImpatientConnection(psycopg.Connection[Any]):
    """A connection that is closed when the server has not answered for `patience` seconds; None waits for ever."""

    patience: float | None = None

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        """Wait for the server. See `psycopg.Connection.wait`.

        Raises:
            OperationalError: the server has not answered in time.
        """
        try:
            return super().wait(gen, interval, self.patience if timeout is None else timeout)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:  # an int; it still waits for the answer
                self.pgconn.finish()
            raise


def give_up_on_silence(engine: Engine, patience: float) -> None:
    """Close connections of this engine whose server has not answered for so many seconds."""

    @event.listens_for(engine, "do_connect")
    def connect(
        _dialect: Dialect, _entry: ConnectionPoolEntry, arguments: list[Any], options: dict[str, Any]
    ) -> ImpatientConnection:
        connection = ImpatientConnection.connect(*arguments, **options)
        connection.patience = patience
        return connection
