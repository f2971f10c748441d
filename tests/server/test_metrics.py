"""The metrics of a running service with two workers agree with what its clients saw, whatever happens to a worker."""

from __future__ import annotations

import socket
import subprocess
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

import httpx
import psutil  # type: ignore[import-untyped]
import pytest
from prometheus_client.parser import text_string_to_metric_families

from devtools.databases import fresh_url
from devtools.polling import wait_until
from devtools.postgres import free_port
from devtools.serving import environment, migrated, start
from tests.monitoring.exported import NAMES
from tests.support.serving import WITHOUT_TLS, Served, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

REQUESTS = 60
PATHS = {"/books": "/books", "/books/7": "/books/{book_id}", "/authors": "/authors", "/no/such/path": "unknown"}
"""Paths, and the routes as which they are counted."""
REPLACED_WITHIN = 60
"""Seconds: a replacement imports the whole application, on a machine that may be busy."""

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture(scope="module")
def measured(kind: str, server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, str]]:
    """A service with two workers, and the address of its metrics."""
    folder, port = tmp_path_factory.mktemp("measured"), free_port()
    with (
        fresh_url(kind, server_url, folder) as url,
        serving(migrated(url), folder, workers=2, metrics_port=port, rate_limit_enabled=True) as served,
    ):
        yield served, f"http://127.0.0.1:{port}/metrics"


def scraped(address: str) -> Samples:
    """All samples."""
    text = httpx.get(address, trust_env=False, verify=WITHOUT_TLS).raise_for_status().text
    families = text_string_to_metric_families(text)
    return {(one.name, frozenset(one.labels.items())): one.value for family in families for one in family.samples}


def value(samples: Samples, name: str, **labels: str) -> float:
    """The sum of the samples that have these labels."""
    wanted = set(labels.items())
    return sum(number for (found, having), number in samples.items() if found == name and wanted <= having)


def request_all(base: str) -> Counter[tuple[str, str]]:
    """Make requests on connections of their own, so that both workers get some. Returns: their routes and statuses."""
    paths = [path for path in PATHS for _ in range(REQUESTS // len(PATHS))]
    with ThreadPoolExecutor(4) as threads:
        statuses = threads.map(
            lambda path: httpx.get(base + path, trust_env=False, verify=WITHOUT_TLS).status_code, paths
        )
        return Counter((PATHS[path], str(status)) for path, status in zip(paths, statuses, strict=True))


def counted(samples: Samples) -> Counter[tuple[str, str]]:
    """The counts of the requests that `request_all` makes."""
    found = (
        (dict(labels), number) for (name, labels), number in samples.items() if name == "books_http_requests_total"
    )
    return Counter(
        {(one["route"], one["status"]): int(number) for one, number in found if one["route"] in PATHS.values()}
    )


class TestScrape:
    def test_agrees_with_the_clients(self, measured: tuple[Served, str]) -> None:
        served, address = measured
        before = scraped(address)
        made = request_all(served.base)
        after = scraped(address)
        assert counted(after) - counted(before) == made
        name = "books_http_request_duration_seconds_count"
        for route in PATHS.values():
            number = sum(count for (of, _), count in made.items() if of == route)
            assert value(after, name, route=route) - value(before, name, route=route) == number

    def test_is_what_promtool_accepts_and_the_manual_describes(self, measured: tuple[Served, str]) -> None:
        _, address = measured
        wait_until(lambda: value(scraped(address), "books_database_up") == 1)
        text = httpx.get(address, trust_env=False, verify=WITHOUT_TLS).text
        command = ["promtool", "check", "metrics"]
        checked = subprocess.run(command, input=text, text=True, capture_output=True, check=False)  # noqa: S603  (our own command)
        assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")
        assert {name for name, _ in scraped(address)} <= NAMES

    def test_has_the_size_of_the_catalogue(self, measured: tuple[Served, str]) -> None:
        _, address = measured
        wait_until(lambda: value(scraped(address), "books_database_bytes", part="data") > 100_000)
        assert {dict(labels)["table"] for name, labels in scraped(address) if name == "books_rows"} >= {
            "books",
            "users",
        }

    def test_has_the_limits_of_both_workers(self, measured: tuple[Served, str]) -> None:
        _, address = measured
        wait_until(lambda: value(scraped(address), "books_hashing_requests_limit") == 256)
        assert value(scraped(address), "books_db_connections_limit", kind="books") == 8

    def test_counts_failed_logins_and_the_limit_that_they_hit(self, measured: tuple[Served, str]) -> None:
        served, address = measured
        before = scraped(address)
        with served.client() as client:
            replies = [client.post("/auth/login", json={"username": "alice", "password": "x"}) for _ in range(12)]
        statuses = Counter(reply.status_code for reply in replies)
        assert set(statuses) == {401, 429}
        after = scraped(address)

        def increase(name: str, **labels: str) -> float:
            return value(after, name, **labels) - value(before, name, **labels)

        assert increase("books_problems_total", code="bad_credentials") == statuses[401]
        assert increase("books_audit_events_total", event="sign_in_failed") == statuses[401]
        assert increase("books_hashing_wait_seconds_count") == statuses[401]
        assert increase("books_rate_limited_total") == statuses[429]

    def test_counts_what_is_refused_before_a_route_is_found(self, measured: tuple[Served, str]) -> None:
        served, address = measured
        before = scraped(address)
        large = httpx.post(f"{served.base}/auth/login", content=b"x" * 2_000_000, trust_env=False, verify=WITHOUT_TLS)
        strange = httpx.request("BREW", f"{served.base}/books", trust_env=False, verify=WITHOUT_TLS)
        assert (large.status_code, strange.status_code) == (413, 405)
        after = scraped(address)
        for labels in ({"route": "/auth/login", "status": "413"}, {"method": "other", "status": "405"}):
            name = "books_http_requests_total"
            assert value(after, name, **labels) == value(before, name, **labels) + 1

    def test_is_answered_while_no_worker_runs(self, measured: tuple[Served, str]) -> None:
        served, address = measured
        workers = psutil.Process(served.process.pid).children()
        for worker in workers:
            worker.suspend()
        try:
            assert value(scraped(address), "books_workers") == 2
        finally:
            for worker in workers:
                worker.resume()

    def test_is_not_on_the_port_of_the_service(self, measured: tuple[Served, str]) -> None:
        served, _ = measured
        response = httpx.get(f"{served.base}/metrics", trust_env=False, verify=WITHOUT_TLS)
        assert (response.status_code, "books_" in response.text) == (404, False)


@pytest.mark.slow
class TestKilledWorker:
    def test_leaves_its_counts(self, measured: tuple[Served, str]) -> None:
        served, address = measured
        request_all(served.base)
        before, deaths = counted(scraped(address)), value(scraped(address), "books_worker_deaths_total")
        killed = psutil.Process(served.process.pid).children()[0]
        killed.kill()
        wait_until(lambda: value(scraped(address), "books_worker_deaths_total") == deaths + 1)
        assert counted(scraped(address)) == before
        wait_until(lambda: _starts_over(address, killed), within=REPLACED_WITHIN)
        made = _request_all_patiently(served.base)
        assert counted(scraped(address)) == before + made
        assert value(scraped(address), "books_db_connections_limit", kind="books") == 8


def _starts_over(address: str, killed: psutil.Process) -> bool:
    samples = scraped(address)
    return (
        not killed.is_running()
        and value(samples, "books_workers") == 2
        and value(samples, "books_hashing_requests_limit") == 256
    )


def _request_all_patiently(base: str) -> Counter[tuple[str, str]]:
    """As `request_all`, once the replacement accepts connections."""
    with suppress(httpx.TransportError):
        return request_all(base)
    return request_all(base)


class TestSettings:
    def test_there_is_no_other_port_by_default(self, served: Served) -> None:
        processes = [psutil.Process(served.process.pid), *psutil.Process(served.process.pid).children()]
        ports = {one.laddr.port for process in processes for one in process.net_connections("inet") if not one.raddr}
        assert ports == {int(served.base.rpartition(":")[2])}

    @pytest.mark.parametrize(
        ("settings", "message"),
        [
            ({"port": "{free}", "metrics_port": "{free}"}, "METRICS_PORT must differ from PORT"),
            ({"metrics_port": "{taken}"}, "(METRICS_HOST, METRICS_PORT): Address already in use"),
        ],
        ids=["the port of the service", "a port in use"],
    )
    def test_unusable_ones_are_named(self, tmp_path: Path, settings: dict[str, str], message: str) -> None:
        free = free_port()
        with socket.create_server(("127.0.0.1", 0)) as taken:
            values = {name: text.format(free=free, taken=taken.getsockname()[1]) for name, text in settings.items()}
            url = migrated(f"sqlite:///{tmp_path}/books.db")
            process = start(tmp_path, environment(url, tmp_path, **({"port": free_port()} | values)))
            assert process.wait(60) == 1
        assert message in (tmp_path / "stderr").read_text()
