"""The benchmark that soaks the service fails if something grows, is lost, or is counted wrongly."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from bench.soak_metrics import PROBLEMS, REQUESTS, TIMED, differences
from bench.soak_report import Soaked, markdown
from bench.soak_samples import Sample
from bench.soak_tally import Tally

if TYPE_CHECKING:
    from bench.soak_metrics import Samples

GET = {"route": "/books/{book_id}", "method": "GET"}
MISSING = {"code": "book_not_found", "status": "404"}
MEGABYTES_AN_HOUR = 12


def counted(name: str, number: int, **labels: str) -> Samples:
    return Counter({(name, frozenset(labels.items())): number})


def received() -> Tally:
    """What clients received in 3 responses, of which one was a 404."""
    tally = Tally()
    for status, code in (("200", None), ("200", None), ("404", MISSING["code"])):
        tally.note((GET["route"], GET["method"], status), 0.01, code, expected=True)
    return tally


def metrics(found: int = 2, missing: int = 1) -> Samples:
    """What a service counts of them."""
    return (
        counted(REQUESTS, found, **GET, status="200")
        + counted(REQUESTS, missing, **GET, status="404")
        + counted(TIMED, found + missing, **GET)
        + counted(PROBLEMS, missing, **MISSING)
    )


def samples(megabytes: int = 0, descriptors: int = 0) -> list[Sample]:
    """One every ten seconds for half an hour, in which the memory grows steadily, and descriptors at last."""
    return [
        Sample(
            at=at,
            megabytes=250 + megabytes * at / 3600,
            descriptors=100 + (descriptors if at > 1500 else 0),
            connections=20,
            threads=30,
            processes=3,
        )
        for at in map(float, range(0, 1800, 10))
    ]


def failures(**changes: Any) -> dict[str, str]:
    """What fails of a run in which all is well, but for these changes."""
    usual: dict[str, Any] = {
        "kind": "sqlite",
        "seconds": 1800.0,
        "tally": received(),
        "samples": samples(),
        "before": Counter(),
        "after": metrics(),
        "unfinished": 0,
        "errors": 0,
    }
    soaked = Soaked(**(usual | changes))
    verdicts = {check.what: check.found for check in soaked.checks() if check.fails}
    assert markdown([soaked], 20).count("| **no** |") == len(verdicts)
    return verdicts


class TestCounts:
    def test_agree(self) -> None:
        assert differences(received(), Counter(), metrics()) == []

    def test_are_of_the_time_between(self) -> None:
        assert differences(received(), metrics(), metrics() + metrics()) == []

    def test_that_are_missing_are_named(self) -> None:
        [of_requests, of_times] = differences(received(), Counter(), metrics(found=1))
        assert of_requests == f"`{TIMED}` /books/{{book_id}} GET: 2 counted, 3 received"
        assert of_times == f"`{REQUESTS}` /books/{{book_id}} 200 GET: 1 counted, 2 received"

    def test_of_what_no_client_sent_are_named(self) -> None:
        after = metrics() + counted(REQUESTS, 1, route="/authors", method="GET", status="200")
        assert differences(received(), Counter(), after) == [f"`{REQUESTS}` /authors 200 GET: 1 counted, 0 received"]


class TestChecks:
    def test_hold(self) -> None:
        assert failures() == {}

    def test_find_memory_that_grows(self) -> None:
        assert failures(samples=samples(megabytes=MEGABYTES_AN_HOUR)) == {"memory, MB an hour": "+12.0"}

    def test_find_descriptors_that_stay(self) -> None:
        assert failures(samples=samples(descriptors=3)) == {"descriptors, drift": "+3"}

    def test_do_not_judge_the_growth_of_a_short_run(self) -> None:
        assert failures(samples=samples(megabytes=MEGABYTES_AN_HOUR)[:60]) == {}

    def test_find_what_no_client_should_be_told(self) -> None:
        tally = received()
        tally.note((GET["route"], "GET", "500"), 0.01, "internal_error", expected=False)
        after = metrics() + counted(REQUESTS, 1, **GET, status="500") + counted(TIMED, 1, **GET)
        after += counted(PROBLEMS, 1, code="internal_error", status="500")
        expected = {"responses with 5xx": "1", "unexpected responses": "/books/{book_id} GET 500 (1)"}
        assert failures(tally=tally, after=after) == expected

    def test_find_what_is_left(self) -> None:
        after = metrics() + counted("books_db_connections_in_use", 1, kind="writers")
        expected = {"`books_db_connections_in_use` after the last response": "1", "transactions left open": "1"}
        assert failures(after=after, unfinished=1) == expected
