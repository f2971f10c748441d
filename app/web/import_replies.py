"""Reports of imports as responses."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, cast

from flask import Response

from app.domain.names import pluralize
from app.schemas.import_reports import ImportNote, ImportReport
from app.services.imports.reports import MOST_LISTED
from app.transfer.rows import Note
from app.web.media_types import JSON

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.schemas.import_reports import ImportFormat, NoteCode
    from app.services.imports.reports import Report
    from app.transfer.formats import Source


def report_reply(report: Report, source: Source, name: str, *, dry_run: bool) -> Response:
    """The response with a report.

    Args:
        report: what became of the rows.
        source: the rows.
        name: of their format.
        dry_run: whether nothing was changed.
    """
    outcomes = report.outcomes
    numbers = {
        "created": outcomes["created"],
        "filled": outcomes["filled"],
        "updated": outcomes["updated"],
        "unchanged": outcomes["unchanged"],
        "conflicts": outcomes["conflict"],
        "failed": outcomes["failed"],
        "passed_over": outcomes["passed over"],
    }
    said = ", ".join(f"{number:,} {outcome.replace('_', ' ')}" for outcome, number in numbers.items())
    columns = getattr(source, "columns", None)
    document = ImportReport(
        status="success",
        message=f"{pluralize(report.total, 'row')}: {said}",
        format=cast("ImportFormat", name),
        dry_run=dry_run,
        total=report.total,
        **numbers,
        batch_id=report.batch_id,
        columns=dict(columns.understood) if columns else {},
        columns_not_read=columns.passed_over if columns else [],
        remarks=[
            f"{pluralize(rows, 'row')}: {remark}" for remark, rows in (source.remarks + report.passed_over).items()
        ],
        errors=[_note(note, "conflict" if note.is_conflict else "failed") for note in _first(report.errors)],
        notes=[
            *(_note(note, "left_out") for note in _first(report.left_out)),
            *(_note(note, "differs") for note in _first(report.differences)),
            *(_note(Note(one.row.line, "", f"is {one.equal}"), "unchanged") for one in report.repeats),
        ],
    )
    return Response(document.model_dump_json(), mimetype=JSON)


def _first(notes: Iterable[Note]) -> Iterable[Note]:
    return islice(notes, MOST_LISTED)


def _note(note: Note, code: NoteCode) -> ImportNote:
    return ImportNote(
        row=note.line, field=note.field, code=code, detail=note.detail, column=note.column, value=note.value
    )
