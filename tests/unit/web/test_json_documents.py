"""Documents put together as text are the JSON that they would be if they were built."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from app.web.json_documents import array, json_object, with_fields

names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
values = st.recursive(st.none() | st.booleans() | st.integers() | names, lambda inner: st.lists(inner, max_size=3))
objects = st.dictionaries(names, values, min_size=1, max_size=4)


@given(st.lists(objects, max_size=4))
def test_an_array_has_every_document(documents: list[dict[str, object]]) -> None:
    assert json.loads(array(map(json.dumps, documents))) == documents


@given(objects, values)
def test_fields_are_added(document: dict[str, object], value: object) -> None:
    assert json.loads(with_fields(json.dumps(document), message=value)) == document | {"message": value}


@given(objects, values)
def test_an_object_has_every_value(document: dict[str, object], value: object) -> None:
    built = json_object(book=json.dumps(document), status=json.dumps(value))
    assert json.loads(built) == {"book": document, "status": value}
