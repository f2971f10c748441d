"""Bodies and queries of requests, as instances of their schemas."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from flask import request
from pydantic import ValidationError
from pydantic_core import from_json

from app.domain.clean_text import ENDS
from app.errors import Fault
from app.schemas.base import Body, Query, SmallBody
from app.schemas.validation_errors import MOST_FAULTS, faults_of_query, invalid_body, invalid_query, rejected_body
from app.web.bodies import has_no_body, read_body
from app.web.state import state

if TYPE_CHECKING:
    from collections.abc import Iterator

BodyT = TypeVar("BodyT", bound=Body)
QueryT = TypeVar("QueryT", bound=Query)


def parse_body(schema: type[BodyT]) -> BodyT:
    """The body of the request.

    Raises:
        InvalidRequest, MalformedJson: it does not match the schema.
        UnsupportedMediaType, BodyTooLarge: it is rejected without being parsed.
    """
    if schema.may_be_absent and has_no_body(request):
        return schema()
    settings = state().settings
    body = read_body(request, min(schema.at_most, settings.max_body_size))
    if len(body) > SmallBody.at_most:
        _require_few_fields(schema, body)
    try:
        return schema.model_validate_json(body, context=settings)
    except ValidationError as error:
        raise rejected_body(error) from None


def _require_few_fields(schema: type[Body], body: bytes) -> None:
    """Count the fields of a large body: to list a hundred thousand unknown ones takes pydantic half a second."""
    try:
        given = from_json(body)
    except ValueError:
        return  # which the schema reports
    if isinstance(given, dict) and len(given) > MOST_FAULTS + len(schema.model_fields):
        raise invalid_body(Fault("", f"has {len(given):,} fields, most of which are unknown"))


def parse_query(schema: type[QueryT]) -> QueryT:
    """The query parameters of the request.

    Raises:
        InvalidRequest: with every fault, those in their form and those that the schema finds.
    """
    faults = list(_faults_of_form(schema))
    wrong = {fault.where for fault in faults}
    given = [(name, values) for name, values in request.args.lists() if name not in wrong]
    try:
        query = schema.model_validate(
            {name: values if name in schema.repeatable else values[0] for name, values in given}
        )
    except ValidationError as error:
        raise invalid_query(*faults, *faults_of_query(error)) from None
    if faults:
        raise invalid_query(*faults)
    return query


def _faults_of_form(schema: type[Query]) -> Iterator[Fault]:
    """Known parameters that are empty, or repeated without being repeatable; the schema reports unknown ones."""
    for name, values in request.args.lists():
        if name in schema.model_fields:
            if not all(value.strip(ENDS) for value in values):
                yield Fault(name, "must not be empty", "parameter")
            elif len(values) > 1 and name not in schema.repeatable:
                yield Fault(name, "must be given once", "parameter")
