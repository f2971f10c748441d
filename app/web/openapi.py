"""The OpenAPI document: what APIFlask generates from the routes, completed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from app import __version__
from app.domain.ids import MAX_ID
from app.errors import (
    BooksError,
    DatabaseBusy,
    DatabaseUnavailable,
    InsufficientScope,
    InvalidRequest,
    LimitsUnavailable,
    MalformedJson,
    NotAdmin,
    PathNotFound,
    PersonRequired,
    QueryTooSlow,
    TokenInvalid,
    TokenMissing,
    TooManyRequests,
)
from app.schemas.problems import Problem
from app.web.media_types import JSON, MERGE_PATCH, PROBLEM
from app.web.openapi_headers import (
    CONDITIONS,
    EVERYWHERE,
    LIMITED,
    PROBLEM_HEADERS,
    TEXT,
    Document,
)
from app.web.openapi_schemas import SCHEMAS, complete_schemas
from app.web.openapi_sharing import CODES, share
from app.web.problems import BadRequest, BodyTooLarge, InternalError, UnsupportedMediaType, status_of
from app.web.rate_limit_headers import UNLIMITED

if TYPE_CHECKING:
    from apiflask import APIFlask

BEARER = {
    "type": "http",
    "scheme": "bearer",
    "description": "The `access_token` from a login, or the `key` of an API key.",
}
ID: Document = {"type": "integer", "minimum": 1, "maximum": MAX_ID}
ETAG = {"ETag": {"description": "For `If-None-Match`; the one of a single record also for `If-Match`.", **TEXT}}
PAGE = {
    "Link": {
        "description": (
            '`rel="next"`: the next page, which may exist even after a short one; `rel="first"`: the first page. '
            "URLs are relative."
        ),
        **TEXT,
    },
    "X-Total-Count": {
        "description": "With `count=exact`: the total. `100000+` means at least 100,000: counting stopped there.",
        "schema": {"type": "string", "pattern": r"^[0-9]+\+?$"},
    },
}
CREATED = {"Location": {"description": "The URL of the new record.", **TEXT}, **ETAG}
ACCESS: dict[str, list[type[BooksError]]] = {
    "": [],
    "any": [TokenMissing, TokenInvalid],
    "write": [TokenMissing, TokenInvalid, InsufficientScope],
    "person": [TokenMissing, TokenInvalid, PersonRequired],
    "admin": [TokenMissing, TokenInvalid, PersonRequired, NotAdmin],
}
"""The errors that refuse access to an operation, by the access level that `app.auth` sets on it."""
NOT_MODIFIED: Document = {
    304: {
        "description": "Not modified. The client's copy is current; the response has no body.",
        "headers": ETAG,
        "content": {"text/plain": {"schema": {"type": "null"}}},
    }
}
"""For a response without content openapi-python-client generates `Any`, and then for all responses of the operation."""


def with_headers(headers: Document, status: int = 200) -> Document:
    """The argument of `doc(responses=…)` that adds headers to the response declared by `output`."""
    return {status: {"headers": headers}}


def problems(*errors: type[BooksError]) -> Document:
    """The argument of `doc(responses=…)` that declares the errors of a route."""
    responses: Document = {}
    for error in errors:
        status = status_of(error)
        response = responses.setdefault(
            status,
            {
                "headers": PROBLEM_HEADERS.get(status, {}),
                "content": {PROBLEM: {"schema": {"$ref": f"{SCHEMAS}Problem"}, CODES: {}}},
            },
        )
        response["content"][PROBLEM][CODES][error.code] = error.message
    return responses


def configure_openapi(app: APIFlask, description: str) -> None:
    """Configure the document that APIFlask generates, and register its completion."""
    app.config.update(
        OPENAPI_VERSION="3.1.0",
        AUTO_SERVERS=False,
        AUTO_OPERATION_ID=False,
        AUTO_404_RESPONSE=False,
        AUTO_VALIDATION_ERROR_RESPONSE=False,
        AUTO_AUTH_ERROR_RESPONSE=False,
        SECURITY_SCHEMES={"bearer": BEARER},
    )
    app.title, app.version = "Books API", __version__
    app.description = description
    app.contact = {"name": "Books API"}
    app.license = {"name": "MIT", "identifier": "MIT"}
    app.servers = [{"url": "/"}]
    app.spec_processor(cast("Any", _complete))


def _complete(document: Document) -> Document:
    components = document.setdefault("components", {})
    components.setdefault("schemas", {}).update(_schema_of_problem())
    for address, path in document["paths"].items():
        for method, operation in path.items():
            _complete_operation(operation, limited=address not in UNLIMITED, writes=method != "get")
        if "patch" in path:
            content = path["patch"]["requestBody"]["content"]
            content[MERGE_PATCH] = content[JSON]
    document = complete_schemas(document)
    share(document)
    return document


def _complete_operation(operation: Document, *, limited: bool, writes: bool) -> None:
    errors: list[type[BooksError]] = [InternalError, BadRequest, InvalidRequest]
    if "requestBody" in operation:
        operation["requestBody"]["required"] = not operation.pop("x-body-optional", False)
        errors += [MalformedJson, BodyTooLarge, UnsupportedMediaType]
    errors += ACCESS[operation.pop("x-access", "")]
    if any(parameter["in"] == "path" for parameter in operation["parameters"]):
        errors += [PathNotFound]
    if operation.pop("x-needs-database", True):
        errors += [DatabaseUnavailable, DatabaseBusy, QueryTooSlow]
    if limited:
        errors += [TooManyRequests]
    operation.setdefault("security", [])
    if (
        writes and not operation["security"]
    ):  # writes without an account are refused while the rate limiter is unavailable
        errors += [LimitsUnavailable]
    if limited and not writes:
        _complete_read(operation["responses"])
    _complete_parameters(operation["parameters"])
    _complete_responses(operation, errors)
    for status, response in operation["responses"].items():
        is_shared = status >= "4"  # with operations that are limited
        response["headers"] = response.get("headers", {}) | EVERYWHERE | (LIMITED if limited or is_shared else {})
    operation["parameters"] += [header for status, header in CONDITIONS.items() if status in operation["responses"]]


def _complete_read(responses: Document) -> None:
    """Every read except the health probes has an `ETag` and may be a 304."""
    responses["200"]["headers"] = responses["200"].get("headers", {}) | ETAG
    responses |= {str(status): response for status, response in NOT_MODIFIED.items()}


def _complete_parameters(parameters: list[Document]) -> None:
    for parameter in parameters:
        if parameter["in"] == "path":
            parameter |= {"required": True, "schema": TEXT["schema"] if parameter["name"] == "isbn" else ID}
        elif "description" in parameter["schema"]:
            parameter["description"] = parameter["schema"].pop("description")
        if not parameter.get("required"):
            parameter.pop("required", None)


def _complete_responses(operation: Document, errors: list[type[BooksError]]) -> None:
    responses = operation["responses"]
    for status, response in problems(*errors).items():
        declared = responses.setdefault(str(status), response)
        declared["content"][PROBLEM][CODES] |= response["content"][PROBLEM][CODES]
    for response in responses.values():
        response.setdefault("description", "")
        if not response.get("content"):
            response.pop("content", None)
    operation["responses"] = dict(sorted(responses.items()))


def _schema_of_problem() -> Document:
    schema = Problem.model_json_schema(ref_template=SCHEMAS + "{model}")
    return {**schema.pop("$defs"), "Problem": schema}
