"""The seam to APIFlask: no other module knows its names, or where it stores what a route declares.

A route declares itself with `operation`; `declaration_of` tells the query rules and the tests what it declares.
Decision 18 compares this with APIFlask's own decorators.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from apiflask import APIBlueprint, APIFlask
from apiflask.scaffold import APIScaffold
from flask import current_app

from app import __version__
from app.schemas.base import Body, Query, Reply
from app.web.media_types import JSON
from app.web.openapi import (
    ACCESS_LEVEL,
    BEARER,
    BODY_OPTIONAL,
    IS_STREAM,
    MEDIA_TYPES,
    NEEDS_CONFIRMATION,
    NEEDS_DATABASE,
    SCHEME,
    TAKES_FILE,
    TAKES_KEY,
    complete,
)
from app.web.openapi_errors import Access, problems
from app.web.validation import parse_body, parse_query

if TYPE_CHECKING:
    from app.errors import BooksError
    from app.web.openapi_headers import Document

Application = APIFlask
Blueprint = APIBlueprint
View = Callable[..., Any]
"""What Flask calls for a request."""

_DECORATORS = APIScaffold()
"""Its decorators annotate a view without reference to a blueprint."""


class Declaration(NamedTuple):
    """What a route declares about its requests."""

    body: type[Body] | None
    query: type[Query] | None
    is_protected: bool
    always_public: bool = False
    takes_any_parameters: bool = False


@dataclass(frozen=True)
class Success:
    """The response of an operation that succeeds.

    Args:
        schema: of the JSON; None if there is none in JSON.
        description: of the response.
        headers: those that it has besides what every response of its kind has.
        status: of the response.
        media_types: further ones, of which the document only says that there are some.
        is_stream: whether it is sent as it is made, so that it has no tag.
    """

    schema: type[Reply | Sequence[Reply]] | None
    description: str
    headers: Document = field(default_factory=dict)
    status: int = 200
    media_types: Sequence[str] = ()
    is_stream: bool = False


def create_application(import_name: str, description: str, static_folder: str, template_folder: str) -> Application:
    """An application whose error responses and documentation pages are not APIFlask's but its own.

    Args:
        import_name: the module to whose folder the others are relative.
        description: of the service, for the OpenAPI document.
        static_folder: files that are served as they are.
        template_folder: templates of pages.
    """
    app = APIFlask(
        import_name,
        spec_path=None,
        docs_path=None,
        json_errors=False,
        static_folder=static_folder,
        template_folder=template_folder,
    )
    app.config.update(
        DEBUG=False,  # whatever FLASK_DEBUG says
        OPENAPI_VERSION="3.1.0",
        AUTO_SERVERS=False,
        AUTO_OPERATION_ID=False,
        AUTO_404_RESPONSE=False,
        AUTO_VALIDATION_ERROR_RESPONSE=False,
        AUTO_AUTH_ERROR_RESPONSE=False,
        SECURITY_SCHEMES={SCHEME: BEARER},
    )
    app.title, app.version, app.description = "Books API", __version__, description
    app.contact = {"name": "Books API"}
    app.license = {"name": "MIT", "identifier": "MIT"}
    app.servers = [{"url": "/"}]
    app.spec_processor(cast("Any", complete))
    return app


def current_document() -> Document:
    """The OpenAPI document of the current application, generated again at each call."""
    return cast("Document", cast("Application", current_app).spec)


def operation(  # noqa: PLR0913  (the parts of a declaration, named and mostly optional)
    name: str,
    success: Success,
    *,
    body: type[Body] | None = None,
    query: type[Query] | None = None,
    errors: Sequence[type[BooksError]] = (),
    needs_database: bool = True,
    always_public: bool = False,
) -> Callable[[View], View]:
    """Declare what a route takes and returns.

    The docstring of the view is its summary and description in the OpenAPI document. `app.web.openapi` adds what
    follows from the rest: the errors common to such operations, the headers of pages, the `ETag` and the 304 of a read.

    Args:
        name: the `operationId`.
        success: the response if it succeeds.
        body: the schema of the body, which the view gets as its argument `body`.
        query: the schema of the query parameters, which the view gets as its argument `query`.
        errors: the errors of its own.
        needs_database: whether it returns an error if the database is unavailable.
        always_public: whether a read needs no credentials even where only members read the catalogue.
    """
    headers = {success.status: {"headers": success.headers}} if success.headers else {}
    extensions = {
        NEEDS_DATABASE: needs_database,
        BODY_OPTIONAL: body is not None and body.may_be_absent,
        MEDIA_TYPES: ([JSON] if success.schema else []) + [*success.media_types],
        IS_STREAM: success.is_stream,
    }

    def declare(view: View) -> View:
        @wraps(view)
        def validated(**arguments: object) -> object:
            if query is not None:
                arguments["query"] = parse_query(query)
            if body is not None:
                arguments["body"] = parse_body(body)
            return view(**arguments)

        declared = _DECORATORS.output(cast("Any", success.schema or {}), success.status, success.description)(validated)
        declared = _DECORATORS.doc(
            operation_id=name, responses=cast("Any", headers | problems(*errors)), extensions=extensions
        )(declared)
        _spec(declared).update(always_public=always_public)
        if body is not None:
            _spec(declared).update(body=body, content_type=JSON)
        if query is not None:
            _spec(declared).update(args=[(query, "query")])
        return declared

    return declare


def protect(view: View, access: Access, scopes: Sequence[str] = ()) -> None:
    """Declare that a route requires credentials; `app.auth` checks them."""
    spec = dict(_spec(view))  # a copy: the view that this one wraps may be that of another application
    spec["security"] = [{SCHEME: [*scopes]}]
    spec["extensions"] = spec.get("extensions", {}) | {ACCESS_LEVEL: access}
    vars(view)["_spec"] = spec


def declare_confirmation(view: View) -> None:
    """Declare that a route requires a recent confirmation; `app.web.confirmation` checks it."""
    spec = _spec(view)
    spec["extensions"] = spec.get("extensions", {}) | {NEEDS_CONFIRMATION: True}


def declare_idempotency(view: View) -> None:
    """Declare that a route takes an `Idempotency-Key`; `app.web.idempotency` heeds it."""
    spec = _spec(view)
    spec["extensions"] = spec.get("extensions", {}) | {TAKES_KEY: True}


def declare_file(view: View) -> View:
    """Declare that the body of a route is a file of any media type; `app.web.uploads` reads it."""
    spec = _spec(view)
    spec["extensions"] = spec.get("extensions", {}) | {TAKES_FILE: True}
    return view


def undocumented(view: View) -> View:
    """Leave a route out of the OpenAPI document: a page, or a file for one."""
    _spec(view)["hide"] = True
    return view


def any_parameters(view: View) -> View:
    """Let a route have query parameters that are not declared: a provider may add some (RFC 6749, section 4.1.2)."""
    _spec(view)["any_parameters"] = True
    return view


def declaration_of(view: View) -> Declaration:
    """What a route declares; static files declare nothing."""
    spec = getattr(view, "_spec", {})
    query = next((schema for schema, _ in spec.get("args", ())), None)
    return Declaration(
        spec.get("body"),
        query,
        is_protected=bool(spec.get("security")),
        always_public=bool(spec.get("always_public", True)),
        takes_any_parameters=bool(spec.get("any_parameters")),
    )


def guard_reads(app: Application, guard: Callable[[View], View]) -> None:
    """Put a guard before every operation that reads, needs no credentials, and is not declared as always public.

    So an operation that says nothing is guarded. Call it once all blueprints are registered.
    """
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        declared = declaration_of(view)
        if "GET" in (rule.methods or ()) and not declared.is_protected and not declared.always_public:
            app.view_functions[rule.endpoint] = guard(view)


def _spec(view: View) -> dict[str, Any]:
    """Where APIFlask stores what its decorators declare; `input` would also validate, in its own way."""
    spec: dict[str, Any] = vars(view).setdefault("_spec", {})
    return spec
