"""Components shared within the OpenAPI document: parameters, headers and failures.

Repeated in every operation, they took up 432 kB of it.
"""

from __future__ import annotations

import re
from collections import Counter
from http import HTTPStatus
from typing import TYPE_CHECKING

from app.web.media_types import PROBLEM
from app.web.openapi_headers import REPLAYED
from app.web.openapi_schemas import responses_of

if TYPE_CHECKING:
    from app.web.openapi_headers import Document

COMPONENT = "x-component"
"""The key of the name of a header's component, where it is not that of the header."""
CODES = "codes"
"""The key under which a response keeps the messages of its problems by code, until `share` describes them."""


def share(document: Document) -> None:
    """Move shared parts into the components."""
    components = document["components"]
    for kind in ("parameters", "headers", "responses"):
        components[kind] = {}
    for response in responses_of(document):
        if headers := response.pop("headers", None):
            response["headers"] = {name: _shared_header(components, name, header) for name, header in headers.items()}
    _share_responses(document)
    _share_parameters(document)


def _share_responses(document: Document) -> None:
    """Name a failure after its codes, or after its status if it is the most common one of that status."""
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    places = [
        (operation["responses"], status, response, _describe_failure(response))
        for operation in operations
        for status, response in operation["responses"].items()
    ]
    often = Counter((status, codes) for _, status, _, codes in places if codes)
    usual = {status: codes for (status, codes), _ in reversed(often.most_common())}
    every = [response for _, _, response, _ in places]
    for responses, status, response, codes in places:
        if codes or every.count(response) > 1:
            words = codes or response["description"].partition(".")[0]
            name = _name(HTTPStatus(int(status)).phrase if codes and codes == usual[status] else words)
            if REPLAYED in response.get("headers", {}):
                name += "Replayed"  # the same failure elsewhere has no such header
            responses[status] = _shared(document["components"], "responses", name, response)


def _describe_failure(response: Document) -> str:
    """Describe the problems of a failure by code. Returns: the codes; empty if the response is no failure."""
    problem = response.get("content", {}).get(PROBLEM)
    if problem is None:
        return ""
    messages = sorted(problem.pop(CODES).items())
    words = [f"`{code}`: {message}" for code, message in messages]
    response["description"] = words[0] if len(words) == 1 else "\n".join(f"- {word}" for word in words)
    return " ".join(code for code, _ in messages)


def _name(words: str) -> str:
    return re.sub(r"[^A-Za-z]", "", words.replace("_", " ").title())


def _share_parameters(document: Document) -> None:
    """Share the parameters that several operations have."""
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    every = [parameter for operation in operations for parameter in operation["parameters"]]
    for operation in operations:
        operation["parameters"] = [
            _shared(document["components"], "parameters", parameter["name"], parameter)
            if every.count(parameter) > 1
            else parameter
            for parameter in operation["parameters"]
        ]


def _shared_header(components: Document, name: str, header: Document) -> Document:
    what = {key: value for key, value in header.items() if key != COMPONENT}
    return _shared(components, "headers", header.get(COMPONENT, name), what)


def _shared(components: Document, kind: str, name: str, what: Document) -> Document:
    """A reference to the component of that name; a part that differs from that component stays inline."""
    if components[kind].setdefault(name, what) != what:
        return what
    return {"$ref": f"#/components/{kind}/{name}"}
