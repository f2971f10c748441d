"""The OpenAPI document: what is generated from the declarations of the routes, completed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.domain.ids import MAX_ID
from app.errors import (
    BooksError,
    ConfirmationRequired,
    DatabaseBusy,
    DatabaseOutdated,
    DatabaseUnavailable,
    InvalidCursor,
    InvalidRequest,
    LimitsUnavailable,
    MalformedJson,
    PathNotFound,
    QueryTooSlow,
    TooManyRequests,
    UnreadableFile,
)
from app.rate_limiting.limits import UNLIMITED
from app.schemas.problems import Problem
from app.web.http_errors import BadRequest, BodyTooLarge, InternalError, RequestTimeout, UnsupportedMediaType
from app.web.media_types import JSON, MERGE_PATCH, PROBLEM
from app.web.openapi_components import CODES, COMPONENT, share
from app.web.openapi_errors import ACCESS, KEY_ERRORS, problems
from app.web.openapi_headers import (
    CONDITIONS,
    HEADERS_OF_KEYS,
    KEY_PARAMETER,
    TEXT,
    Document,
)
from app.web.openapi_schemas import SCHEMAS, complete_schemas

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SCHEME = "bearer"
"""The name of the security scheme."""
ACCESS_LEVEL, BODY_OPTIONAL, NEEDS_DATABASE = "x-access", "x-body-optional", "x-needs-database"
NEEDS_CONFIRMATION, TAKES_KEY, TAKES_FILE = "x-needs-confirmation", "x-takes-key", "x-takes-file"
MEDIA_TYPES, IS_STREAM = "x-media-types", "x-is-stream"
"""Extensions by which `app.web.operations` passes more of a declaration to `complete`, which removes them."""
BEARER = {
    "type": "http",
    "scheme": "bearer",
    "description": "The `access_token` from a login, or the `key` of an API key.",
}
TEXTS = {"isbn", "extension"}
"""The parameters in paths that are no ids."""
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
FEED = {
    "Link": {
        COMPONENT: "LinkOfFeed",
        "description": '`rel="next"`: what follows this response, always there. The URL is relative, and what to keep.',
        **TEXT,
    }
}
EXPORTED = '[{"id": "1", "type": "book", "title": "Emma"}]'  # CSL-JSON: the only format that tools look into
DOWNLOAD = {"Content-Disposition": {"description": "A name for the file.", **TEXT}}
CREATED = {"Location": {"description": "The URL of the new record.", **TEXT}, **ETAG}
FILE: Document = {
    "description": "A file, which may be compressed with gzip.",
    "required": True,
    "content": {
        "application/octet-stream": {
            "schema": {
                "type": "string",
                "format": "binary",
                "examples": ["title,author,isbn\nEmma,Jane Austen,9780141439587\n"],
            }
        }
    },
}
NOT_MODIFIED: Document = {
    304: {
        "description": "Not modified. The client's copy is current; the response has no body.",
        "headers": ETAG,
        "content": {"text/plain": {"schema": {"type": "null"}}},
    }
}
"""For a response without content openapi-python-client generates `Any`, and then for all responses of the operation."""


def complete(document: Document) -> Document:
    """The document, with everything that follows from what the routes declare."""
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
    parameters, responses = operation["parameters"], operation["responses"]
    operation.setdefault("security", [])
    body_optional = operation.pop(BODY_OPTIONAL)
    takes_file = operation.pop(TAKES_FILE, False)
    if takes_file:
        operation["requestBody"] = FILE
    elif "requestBody" in operation:
        operation["requestBody"]["required"] = not body_optional
    if _has_pages(operation):
        responses["200"]["headers"] = PAGE
    _complete_content(responses, operation.pop(MEDIA_TYPES))
    is_stream = operation.pop(IS_STREAM)
    if limited and not writes and not is_stream:  # every other read except the probes has an `ETag` and may be a 304
        responses["200"]["headers"] = responses["200"].get("headers", {}) | ETAG
        responses |= {str(status): response for status, response in NOT_MODIFIED.items()}
    _complete_parameters(parameters)
    takes_key = operation.pop(TAKES_KEY, False)
    errors = [*_errors_of(operation, limited=limited, writes=writes), *(KEY_ERRORS if takes_key else ())]
    operation["responses"] = _with_errors(responses, errors)
    parameters += [header for status, header in CONDITIONS.items() if status in operation["responses"]]
    if takes_key:
        parameters.append(KEY_PARAMETER)
        _add_headers_of_keys(operation["responses"])


def _complete_content(responses: dict[str, Document], media_types: list[str]) -> None:
    """State the media types of a success that has others than JSON."""
    if media_types != [JSON]:
        success = next(response for status, response in responses.items() if status.startswith("2"))
        known = success.get("content", {})
        text = {"schema": {"type": "string", "examples": [EXPORTED]}}
        success["content"] = {name: known[name] if name == JSON else text for name in media_types}


def _add_headers_of_keys(responses: dict[str, Document]) -> None:
    for status, headers in HEADERS_OF_KEYS.items():
        if status in responses:
            responses[status]["headers"] = responses[status].get("headers", {}) | headers


def _has_pages(operation: Document) -> bool:
    return any(parameter["name"] == "cursor" for parameter in operation["parameters"])


def _errors_of(operation: Document, *, limited: bool, writes: bool) -> Iterator[type[BooksError]]:
    """The errors that follow from what an operation takes, and from who may call it."""
    yield from (InternalError, BadRequest, InvalidRequest)
    if "requestBody" in operation:
        yield UnreadableFile if operation["requestBody"] is FILE else MalformedJson
        yield from (RequestTimeout, BodyTooLarge, UnsupportedMediaType)
    yield from ACCESS[operation.pop(ACCESS_LEVEL, None)]
    if operation.pop(NEEDS_CONFIRMATION, False):
        yield ConfirmationRequired
    if any(parameter["in"] == "path" for parameter in operation["parameters"]):
        yield PathNotFound
    if _has_pages(operation):
        yield InvalidCursor
    if operation.pop(NEEDS_DATABASE):
        yield from (DatabaseUnavailable, DatabaseBusy, QueryTooSlow, DatabaseOutdated)
    if limited:
        yield TooManyRequests
    if writes and not operation["security"]:  # refused while the rate limiter is unavailable
        yield LimitsUnavailable


def _complete_parameters(parameters: list[Document]) -> None:
    for parameter in parameters:
        if parameter["in"] == "path":
            parameter |= {"required": True, "schema": TEXT["schema"] if parameter["name"] in TEXTS else ID}
        elif "description" in parameter["schema"]:
            parameter["description"] = parameter["schema"].pop("description")
        if not parameter.get("required"):
            parameter.pop("required", None)


def _with_errors(responses: dict[str, Document], errors: Iterable[type[BooksError]]) -> dict[str, Document]:
    for status, response in problems(*errors).items():
        declared = responses.setdefault(str(status), response)
        declared["content"][PROBLEM][CODES] |= response["content"][PROBLEM][CODES]
    for response in responses.values():
        response.setdefault("description", "")
        if not response.get("content"):
            response.pop("content", None)
    return dict(sorted(responses.items()))


def _schema_of_problem() -> Document:
    schema = Problem.model_json_schema(ref_template=SCHEMAS + "{model}")
    return {**schema.pop("$defs"), "Problem": schema}
