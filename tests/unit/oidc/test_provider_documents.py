"""Documents of the provider: fetched when they are old, and kept while it is unavailable."""

from __future__ import annotations

from threading import Event, Thread

import pytest

from app.errors import ProviderUnavailable
from app.oidc import provider_documents
from app.oidc.provider_documents import LIFETIME, LONGEST, PAUSE, KeptDocument


class Source:
    """A document that counts how often it is fetched, and the clock."""

    def __init__(self) -> None:
        self.now, self.fetched, self.available = 1000.0, 0, True
        self.document = KeptDocument("test", self.fetch, lambda: self.now)

    def fetch(self) -> int:
        self.fetched += 1
        if not self.available:
            raise ProviderUnavailable
        return self.fetched


@pytest.fixture
def source() -> Source:
    return Source()


class TestCurrent:
    def test_is_fetched_once_an_hour(self, source: Source) -> None:
        assert [source.document.current() for _ in range(3)] == [1, 1, 1]
        source.now += LIFETIME - 1
        assert source.document.current() == 1
        source.now += 1
        assert source.document.current() == 2

    def test_is_kept_for_a_day_while_the_provider_is_unavailable(self, source: Source) -> None:
        assert source.document.current() == 1
        source.available = False
        source.now += LONGEST
        assert source.document.current() == 1
        source.now += PAUSE + 1
        with pytest.raises(ProviderUnavailable):
            source.document.current()

    def test_an_unavailable_provider_is_not_asked_at_every_request(self, source: Source) -> None:
        source.available = False
        for _ in range(3):
            with pytest.raises(ProviderUnavailable):
                source.document.current()
        assert source.fetched == 1
        source.available = True
        source.now += PAUSE
        assert source.document.current() == 2

    def test_does_not_wait_for_a_slow_provider(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(provider_documents, "PATIENCE", 0.01)
        begun, ended = Event(), Event()

        def fetch() -> int:
            begun.set()
            assert ended.wait(10)
            return 1

        document = KeptDocument("test", fetch)
        fetching = Thread(target=document.current)
        fetching.start()
        assert begun.wait(10)
        with pytest.raises(ProviderUnavailable):
            document.current()
        ended.set()
        fetching.join()
        assert document.current() == 1


class TestLatest:
    def test_is_fetched_again_but_not_at_every_request(self, source: Source) -> None:
        assert source.document.current() == 1
        source.now += PAUSE
        assert [source.document.latest() for _ in range(3)] == [2, 2, 2]
