"""Schemas in the OpenAPI document, arranged for client generators: one per type, under a plain name.

tests/contract/test_client_types.py shows what goes wrong in generated clients otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.web.openapi_headers import Document

SCHEMAS = "#/components/schemas/"
SUBSCHEMAS = ("anyOf", "oneOf", "allOf")
Node = TypeVar("Node")


def complete_schemas(document: Document) -> Document:
    """The document with one schema for each record."""
    document = _map_names(document)
    schemas = document["components"]["schemas"]
    for schema in schemas.values():
        _tidy(schema)
    for path in document["paths"].values():
        for operation in path.values():
            for parameter in operation["parameters"]:
                _tidy(parameter["schema"])
    for name in [name for name in schemas if name.endswith("Done")]:
        _fold(document, name, name.removesuffix("Done"))
    return document


def responses_of(document: Document) -> Iterator[Document]:
    """Every response of every operation."""
    for path in document["paths"].values():
        for operation in path.values():
            yield from operation["responses"].values()


def _map_names(document: Document) -> Document:
    """Rename nested schemas: APIFlask names them `Outer.Inner`, once for each outer one; here they become `Inner`.

    The schema of a record gets the record's name: `BookReply` becomes `Book`.
    """
    schemas = document["components"]["schemas"]
    document["components"]["schemas"] = {_name(name): schema for name, schema in schemas.items()}
    renamed: Document = _rename(document)
    return renamed


def _name(name: str) -> str:
    return name.rpartition(".")[2].removesuffix("Reply")


def _rename(node: Any) -> Any:  # noqa: ANN401  (any JSON)
    if isinstance(node, dict):
        return {key: _rename(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_rename(entry) for entry in node]
    if isinstance(node, str) and node.startswith(SCHEMAS):
        return SCHEMAS + _name(node.removeprefix(SCHEMAS))
    return node


def _tidy(schema: Document) -> None:
    """Remove what pydantic adds: titles, which only repeat names, and the defaults of fields in bodies.

    openapi-typescript makes a field with a default required, in requests as well as in responses.
    """
    if isinstance(schema.get("title"), str):
        del schema["title"]
    for field in schema.get("properties", {}).values():
        field.pop("default", None)
        _tidy(field)
    for inner in (schema.get("items"), *(part for key in SUBSCHEMAS for part in schema.get(key, ()))):
        if inner is not None:
            _tidy(inner)


def _fold(document: Document, written: str, record: str) -> None:
    """Describe the response to a write by the schema of the record, so that clients have one type for both.

    The additional fields of the response are optional in that schema, and required next to the `$ref` of this
    response: validators heed that, and generators ignore it.
    """
    schemas = document["components"]["schemas"]
    whole, plain = schemas.pop(written), schemas[record]
    more = [name for name in whole["properties"] if name not in plain["properties"]]
    plain["properties"] |= {name: whole["properties"][name] for name in more}
    document["components"].setdefault("examples", {})[written] = {"value": whole["examples"][0]}
    for response in responses_of(document):
        for media in response.get("content", {}).values():
            if media["schema"].get("$ref") == SCHEMAS + written:
                media["schema"] = {"$ref": SCHEMAS + record, "required": more}
                media["examples"] = {"written": {"$ref": f"#/components/examples/{written}"}}
