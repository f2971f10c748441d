"""What a service counted, from its `/metrics`, and where that differs from what its clients counted."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import httpx
from prometheus_client.parser import text_string_to_metric_families

if TYPE_CHECKING:
    from bench.soak_tally import Tally

Samples = Counter[tuple[str, frozenset[tuple[str, str]]]]
"""Values by the name of the series and its labels."""
REQUESTS = "books_http_requests_total"
TIMED = "books_http_request_duration_seconds_count"
PROBLEMS = "books_problems_total"
FAILURES = ("books_worker_deaths_total", "books_log_lines_dropped_total", "books_db_refused_total")
"""What should be 0 at the end."""
BUSY = ("books_http_requests_under_way", "books_db_connections_in_use", "books_db_requests_waiting")
"""What should be 0 when the clients are gone."""


def scraped(address: str) -> Samples:
    """All samples of `/metrics` at this address."""
    text = httpx.get(address, trust_env=False, timeout=60).raise_for_status().text
    families = text_string_to_metric_families(text)
    return Counter(
        {(one.name, frozenset(one.labels.items())): one.value for family in families for one in family.samples}
    )


def total(samples: Samples, name: str) -> float:
    """The sum of a series over all labels."""
    return sum(value for (found, _), value in samples.items() if found == name)


def differences(tally: Tally, before: Samples, after: Samples) -> list[str]:
    """Where the increases differ from what clients counted: requests, their histogram, and problems."""
    increase = Counter(after)
    increase.subtract(before)
    expected: Samples = Counter()
    for (route, method, status), number in tally.requests.items():
        expected[REQUESTS, _labels(route=route, method=method, status=status)] += number
        expected[TIMED, _labels(route=route, method=method)] += number
    for (code, status), number in tally.problems.items():
        expected[PROBLEMS, _labels(code=code, status=status)] += number
    counted = {key for key, value in increase.items() if value and key[0] in {REQUESTS, TIMED, PROBLEMS}}
    return [
        f"`{name}` {' '.join(sorted(value for _, value in labels))}: "
        f"{increase[name, labels]:.0f} counted, {expected[name, labels]:.0f} received"
        for name, labels in sorted(counted | expected.keys(), key=repr)
        if increase[name, labels] != expected[name, labels]
    ]


def _labels(**labels: str) -> frozenset[tuple[str, str]]:
    return frozenset(labels.items())
