"""Query parameters follow one rule at every address: known, not empty, not repeated, in UTF-8."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from app.main import app
from app.web.operations import declaration_of
from tests.api.responses import faults, refusal
from tests.support.openapi_contract import spelled_out

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.client import Client

DOCUMENT: dict[str, Any] = spelled_out(app.test_client().get("/openapi.json").get_json())
PLACES = {"isbn": "9780141439587", "extension": "json", "name": "swagger-ui.css", "filename": "pages.css"}
"""What stands in an address where no id does."""
ROUTES = {
    (method, re.sub(r"<(?:\w+:)?(\w+)>", lambda place: PLACES.get(place[1], "1"), rule.rule)): rule.endpoint
    for rule in app.url_map.iter_rules()
    for method in (rule.methods or set()) - {"OPTIONS"}
    if not declaration_of(app.view_functions[rule.endpoint]).takes_any_parameters
}
"""Without those to which a provider sends browsers, with parameters of its own."""
GUARDED = {endpoint for endpoint, view in app.view_functions.items() if declaration_of(view).is_protected}
PARAMETERS = [
    (method.upper(), re.sub(r"\{\w+\}", "1", path), parameter)
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
    for parameter in operation["parameters"]
    if parameter["in"] == "query"
]
UNKNOWN = "is not a known parameter"
EMPTY = "must not be empty"
ENCODING = "must be UTF-8, percent-encoded"
NOT_UTF8 = ["%FF", "%C3", "%C0%AF", "%ED%A0%80", "%F4%90%80%80", "a%80b", "%", "%z1", "100%"]


def wrong(client: Client, method: str, address: str) -> set[tuple[str, str]]:
    """What is wrong with the query of an address; of a HEAD, what GET would say."""
    reply = client.request(method, address)
    assert reply.status_code == 400, f"{method} {address}"
    return set(faults(client.get(address) if method == "HEAD" else reply))


def of_every_route(client: Client, query: str) -> dict[tuple[str, str], set[tuple[str, str]]]:
    """What is wrong with a query everywhere."""
    return {(method, path): wrong(client, method, f"{path}?{query}") for method, path in ROUTES}


class TestUnknown:
    def test_is_named_on_every_address(self, admin: Client) -> None:
        unknown = {(name, UNKNOWN) for name in ("colour", "Colour", "")}
        found_by_route = of_every_route(admin, "colour=red&Colour&colour=blue&=1")
        assert [route for route, found in found_by_route.items() if not found >= unknown] == []

    def test_is_told_after_who_may(self, client: Client) -> None:
        statuses = {route: client.request(route[0], f"{route[1]}?colour=red").status_code for route in ROUTES}
        assert statuses == {route: 401 if endpoint in GUARDED else 400 for route, endpoint in ROUTES.items()}
        assert set(statuses.values()) == {400, 401}

    @pytest.mark.parametrize("path", ["/nothing", "/books/", "/books/0"])
    def test_at_no_address_is_a_404(self, client: Client, path: str) -> None:
        assert refusal(client.get(f"{path}?colour=red")) == (404, "not_found")

    def test_does_nothing(self, admin: Client) -> None:
        assert wrong(admin, "POST", "/auth/logout-all?everywhere=true")
        assert admin.get("/auth/me").status_code == 200

    @pytest.mark.parametrize("query", ["", "&", "&&"])
    def test_no_parameter_is_none(self, client: Client, query: str) -> None:
        assert client.get(f"/healthz?{query}").status_code == client.get(f"/books?{query}").status_code == 200


class TestEmpty:
    @pytest.mark.parametrize("value", ["", "=", "=%20", "=+%09", "=%E2%80%8B", "=%EF%BB%BF"])
    def test_is_refused_everywhere(self, admin: Client, value: str) -> None:
        found_by_route = {
            (method, path, parameter["name"]): wrong(admin, method, f"{path}?{parameter['name']}{value}")
            for method, path, parameter in PARAMETERS
        }
        assert found_by_route == {place: {(place[2], EMPTY)} for place in found_by_route}

    def test_is_refused_by_the_document(self) -> None:
        for _, path, parameter in PARAMETERS:
            schema = parameter["schema"].get("items", parameter["schema"])
            schema = DOCUMENT["components"]["schemas"].get(schema.get("$ref", "").rpartition("/")[2], schema)
            bounds = {"pattern", "enum", "const", "minimum", "minLength"} & schema.keys()
            no_text = schema.get("format") == "date-time" or schema.get("type") == "boolean"
            assert bounds or no_text, (path, parameter["name"])

    def test_beside_one_that_is_not(self, client: Client) -> None:
        assert wrong(client, "GET", "/books?genre=Fiction&genre=&q=") == {("genre", EMPTY), ("q", EMPTY)}


class TestRepeated:
    def test_is_refused_everywhere(self, admin: Client) -> None:
        once = [place for place in PARAMETERS if place[2]["schema"].get("type") != "array"]
        found_by_route = {
            (method, path, parameter["name"]): wrong(
                admin, method, f"{path}?{parameter['name']}=1&{parameter['name']}=1"
            )
            for method, path, parameter in once
        }
        assert [place for place, found in found_by_route.items() if (place[2], "must be given once") not in found] == []


class TestNotUtf8:
    @pytest.mark.parametrize("text", NOT_UTF8)
    def test_in_the_query_of_every_address(self, admin: Client, text: str) -> None:
        found_by_route = of_every_route(admin, f"q={text}")
        assert found_by_route == {route: {("q", ENCODING)} for route in ROUTES}

    def test_in_a_name(self, client: Client) -> None:
        assert wrong(client, "GET", "/books?q=a&%FF=1") == {("\ufffd", ENCODING)}

    def test_as_raw_bytes(self, through: Callable[..., Client]) -> None:
        assert wrong(through(QUERY_STRING="q=\xff"), "GET", "/books") == {("q", ENCODING)}
        assert through(QUERY_STRING="q=\xc3\xa9").get("/books").status_code == 200

    @pytest.mark.parametrize("path", ["/books/isbn/\xff", "/\xff", "/books/\xed\xa0\x80", "/docs/assets/\xc0\xaf"])
    def test_in_the_path(self, through: Callable[..., Client], path: str) -> None:
        reply = through(PATH_INFO=path).get("/")
        assert refusal(reply) == (400, "invalid_request")
        assert reply.json()["detail"] == "The path of the URL is not UTF-8."

    @pytest.mark.parametrize("query", ["q=caf%C3%A9", "q=%F0%9F%93%9A", "q=a+b", "q=a%20b", "q=%2B", "q=100%25"])
    def test_what_is(self, client: Client, query: str) -> None:
        assert client.get(f"/books?{query}").status_code == 200
