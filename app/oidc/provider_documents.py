"""Documents of the provider, kept for a while: its metadata, and its keys."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Generic, TypeVar

import structlog

from app.errors import ProviderUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

log = structlog.get_logger(__name__)

DocumentT = TypeVar("DocumentT")

LIFETIME = 3600.0
"""Seconds after which a document is fetched again."""
LONGEST = 24 * 3600.0
"""Seconds for which it is used while the provider is unavailable."""
PAUSE = 10.0
"""Seconds between two attempts: unknown key ids and an unavailable provider must not cause a request each."""
PATIENCE = 3.0
"""Seconds to wait for another thread that is fetching the document."""


class KeptDocument(Generic[DocumentT]):
    """A document that one thread at a time fetches, when it is needed and old."""

    def __init__(self, name: str, fetch: Callable[[], DocumentT], clock: Callable[[], float] = time.monotonic) -> None:
        """Args: fetch: fetches it, or raises `ProviderUnavailable`. clock: the time in seconds."""
        self._name, self._fetch, self._clock = name, fetch, clock
        self._kept: tuple[DocumentT, float] | None = None
        self._tried_at = -PAUSE
        self._fetching = threading.Lock()

    def current(self) -> DocumentT:
        """The document, at most an hour old if the provider is available.

        Raises:
            ProviderUnavailable: it cannot be fetched, and a former one is more than a day old.
        """
        return self._not_older_than(LIFETIME)

    def latest(self) -> DocumentT:
        """The document, fetched within the last seconds: something may have been added to it since."""
        return self._not_older_than(PAUSE)

    def _not_older_than(self, seconds: float) -> DocumentT:
        kept = self._kept
        if kept is not None and self._clock() - kept[1] < seconds:
            return kept[0]
        if not self._fetching.acquire(timeout=PATIENCE if kept is None else 0):
            return self._former()
        try:
            if self._clock() - self._tried_at < PAUSE:  # another thread has just tried
                return self._former()
            self._tried_at = self._clock()
            self._kept = self._fetch(), self._clock()
        except ProviderUnavailable as error:
            log.warning("oidc_document_unavailable", document=self._name, cause=repr(error.__cause__ or error))
        finally:
            self._fetching.release()
        return self._former()

    def _former(self) -> DocumentT:
        if self._kept is None or self._clock() - self._kept[1] > LONGEST:
            raise ProviderUnavailable
        return self._kept[0]
