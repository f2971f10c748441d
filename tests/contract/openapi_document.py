"""The OpenAPI document: its operations, its schemas, and what refers to what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.main import app

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVED = app.test_client().get("/openapi.json")
DOCUMENT: dict[str, Any] = SERVED.get_json()
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
OPERATIONS = {operation["operationId"]: operation for path in DOCUMENT["paths"].values() for operation in path.values()}


def subschemas(schema: dict[str, Any], where: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """A schema and all within it, each by where it stands. Examples are none."""
    yield where, schema
    for name, field in schema.get("properties", {}).items():
        yield from subschemas(field, f"{where}/{name}")
    if isinstance(schema.get("items"), dict):
        yield from subschemas(schema["items"], f"{where}[]")
    for keyword in ("anyOf", "oneOf", "allOf"):
        for part in schema.get(keyword, ()):
            yield from subschemas(part, where)


def body_schemas(message: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The schemas of a request or a response."""
    if "$ref" in message:
        message = DOCUMENT["components"]["responses"][message["$ref"].rpartition("/")[2]]
    yield from (media["schema"] for media in message.get("content", {}).values())


def request_schemas() -> Iterator[dict[str, Any]]:
    """The schemas of all requests."""
    for operation in OPERATIONS.values():
        yield from body_schemas(operation.get("requestBody", {}))


def response_schemas() -> Iterator[dict[str, Any]]:
    """The schemas of all responses."""
    for operation in OPERATIONS.values():
        for response in operation["responses"].values():
            yield from body_schemas(response)


def referenced(roots: Iterator[dict[str, Any]]) -> set[str]:
    """The names of all schemas to which these refer, directly or through others."""
    names: set[str] = set()
    waiting = list(roots)
    while waiting:
        for _, schema in subschemas(waiting.pop()):
            name = schema.get("$ref", "").rpartition("/")[2]
            if name and name not in names:
                names.add(name)
                waiting.append(SCHEMAS[name])
    return names


def parameters(operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The parameters of an operation, without references."""
    for parameter in operation["parameters"]:
        name = parameter.get("$ref", "").rpartition("/")[2]
        yield DOCUMENT["components"]["parameters"][name] if name else parameter
