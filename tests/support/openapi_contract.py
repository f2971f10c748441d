"""Checks responses against the OpenAPI document."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from jsonschema_rs import Draft202012Validator

if TYPE_CHECKING:
    import httpx

SIGN_IN = re.compile(r"/auth/oidc/(login|callback)")
UNDOCUMENTED = re.compile(
    rf"/docs|/docs/.*|/static/.*|/favicon\.ico|/reset|/join|/openapi\.json|/signed-in|{SIGN_IN.pattern}"
)
"""Pages for browsers, and the document itself."""
HEADERS_OF_HTTP = {
    "content-encoding",
    "content-type",
    "content-length",
    "vary",
    "server",
    "date",
    "connection",
    "transfer-encoding",
}
HEADERS_FOR_BROWSERS = {
    "x-content-type-options",
    "content-security-policy",
    "referrer-policy",
    "cross-origin-resource-policy",
    "strict-transport-security",
}
"""On every answer: the document says so once, in its description."""
HEADERS_EVERYWHERE = {"x-request-id", "cache-control", "ratelimit-policy", "ratelimit"}
"""Likewise, the last two where requests are limited."""
HEADERS_OF_CORS = {"access-control-allow-origin", "access-control-expose-headers"}
"""Between browsers and a service that has CORS_ORIGINS (Fetch standard, section 3.3.3)."""
JSON = {"application/json", "application/problem+json"}
"""Of other media types the document says only that there are some."""
PROBLEM = {"$ref": "#/components/schemas/Problem"}
NAMED_FREELY = {"properties", "$defs"}
"""Keywords whose members are schemas by arbitrary names."""


class OpenApiContract:
    """The OpenAPI document, as a contract that every response must keep."""

    def __init__(self, document: dict[str, Any]) -> None:
        document = spelled_out(document)
        self.document = document
        self._templates = [(_pattern(template, path), path) for template, path in document["paths"].items()]
        self._components = {"schemas": _closed(document["components"]["schemas"], of_names=True)}
        self._validators: dict[str, Draft202012Validator] = {}

    def require(self, method: str, path: str, response: httpx.Response) -> None:
        """Fail the test if the document does not allow this response."""
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        if UNDOCUMENTED.fullmatch(path) and (response.status_code < 400 or is_page):
            return
        operation = self._operation(method, path)
        where = f"{method} {path} -> {response.status_code}"
        if operation is None:
            known = {400, 404, 405} | ({401, 403, 429, 503} if SIGN_IN.fullmatch(path) else set())
            assert method in {"OPTIONS", "TRACE"} or response.status_code in known, f"{where}: not in the document"
            self._require_body(response, PROBLEM, where)
            return
        if response.status_code == 414 and not response.content:
            return  # the server says so itself, before the service: the document tells of it in its description
        promised = operation["responses"].get(str(response.status_code))
        assert promised is not None, f"{where}: a status that the document does not promise: {response.text[:300]}"
        unknown = (
            set(response.headers)
            - HEADERS_OF_HTTP
            - HEADERS_OF_CORS
            - HEADERS_FOR_BROWSERS
            - HEADERS_EVERYWHERE
            - set(map(str.lower, promised.get("headers", {})))
        )
        assert not unknown, f"{where}: headers that the document does not promise: {unknown}"
        if method == "HEAD" or response.status_code == 304 or "content" not in promised:
            assert not response.content, f"{where}: a body that the document does not promise"
            return
        media_type = response.headers["content-type"].partition(";")[0]
        if (method, path, media_type) == ("GET", "/", "text/html"):
            return
        others = self._of_other_formats() if operation["operationId"] == "getBook" else set()
        assert media_type in promised["content"].keys() | others, f"{where}: {media_type} is not promised"
        if media_type not in JSON:
            return
        schema = promised["content"][media_type]["schema"]
        if response.status_code == 200 and (fields := response.request.url.params.get("fields")):
            schema = {"type": "array", "items": self._only(schema["items"], fields.split(","))}
        self._require_body(response, schema, where)

    def _of_other_formats(self) -> set[str]:
        """The media types of a single book, which are documented in one place: generated clients see one type there."""
        success = self.document["paths"]["/books/{book_id}.{extension}"]["get"]["responses"]["200"]
        return set(success["content"])

    def _only(self, schema: dict[str, Any], fields: list[str]) -> dict[str, Any]:
        """A record of which only these fields were requested: it has these, and no others."""
        properties = self.document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]["properties"]
        return {
            "type": "object",
            "properties": {name: _closed(properties[name]) for name in fields},
            "required": sorted(set(fields)),
            "additionalProperties": False,
        }

    def _operation(self, method: str, path: str) -> dict[str, Any] | None:
        for pattern, operations in self._templates:
            if pattern.fullmatch(path):
                found: dict[str, Any] | None = operations.get("get" if method == "HEAD" else method.lower())
                return found
        return None

    def _require_body(self, response: httpx.Response, schema: dict[str, Any], where: str) -> None:
        if response.request.method in {"HEAD", "OPTIONS"}:
            return
        faults = [error.message for error in self._validator(json.dumps(schema)).iter_errors(response.json())]
        assert not faults, f"{where}: {faults}"

    def _validator(self, schema: str) -> Draft202012Validator:
        if schema not in self._validators:
            whole = {**json.loads(schema), "components": self._components}
            self._validators[schema] = Draft202012Validator(whole, validate_formats=True, ignore_unknown_formats=False)
        return self._validators[schema]


def _pattern(template: str, path: dict[str, Any]) -> re.Pattern[str]:
    """The addresses that a template stands for: an integer in it is an id, a string may be anything but a slash."""
    kinds = {
        parameter["name"]: parameter["schema"]["type"]
        for operation in path.values()
        for parameter in operation["parameters"]
        if parameter["in"] == "path"
    }

    def segment(name: re.Match[str]) -> str:
        return "[1-9][0-9]{0,18}" if kinds[name[1]] == "integer" else "[^/]+"

    return re.compile(re.sub(r"\\\{(\w+)\\\}", segment, re.escape(template)))


def spelled_out(document: dict[str, Any]) -> dict[str, Any]:
    """The document with its parameters, headers and responses where it refers to them; schemas stay references."""

    def spell(node: Any) -> Any:
        if isinstance(node, list):
            return [spell(entry) for entry in node]
        if not isinstance(node, dict):
            return node
        _, _, kind, name = [*str(node.get("$ref")).split("/"), "", "", ""][:4]
        if kind in {"parameters", "headers", "responses"}:
            return spell(document["components"][kind][name])
        return {key: spell(value) for key, value in node.items()}

    return {**document, "paths": spell(document["paths"])}


def _closed(node: Any, *, of_names: bool = False) -> Any:
    """Schemas that allow no property besides those that they name.

    In the document replies are open, so that a client stands a new field; but here a field that it does not name is one
    that is not documented.
    """
    if isinstance(node, list):
        return [_closed(entry) for entry in node]
    if not isinstance(node, dict):
        return node
    closed = {key: _closed(value, of_names=key in NAMED_FREELY and not of_names) for key, value in node.items()}
    if not of_names and isinstance(node.get("properties"), dict):
        closed["additionalProperties"] = False
    return closed
