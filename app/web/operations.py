"""Validation of requests: a replacement for APIFlask's pydantic adapter, with its shortcomings fixed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apiflask.schema_adapters import registry
from apiflask.schema_adapters.pydantic import PydanticAdapter
from pydantic import BaseModel, ValidationError

from app.schemas.validation_errors import faults_of_query, invalid_query, rejected_body
from app.web.bodies import has_no_body, read_body
from app.web.query_parameters import faults_of_form
from app.web.state import state

if TYPE_CHECKING:
    from flask import Request


class StrictAdapter(PydanticAdapter):
    """Parses JSON from bytes, checks Content-Type and size, detects repeated parameters, and reports every fault."""

    def validate_input(self, request: Request, location: str, **_path: object) -> BaseModel:
        """The body or query as an instance of the schema.

        Raises:
            InvalidRequest, MalformedJson: it does not match the schema.
            UnsupportedMediaType, BodyTooLarge: it is rejected without being parsed.
        """
        if location == "json":
            return self._body(request)
        if location == "query":
            return self._query(request)
        msg = f"input from {location} is not supported"
        raise NotImplementedError(msg)

    def _body(self, request: Request) -> BaseModel:
        if getattr(self.model_class, "may_be_absent", False) and has_no_body(request):
            return self.model_class()
        body = read_body(request, state().settings.max_body_size)
        try:
            return self.model_class.model_validate_json(body, context=state().settings)
        except ValidationError as error:
            raise rejected_body(error) from None

    @property
    def _repeatable(self) -> frozenset[str]:
        """The parameters that may be repeated."""
        repeatable: frozenset[str] = getattr(self.model_class, "repeatable", frozenset())
        return repeatable

    def _query(self, request: Request) -> BaseModel:
        faults = faults_of_form(self.model_class.model_fields, self._repeatable)
        wrong = {fault.where for fault in faults}
        given = [(name, values) for name, values in request.args.lists() if name not in wrong]
        try:
            query = self.model_class.model_validate(
                {name: values if name in self._repeatable else values[0] for name, values in given}
            )
        except ValidationError as error:
            raise invalid_query(*faults, *faults_of_query(error)) from None
        if faults:
            raise invalid_query(*faults)
        return query


def use_strict_adapter() -> None:
    """Make APIFlask use this adapter for every pydantic schema."""
    registry.register("pydantic", StrictAdapter)
