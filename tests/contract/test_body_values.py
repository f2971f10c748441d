"""Values in bodies by one rule for every field of every request, as the OpenAPI document lists them."""

from __future__ import annotations

import json
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import ValidationError

from app.main import app
from app.schemas.base import LINE, PROSE, VISIBLE_LINE, Body
from app.schemas.batches import BookItem
from app.schemas.contributors import ContributorGiven
from app.schemas.imported_books import BookRow
from app.schemas.validation_errors import rejected_body
from app.web.media_types import JSON
from app.web.operations import declaration_of

if TYPE_CHECKING:
    from collections.abc import Iterator

BODIES: dict[str, type[Body]] = {
    f"{method} {rule.rule}": body
    for rule in app.url_map.iter_rules()
    if (body := declaration_of(app.view_functions[rule.endpoint]).body) is not None
    for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
} | {"an item of a batch": BookItem, "a contributor": ContributorGiven, "a row of a file": BookRow}
CHANGES = {name for name in BODIES if name.startswith(("PUT", "PATCH"))}
NO_TEXTS = {
    *("password", "current_password", "new_password"),  # as they are: a hash of NFC would be another
    *(
        "token",
        "refresh_token",
        "invitation",
        "code",
        "sign_in_code",
        "code_verifier",
        "role",
        "isbn",
        "language",
        "cover_url",
        "url",
        "events",
        "status",
        "disabled_reason",
    ),  # forms of their own
    *("message", "name of a contributor", "username of a login", "username of a change"),  # compared, not kept
}
COMPARED = {
    ("a contributor", "name"): "name of a contributor",
    ("POST /auth/login", "username"): "username of a login",
    ("PATCH /users/<id:user_id>", "username"): "username of a change",
}


@cache
def schema_of(body: str) -> dict[str, Any]:
    """The fields of a body, as JSON Schema has them."""
    found: dict[str, Any] = BODIES[body].model_json_schema()["properties"]
    return found


def alternatives(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What a field may be, without references and lists around it."""
    for part in choices(schema):
        yield from alternatives(part["items"]) if "items" in part else [part]


def choices(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """What a field may be."""
    found: list[dict[str, Any]] = schema.get("anyOf", [schema])
    return found


def fields(kind: str) -> list[tuple[str, str, dict[str, Any]]]:
    """The fields of all bodies that may be of that JSON type."""
    return [
        (body, name, part)
        for body in BODIES
        for name, field in schema_of(body).items()
        for part in alternatives(field)
        if part.get("type") == kind
    ]


def everything_wrong(body: str, content: str) -> set[tuple[tuple[int | str, ...], str]]:
    """What is wrong with a whole body, and where."""
    try:
        BODIES[body].model_validate_json(content)
    except ValidationError as error:
        rejected_body(error)  # there are words for every fault
        return {(detail["loc"], detail["type"]) for detail in error.errors()}
    return set()


def faults(body: str, name: str, value: str) -> list[str]:
    """What is wrong with a field that has this value, in JSON."""
    text = f"[{value}]" if any("items" in part for part in choices(schema_of(body)[name])) else value
    return [kind for where, kind in everything_wrong(body, f'{{"{name}": {text}}}') if where[:1] == (name,)]


INTEGERS = [(body, name) for body, name, _ in fields("integer")]
TEXTS = [
    (body, name, part["pattern"])
    for body, name, part in fields("string")
    if part.get("pattern") in {LINE, VISIBLE_LINE, PROSE}
]
OPTIONAL = [
    (body, name)
    for body, model in BODIES.items()
    if body not in CHANGES and model is not BookRow
    for name, field in model.model_fields.items()
    if not field.is_required() and not (field.description or "").startswith("Read-only")
]


class TestEveryBody:
    def test_is_tried(self) -> None:
        document = app.test_client().get("/openapi.json").get_json()
        written = [operation for path in document["paths"].values() for operation in path.values()]
        assert (
            len(BODIES) == sum(JSON in operation.get("requestBody", {}).get("content", {}) for operation in written) + 3
        )


class TestNull:
    @pytest.mark.parametrize(("body", "name"), OPTIONAL)
    def test_is_as_good_as_nothing_in_a_creation(self, body: str, name: str) -> None:
        assert everything_wrong(body, f'{{"{name}": null}}') == everything_wrong(body, "{}")


class TestInteger:
    @pytest.mark.parametrize(("body", "name"), INTEGERS)
    def test_in_any_spelling(self, body: str, name: str) -> None:
        numbers = ["12", "12.0", "1.2e1", "120e-1", "1E1"]
        assert [number for number in numbers if faults(body, name, number)] == []

    @pytest.mark.parametrize(("body", "name"), INTEGERS)
    def test_what_is_none(self, body: str, name: str) -> None:
        others = ["12.5", '"12"', '"12.0"', "true", "1e400", "-1e400", "9007199254740993.0", "1e17", "[12]", "{}"]
        assert [number for number in others if len(faults(body, name, number)) != 1] == []


PASSWORDS = {
    ("POST /register", "password"),
    ("PUT /auth/password", "new_password"),
    ("POST /auth/password-reset", "new_password"),
}
"""What is held against the settings of a service: tests/api/test_password_rules.py does."""


class TestString:
    @pytest.mark.parametrize(("body", "name"), sorted({(body, name) for body, name, _ in fields("string")} - PASSWORDS))
    def test_every_fault_has_its_words(self, body: str, name: str) -> None:
        for text in ("", "\0", "x" * 100_000, "success", "\u202e"):
            everything_wrong(body, json.dumps({name: text}))


class TestText:
    def test_every_field_has_a_rule(self) -> None:
        ruled = {(body, name) for body, name, _ in TEXTS}
        others = {
            COMPARED.get((body, name), name)
            for body, name, part in fields("string")
            if (body, name) not in ruled and part.get("format") != "date-time" and "enum" not in part
        }
        assert others <= NO_TEXTS

    @pytest.mark.parametrize(("body", "name", "rule"), TEXTS)
    def test_no_control_characters(self, body: str, name: str, rule: str) -> None:
        kept = "\t\n\r" if rule == PROSE else ""
        controls = [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0), 0xFFFE, 0x1FFFF, 0x202D, 0x202E)]
        if rule != PROSE:
            controls += ["\u2028", "\u2029"]
        refused = [letter for letter in controls if faults(body, name, json.dumps(f"a{letter}b"))]
        assert refused == [letter for letter in controls if letter not in kept]

    @pytest.mark.parametrize(("body", "name", "rule"), [text for text in TEXTS if text[2] == VISIBLE_LINE])
    def test_something_to_see(self, body: str, name: str, rule: str) -> None:
        unseen = ["", " ", "\u200b", "\u00ad", "\u2060\ufeff", "\u3164", "\ufe0f", "\u2800", "\u0301", "\U000e0041"]
        assert [text for text in unseen if len(faults(body, name, json.dumps(text))) != 1] == [], rule

    @pytest.mark.parametrize(("body", "name", "rule"), TEXTS)
    def test_no_open_embedding(self, body: str, name: str, rule: str) -> None:
        assert len(faults(body, name, json.dumps("a \u202bb"))) == 1
        in_a_username = name == "username"  # where no mark of direction may be
        assert len(faults(body, name, json.dumps("a \u202bb\u202c"))) == in_a_username, rule

    @pytest.mark.parametrize(("body", "name", "rule"), TEXTS)
    def test_the_length_is_that_of_nfc(self, body: str, name: str, rule: str) -> None:
        """Most letters of é in NFD are two."""
        longest = next(
            number for number in (64, 100, 255, 500, 10_000) if faults(body, name, json.dumps("é" * (number + 1)))
        )
        decomposed = unicodedata.normalize("NFD", "é" * longest)
        assert len(decomposed) == 2 * longest
        assert faults(body, name, json.dumps(decomposed)) == [], rule

    @pytest.mark.parametrize(("body", "name", "rule"), TEXTS)
    def test_marks_without_end_are_refused_at_once(self, body: str, name: str, rule: str) -> None:
        assert len(faults(body, name, json.dumps("a" + "\u0316\u0301" * 16))) == 1, rule
