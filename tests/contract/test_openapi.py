"""The OpenAPI document: valid, complete, and of the same routes as the service."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import OpenAPIV31SpecValidator

from app.main import app
from tests.support.openapi_contract import spelled_out

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.openapi_contract import OpenApiContract

Node = Any
TYPES = {"array", "boolean", "integer", "null", "number", "object", "string"}
KEYWORDS = {
    *(
        "$ref",
        "additionalProperties",
        "anyOf",
        "const",
        "default",
        "description",
        "enum",
        "examples",
        "format",
        "items",
        "x-enum-varnames",
    ),
    *("maxItems", "maxLength", "maximum", "minItems", "minLength", "minProperties", "minimum", "pattern", "properties"),
    *("required", "title", "type"),
}
"""What a schema may say: JSON Schema passes over what it does not know, so a bound under another name is none."""
DOCUMENT: dict[str, Any] = app.test_client().get("/openapi.json").get_json()
WHOLE = spelled_out(DOCUMENT)
OPERATIONS = {operation["operationId"]: operation for path in WHOLE["paths"].values() for operation in path.values()}
PAGES = {
    "/auth/oidc/callback",
    "/auth/oidc/login",
    "/signed-in",
    "/docs",
    "/docs/assets/<name>",
    "/docs/errors",
    "/favicon.ico",
    "/join",
    "/openapi.json",
    "/reset",
    "/static/<path:filename>",
}
"""Pages for browsers, and the document itself."""
UNLIMITED = {"live", "ready"}
STREAMS = {"exportBooks"}
LIMITED = {"Retry-After", "RateLimit", "RateLimit-Policy"}

every_operation = pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS.keys())


def nodes(node: Node) -> Iterator[dict[str, Any]]:
    """Every object in a document."""
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from nodes(child)


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema, or the one that it refers to."""
    found: dict[str, Any] = DOCUMENT["components"]["schemas"].get(schema.get("$ref", "").rpartition("/")[2], schema)
    return found


def examples_of(media: dict[str, Any]) -> Node:
    """The examples of a body: its own, else those of its schema, or of the entries of a list."""
    if "examples" in media:
        names = [example["$ref"].rpartition("/")[2] for example in media["examples"].values()]
        return [DOCUMENT["components"]["examples"][name]["value"] for name in names]
    schema = resolved(media["schema"])
    of_entries = [[example] for example in resolved(schema.get("items", {})).get("examples", [])]
    return schema.get("examples", []) + of_entries


def bodies(operation: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The bodies of an operation's request and responses, by status and media type."""
    messages = {"request": operation.get("requestBody", {})} | operation["responses"]
    return {
        f"{name} {media_type}": media
        for name, message in messages.items()
        for media_type, media in message.get("content", {}).items()
        if name != "304"  # which has none
    }


class TestDocument:
    def test_is_valid_openapi_3_1(self) -> None:
        assert DOCUMENT["openapi"].startswith("3.1")
        assert [error.message for error in OpenAPIV31SpecValidator(DOCUMENT).iter_errors()] == []

    def test_is_the_same_on_each_database(self, contract: OpenApiContract) -> None:
        assert contract.document == WHOLE

    def test_every_reference_resolves(self) -> None:
        references = {node["$ref"] for node in nodes(DOCUMENT) if "$ref" in node}
        components = {
            f"#/components/{kind}/{name}"
            for kind, components_of_kind in DOCUMENT["components"].items()
            for name in components_of_kind
            if kind != "securitySchemes"
        }
        assert references <= components
        assert components <= references, "a component that nothing refers to"

    def test_says_nothing_that_json_schema_does_not_know(self) -> None:
        keywords = {keyword for node in nodes(DOCUMENT) if str(node.get("type")) in TYPES for keyword in node}
        assert keywords <= KEYWORDS

    def test_names_the_earliest_year(self) -> None:
        book = DOCUMENT["components"]["schemas"]["BookCreate"]
        assert book["properties"]["published_year"]["anyOf"][0]["minimum"] == -5000

    def test_has_every_route_and_no_other(self) -> None:
        rules = [rule for rule in app.url_map.iter_rules() if rule.rule not in PAGES]
        served = {
            (method.lower(), re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
            for rule in rules
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        }
        assert served == {(method, path) for path, operations in DOCUMENT["paths"].items() for method in operations}

    def test_names_its_security_scheme(self) -> None:
        used = {name for operation in OPERATIONS.values() for need in operation.get("security", []) for name in need}
        assert used == set(DOCUMENT["components"]["securitySchemes"]) == {"bearer"}


class TestOperation:
    def test_ids_differ(self) -> None:
        assert len(OPERATIONS) == sum(map(len, DOCUMENT["paths"].values()))

    @every_operation
    def test_says_in_a_sentence_what_it_does(self, operation: dict[str, Any]) -> None:
        assert re.fullmatch(r"[a-z]+([A-Z][a-z]*)*", operation["operationId"])
        assert operation["summary"]
        assert operation["description"]
        assert operation["tags"]

    @every_operation
    def test_describes_all_that_it_takes_and_gives(self, operation: dict[str, Any]) -> None:
        assert [status for status, response in operation["responses"].items() if not response["description"]] == []
        assert [parameter["name"] for parameter in operation["parameters"] if "schema" not in parameter] == []
        others = [parameter for parameter in operation["parameters"] if parameter["in"] != "path"]
        assert [parameter["name"] for parameter in others if not parameter.get("description")] == []

    @every_operation
    def test_every_body_has_an_example_that_fits_its_schema(self, operation: dict[str, Any]) -> None:
        for body, media in bodies(operation).items():
            if "json" not in body.replace("jsonl", ""):
                continue  # a text of which the document says no more
            examples = examples_of(media)
            assert examples, f"{body}: no example"
            schema = {**media["schema"], "components": DOCUMENT["components"]}
            validator = Draft202012Validator(schema, format_checker=FormatChecker())
            assert [fault.message for example in examples for fault in validator.iter_errors(example)] == [], body

    @every_operation
    def test_promises_every_failure_that_can_befall_it(self, operation: dict[str, Any]) -> None:
        promised = set(operation["responses"])
        assert "500" in promised
        assert ({"400", "413", "415"} <= promised) or "requestBody" not in operation
        assert "401" in promised or not operation.get("security")
        assert ("429" in promised) == (operation["operationId"] not in UNLIMITED)
        assert ("404" in promised) == any(parameter["in"] == "path" for parameter in operation["parameters"])

    @every_operation
    def test_names_the_headers_that_make_it_conditional(self, operation: dict[str, Any]) -> None:
        headers = {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "header"}
        by_status = {"304": "If-None-Match", "412": "If-Match", "422": "Idempotency-Key"}
        assert headers == {header for status, header in by_status.items() if status in operation["responses"]}

    @pytest.mark.parametrize(
        "operation_id",
        sorted(
            {path["get"]["operationId"] for path in DOCUMENT["paths"].values() if "get" in path} - UNLIMITED - STREAMS
        ),
    )
    def test_that_reads_has_a_tag_and_may_be_a_304(self, operation_id: str) -> None:
        responses = OPERATIONS[operation_id]["responses"]
        assert [status for status in ("200", "304") if "ETag" not in responses[status]["headers"]] == []

    @every_operation
    def test_every_failure_is_a_problem(self, operation: dict[str, Any]) -> None:
        failures = {status: response for status, response in operation["responses"].items() if status >= "400"}
        assert {tuple(response["content"]) for response in failures.values()} == {("application/problem+json",)}
        headers = {
            status: set(response["headers"]) for status, response in failures.items() if status in {"401", "429", "503"}
        }
        assert "WWW-Authenticate" in headers.get("401", {"WWW-Authenticate"})
        assert headers.get("429", LIMITED) >= LIMITED
        assert "Retry-After" in headers.get("503", {"Retry-After"})
