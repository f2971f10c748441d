"""Schemas of imports over HTTP."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import MISSING, AfterValidator, Field
from typing_extensions import TypeAliasType

from app.schemas.base import Flag, Query, RecordId, Reply, add_names_of_constants, example

MOST_COLUMNS = 100


ImportFormat = TypeAliasType(
    "ImportFormat",
    Annotated[
        Literal["csv", "xlsx", "jsonl", "marc", "marcxml", "bibtex", "ris", "csl-json"],
        Field(json_schema_extra=add_names_of_constants),
    ],
)
NoteCode = TypeAliasType(
    "NoteCode",
    Annotated[
        Literal["failed", "conflict", "left_out", "differs", "unchanged"],
        Field(
            description="`left_out`: a value of a record that came in; `differs`: a value that the record of the "
            "catalogue has otherwise, and keeps; `unchanged`: the row is a book or an author that is there."
        ),
    ],
)
REPORT: dict[str, Any] = {
    "status": "success",
    "message": "2 rows: 1 created, 0 filled, 0 updated, 0 unchanged, 0 conflicts, 1 failed, 0 passed over",
    "format": "csv",
    "dry_run": False,
    "total": 2,
    "created": 1,
    "filled": 0,
    "updated": 0,
    "unchanged": 0,
    "conflicts": 0,
    "failed": 1,
    "passed_over": 0,
    "batch_id": 7,
    "columns": {"title": "Title", "author": "Author"},
    "columns_not_read": ["Rating"],
    "remarks": [],
    "errors": [
        {"row": 3, "field": "title", "code": "failed", "detail": "must not be empty", "column": "Title", "value": ""}
    ],
    "notes": [],
}


def _field_and_column(pair: str) -> str:
    if not pair.partition("=")[1]:
        msg = "must be a field and a column, such as isbn=EAN"
        raise ValueError(msg)
    return pair


class ImportOptions(Query):
    """Options of an import."""

    repeatable: ClassVar[frozenset[str]] = frozenset({"map"})

    format: Annotated[
        ImportFormat | MISSING, Field(description="By default that of the `Content-Type`, or what the file looks like.")
    ] = MISSING
    dry_run: Annotated[Flag, Field(description="`true`: report what would be done, and change nothing.")] = False
    update: Annotated[Flag, Field(description="`true`: take values that differ; otherwise only fill empty fields.")] = (
        False
    )
    encoding: Annotated[
        Annotated[str, Field(min_length=1, max_length=40)] | MISSING,
        Field(description="Of a text, such as `cp1252`; by default UTF-8."),
    ] = MISSING
    map: Annotated[
        list[Annotated[str, AfterValidator(_field_and_column), Field(min_length=1, max_length=300)]],
        Field(max_length=MOST_COLUMNS, description="Read a field from this column of a table, such as `isbn=EAN`."),
    ] = Field(default_factory=list)


class ImportNote(Reply):
    """What is to be said of a row."""

    row: Annotated[int, Field(description="The line of a table or of JSON Lines; the number of the record elsewhere.")]
    field: Annotated[str, Field(description="Of the record; empty if it is about the whole row.")]
    code: NoteCode
    detail: str
    column: str
    value: Annotated[str, Field(description="What the file says, shortened.")]


class ImportReport(Reply):
    """What became of the rows. The numbers from `created` to `passed_over` add up to `total`."""

    model_config = example(REPORT)

    status: Literal["success"]
    message: str
    format: ImportFormat
    dry_run: bool
    total: int
    created: int
    filled: Annotated[int, Field(description="Books and authors that were there, whose empty fields were filled in.")]
    updated: int
    unchanged: int
    conflicts: Annotated[int, Field(description="Rows whose ISBN belongs to a book with another title.")]
    failed: int
    passed_over: Annotated[int, Field(description="Rows that are about neither books nor authors.")]
    batch_id: Annotated[RecordId | None, Field(description="`POST /batches/{batch_id}/undo` undoes the import.")]
    columns: Annotated[dict[str, str], Field(description="Those of a table that are read, by fields.")]
    columns_not_read: list[str]
    remarks: Annotated[list[str], Field(description="What is true of several rows.")]
    errors: Annotated[list[ImportNote], Field(description="Of rows that failed or are in conflict: the first 1,000.")]
    notes: Annotated[list[ImportNote], Field(description="Of other rows, likewise.")]
