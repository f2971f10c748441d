"""What stands once in the OpenAPI document and is referred to: parameters, headers and failures.

Spelled out in every operation they made 432 kB of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.web.media import PROBLEM
from app.web.openapi_schemas import responses_of

if TYPE_CHECKING:
    from app.web.openapi_headers import Document

CODES = "codes"
"""Where a response keeps the messages of its problems by their codes, until `share` has put them into words."""


def share(document: Document) -> None:
    """Move them into the components."""
    components = document["components"]
    for kind in ("parameters", "headers", "responses"):
        components[kind] = {}
    for response in responses_of(document):
        if headers := response.get("headers"):
            response["headers"] = {name: _shared(components, "headers", name, headers[name]) for name in headers}
    for path in document["paths"].values():
        for operation in path.values():
            operation["responses"] = {
                status: _share_failure(components, response) for status, response in operation["responses"].items()
            }
    _share_parameters(document)


def _share_failure(components: Document, response: Document) -> Document:
    """A failure is called by the codes of the problems that it may be."""
    problem = response.get("content", {}).get(PROBLEM)
    if problem is None:
        return response
    messages = sorted(problem.pop(CODES).items())
    words = [f"`{code}`: {message}" for code, message in messages]
    response["description"] = words[0] if len(words) == 1 else "\n".join(f"- {word}" for word in words)
    return _shared(components, "responses", "Or".join(_name(code) for code, _ in messages), response)


def _name(code: str) -> str:
    return code.title().replace("_", "")


def _share_parameters(document: Document) -> None:
    """Those that several operations have."""
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    every = [parameter for operation in operations for parameter in operation["parameters"]]
    for operation in operations:
        operation["parameters"] = [
            _shared(document["components"], "parameters", parameter["name"], parameter)
            if every.count(parameter) > 1
            else parameter
            for parameter in operation["parameters"]
        ]


def _shared(components: Document, kind: str, name: str, what: Document) -> Document:
    """A reference to what goes by a name; what differs from what is there under that name stays where it is."""
    if components[kind].setdefault(name, what) != what:
        return what
    return {"$ref": f"#/components/{kind}/{name}"}
