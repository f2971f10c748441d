"""The log: one line for each request, and no secret."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from devtools.polling import wait_until
from devtools.serving import migrated
from tests.support.factories import Factory
from tests.support.serving import serving

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.serving import Served

SECRET = "hunter2-" + uuid4().hex


def logged(served: Served, request_id: str) -> list[dict[str, Any]]:
    """The lines of one request, once there are any."""
    return wait_until(
        lambda: [entry for entry in served.logged("request") if entry.get("request_id") == request_id], within=5
    )


class TestLine:
    def test_tells_who_asked_for_what_and_what_came_of_it(self, served: Served) -> None:
        request_id = f"test-{uuid4().hex}"
        answer = served.client().get("/books?limit=3", headers={"X-Request-ID": request_id})
        assert answer.headers["X-Request-ID"] == request_id
        [line] = logged(served, request_id)
        assert {name: line[name] for name in ("method", "path", "status", "address")} == {
            "method": "GET",
            "path": "/books",
            "status": 200,
            "address": "127.0.0.1",
        }
        assert line["milliseconds"] >= 0
        assert line["timestamp"].endswith("Z")

    def test_comes_for_what_fails_too(self, served: Served) -> None:
        for method, path, status in [("GET", "/nowhere", 404), ("PATCH", "/books", 405), ("POST", "/books", 401)]:
            answer = served.client().request(method, path)
            [line] = logged(served, answer.headers["X-Request-ID"])
            assert (line["method"], line["path"], line["status"]) == (method, path, status)

    def test_stays_one_line_whatever_the_path_holds(self, served: Served) -> None:
        answer = served.client().get("/books/%0A%0D%1B%5B31m%22%7D%E2%80%A8x")
        [line] = logged(served, answer.headers["X-Request-ID"])
        assert line["status"] == 404

    def test_a_strange_request_id_is_replaced(self, served: Served) -> None:
        for strange in ["a b", "x" * 129, '{"}', "<script>"]:
            answer = served.client().get("/books", headers={"X-Request-ID": strange})
            assert answer.headers["X-Request-ID"] != strange
            assert len(logged(served, answer.headers["X-Request-ID"])) == 1


class TestAddress:
    def test_is_not_what_a_client_says(self, served: Served) -> None:
        answer = served.client().get("/books", headers={"X-Forwarded-For": "203.0.113.9"})
        assert logged(served, answer.headers["X-Request-ID"])[0]["address"] == "127.0.0.1"

    def test_is_what_a_trusted_proxy_says_on_however_many_lines(self, tmp_path: Path) -> None:
        url = migrated(f"sqlite:///{tmp_path}/books.db")
        lines = [
            ("X-Forwarded-For", "198.51.100.7"),
            ("X-Forwarded-For", "203.0.113.9"),
            ("X-Forwarded-For", "10.9.9.9"),
        ]
        with serving(url, tmp_path, trusted_proxies="127.0.0.1,10.0.0.0/8") as served:
            answer = served.client().get("/books", headers=lines)
            assert logged(served, answer.headers["X-Request-ID"])[0]["address"] == "203.0.113.9"


class TestSecrets:
    def test_never_appear(self, served: Served) -> None:
        client, username = served.client(), f"keeper-{uuid4().hex}"
        credentials = {"username": username, "password": SECRET}
        client.post("/register", json=credentials).raise_for_status()
        token = client.post("/auth/login", json=credentials).json()["access_token"]
        client.post("/auth/login", json=credentials | {"password": SECRET + "!"})
        client.post("/register", json={"username": SECRET, "password": SECRET * 3, SECRET: SECRET})
        client.post("/register", content=f'{{"password": "{SECRET}')
        client.as_bearer(token).get("/auth/me").raise_for_status()
        client.as_bearer(token + "x").get("/auth/me")
        member = client.as_bearer(token)
        Factory(client).book(member)
        last = member.get(f"/books?access_token={token}&password={SECRET}")
        logged(served, last.headers["X-Request-ID"])
        output = served.log.read_text()
        assert SECRET not in output
        assert token not in output
        assert token.rpartition(".")[2] not in output
