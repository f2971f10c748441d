"""What generators of clients need of the OpenAPI document, so that what they make has types, and right ones."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

import pytest

from tests.contract.openapi_document import (
    DOCUMENT,
    OPERATIONS,
    SCHEMAS,
    SERVED,
    body_schemas,
    parameters,
    referenced,
    request_schemas,
    response_schemas,
    subschemas,
)

DIFFERENT = [
    {"Registration", "Login"},  # a new name and password have rules; those that are tried have none
    {"Logout", "Refresh"},  # one token may be left out, the other may not
    {"IdentifierGiven", "PersonIdentifierGiven"},  # of other types
    {"BatchSuccess", "BatchFailure"},  # distinguished by `outcome`
]
"""Schemas that have the same fields and yet are two."""
LARGEST = 2_750
"""Bytes of the document for each operation, as it is served. They were 12,000 when each spelled out its failures."""

every_operation = pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS.keys())
every_schema = pytest.mark.parametrize("name", SCHEMAS)


class TestSchema:
    @every_schema
    def test_no_field_has_a_default(self, name: str) -> None:
        """Or openapi-typescript requires it (its issues 1741 and 2012)."""
        fields = [schema.get("properties", {}) for _, schema in subschemas(SCHEMAS[name])]
        assert [field for properties in fields for field, of in properties.items() if "default" in of] == []

    @every_schema
    def test_enums_have_names(self, name: str) -> None:
        """Else each place that one stands in gets a type of its own."""
        inline = [where for where, schema in subschemas(SCHEMAS[name]) if "enum" in schema and where]
        assert inline == []

    @every_schema
    def test_enums_name_what_is_no_name(self, name: str) -> None:
        values = [str(value) for value in SCHEMAS[name].get("enum", [])]
        names = SCHEMAS[name].get("x-enum-varnames", [value.replace(":", "_").upper() for value in values])
        assert len(set(names)) == len(values)
        assert [enum_name for enum_name in names if not enum_name.isidentifier()] == []

    def test_no_two_are_of_the_same_fields(self) -> None:
        alike = defaultdict(set)
        for name, schema in SCHEMAS.items():
            if "properties" in schema:
                alike[frozenset(schema["properties"]), schema.get("additionalProperties")].add(name)
        assert [names for names in alike.values() if len(names) > 1 and names not in DIFFERENT] == []

    @every_schema
    def test_says_of_each_thing_what_it_is(self, name: str) -> None:
        """A schema without a type, a reference or alternatives is `unknown`, and so is an object without fields."""
        vague = [
            where
            for where, schema in subschemas(SCHEMAS[name])
            if not schema.keys() & {"type", "$ref", "anyOf", "oneOf", "allOf", "const", "enum"}
            or (schema.get("type") == "object" and not schema.keys() & {"properties", "additionalProperties"})
            or (schema.get("type") == "array" and "items" not in schema)
        ]
        assert vague == []


class TestRequest:
    def test_is_one_plain_object(self) -> None:
        """Alternatives at the top become `Any` and `unknown` (openapi-python-client's issue 388)."""
        objects = [schema for schema in request_schemas() if schema.get("format") != "binary"]
        tops = {schema["$ref"].rpartition("/")[2] for schema in objects}
        assert {"BookCreate", "AuthorCreate", "KeyCreate"} <= tops
        for name in tops:
            assert SCHEMAS[name]["type"] == "object"
            assert SCHEMAS[name].keys() & {"anyOf", "oneOf", "allOf"} == set()

    def test_is_closed(self) -> None:
        """So that a misspelt field does not compile."""
        objects = [SCHEMAS[name] for name in referenced(request_schemas()) if "properties" in SCHEMAS[name]]
        assert [schema["description"] for schema in objects if schema.get("additionalProperties") is not False] == []

    def test_of_a_batch_is_books(self) -> None:
        """Of new books alone: beside a type whose fields are all optional, a typo would compile."""
        assert SCHEMAS["Batch"]["properties"]["books"]["items"] == {"$ref": "#/components/schemas/BookCreate"}


class TestReply:
    def test_is_open(self) -> None:
        """Or a strict client fails when a field is added."""
        names = referenced(response_schemas())
        assert {"Book", "Author", "User", "Key", "Problem"} <= names
        assert [
            f"{name}{where}"
            for name in names
            for where, schema in subschemas(SCHEMAS[name])
            if schema.get("additionalProperties") is False or schema.get("unevaluatedProperties") is False
        ] == []

    @pytest.mark.parametrize(
        ("name", "operations"),
        [
            (
                "Book",
                {
                    *("listBooks", "getBook", "getBookAs", "getBookByIsbn", "getBookVersion"),
                    *("createBook", "updateBook", "patchBook"),
                },
            ),
            ("Author", {"listAuthors", "getAuthor", "getAuthorVersion", "createAuthor", "updateAuthor", "patchAuthor"}),
            ("User", {"listUsers", "getUser", "patchUser", "whoAmI"}),
            ("Key", {"listKeys", "listKeysOfUser", "getKey", "createKey"}),
        ],
    )
    def test_is_of_one_type_wherever_it_is_of_one_thing(self, name: str, operations: set[str]) -> None:
        """A list's entries, one record, and what a write returns."""
        found = set()
        for operation_id, operation in OPERATIONS.items():
            for status, response in operation["responses"].items():
                for schema in body_schemas(response) if status.startswith("2") else ():
                    if schema.get("items", schema).get("$ref") == f"#/components/schemas/{name}":
                        found.add(operation_id)
        assert found == operations

    def test_to_a_write_has_status_and_message(self) -> None:
        for operation_id in ("createBook", "updateBook", "patchBook", "createAuthor", "patchUser", "createKey"):
            [schema] = [
                schema
                for status, response in OPERATIONS[operation_id]["responses"].items()
                if status.startswith("2")
                for schema in body_schemas(response)
            ]
            assert {"status", "message"} <= set(schema["required"])

    def test_fields_that_may_be_left_out_are_not_null(self) -> None:
        """A field is required and may be null, or it may be left out: in a reply none is both."""
        both = [
            f"{name}.{field}"
            for name in referenced(response_schemas()) - referenced(request_schemas())
            for field, schema in SCHEMAS[name].get("properties", {}).items()
            if field not in SCHEMAS[name].get("required", ())
            and any(part.get("type") == "null" for part in schema.get("anyOf", [schema]))
        ]
        assert both == []

    def test_of_a_batch_is_told_apart(self) -> None:
        result = SCHEMAS["BatchResult"]
        names = [part["$ref"].rpartition("/")[2] for part in result["oneOf"]]
        discriminator = result["discriminator"]["propertyName"]
        assert len({SCHEMAS[name]["properties"][discriminator]["const"] for name in names}) == len(names) == 2


class TestOperation:
    @every_operation
    def test_says_who_may(self, operation: dict[str, Any]) -> None:
        """`[]` allows anonymous requests; linters take a missing `security` for an oversight."""
        assert "security" in operation

    @every_operation
    def test_parameters_have_shared_enums_and_real_booleans(self, operation: dict[str, Any]) -> None:
        for parameter in parameters(operation):
            for _, schema in subschemas(parameter["schema"]):
                assert "enum" not in schema, parameter["name"]
                assert schema.get("const") not in {"true", "false"}, parameter["name"]

    @every_operation
    def test_failures_are_shared(self, operation: dict[str, Any]) -> None:
        failures = {status: response for status, response in operation["responses"].items() if status >= "4"}
        assert [status for status, response in failures.items() if set(response) != {"$ref"}] == []

    @every_operation
    def test_headers_are_shared(self, operation: dict[str, Any]) -> None:
        headers = [
            (name, header)
            for response in operation["responses"].values()
            for name, header in response.get("headers", {}).items()
        ]
        assert [name for name, header in headers if set(header) != {"$ref"}] == []

    @every_operation
    def test_every_failure_has_a_body(self, operation: dict[str, Any]) -> None:
        """One without is `Any` in the union of all replies, and makes all of it so."""
        failures = {status: response for status, response in operation["responses"].items() if status >= "4"}
        assert [status for status, response in failures.items() if not list(body_schemas(response))] == []


class TestDocument:
    def test_is_small(self) -> None:
        assert len(SERVED.data) < LARGEST * len(OPERATIONS)

    def test_says_whose_and_under_which_licence(self) -> None:
        assert DOCUMENT["info"]["license"] == {"name": "MIT", "identifier": "MIT"}
        assert DOCUMENT["info"]["contact"]["name"]

    def test_takes_no_credential_for_a_jwt(self) -> None:
        """A key is none."""
        assert "bearerFormat" not in DOCUMENT["components"]["securitySchemes"]["bearer"]

    def test_shares_what_is_said_twice(self) -> None:
        """A schema of ten lines that stands inline in two places is a type that differs from itself."""
        places: dict[str, list[str]] = defaultdict(list)
        for name, schema in SCHEMAS.items():
            for where, part in subschemas(schema, name):
                if "properties" in part:
                    places[json.dumps(part, sort_keys=True)].append(where)
        assert [repeated for repeated in places.values() if len(repeated) > 1] == []
