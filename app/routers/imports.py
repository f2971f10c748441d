"""The endpoint that brings files of books in."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import IO, TYPE_CHECKING

from flask import request
from pydantic import MISSING

from app.auth import importer_required
from app.errors import TooManyImports
from app.events.changes import origin_of, set_origin
from app.schemas.import_reports import ImportOptions, ImportReport
from app.services.imports.importer import Importer
from app.services.imports.permissions import Member
from app.services.quota import Quota
from app.transfer.format_detection import format_of_file
from app.transfer.formats import FORMATS
from app.web.idempotency import idempotent
from app.web.import_replies import report_reply
from app.web.operations import Blueprint, Success, declare_file, operation
from app.web.rate_limits import limit_all_records
from app.web.state import state
from app.web.uploads import uploaded_file
from app.web.write_transaction import writing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Response
    from sqlalchemy.orm import Session

    from app.security.identity import Principal
    from app.transfer.formats import Format

imports = Blueprint("imports", __name__, tag={"name": "Imports", "description": "Files of books."})


@imports.post("/imports")
@importer_required
@idempotent
@declare_file
@operation(
    "importBooks",
    Success(ImportReport, "What became of each row."),
    query=ImportOptions,
    errors=[TooManyImports],
)
def import_file(query: ImportOptions, user: Principal) -> Response:
    """Import a file of books.

    The body is the file: CSV, a spreadsheet, JSON Lines, MARC, MARCXML, BibTeX, RIS or CSL-JSON. Rows that are right go
    in, five hundred in a transaction; rows that are wrong are reported. A book that is there already has its empty
    fields filled in. Nothing is guessed, and the same file again creates nothing. A large file takes minutes: send an
    `Idempotency-Key`, with which the report can be asked for again.
    """
    settings = state().settings
    file = uploaded_file(settings.max_import_size)
    of_format = _format_of(file, None if query.format is MISSING else query.format)
    source = of_format.reader(
        file, None if query.encoding is MISSING else query.encoding, dict(pair.split("=", 1) for pair in query.map)
    )
    limit_all_records(user.id, source.size)

    @contextmanager
    def transaction() -> Iterator[Session]:
        with writing(user, is_part=True) as db:
            set_origin(db, replace(origin_of(db), via="import"))
            yield db

    importer = Importer(
        transaction,
        f"import of {of_format.title}",
        of_format.unit,
        update=query.update,
        dry_run=query.dry_run,
        limits=lambda db: Member(user, settings.editing, Quota(db, user, settings.quota_records)),
    )
    return report_reply(importer.run(source), source, of_format.name, dry_run=query.dry_run)


def _format_of(file: IO[bytes], named: str | None) -> Format:
    """The format that is named, that of the `Content-Type`, or the one that the file looks like."""
    if named is not None:
        return FORMATS[named]
    by_type = next((one for one in FORMATS.values() if one.media_type == request.mimetype), None)
    if by_type is not None:
        return by_type
    return format_of_file(file)
