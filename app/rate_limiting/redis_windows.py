"""Sliding windows in a Redis or Valkey. Only services that have one import this."""

from __future__ import annotations

from limits.storage import RedisStorage
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import RedisError
from redis.retry import Retry

UNAVAILABLE = (RedisError, OSError)
"""What is raised when it is."""
PATIENCE = 0.5
"""Seconds to wait for Redis: it answers in less than a millisecond, and the client waits meanwhile."""


def redis_windows(url: str) -> RedisStorage:
    """A storage of windows in the Redis of this URL."""
    return RedisStorage(
        url,
        socket_connect_timeout=PATIENCE,
        socket_timeout=PATIENCE,
        # A connection that broke while idle is opened again at once; a silent one costs one timeout, not two.
        retry=Retry(NoBackoff(), 1, supported_errors=(NoConnection,)),  # type: ignore[arg-type]  # handed to redis-py
    )
