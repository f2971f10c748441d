"""Many books in one request."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flask import Response

from app.auth import token_required
from app.domain.names import pluralize
from app.events.changes import begin_batch, has_changes
from app.schemas.batches import Batch, BatchOptions, BatchResults
from app.services.batches import BatchService, Outcome
from app.services.quota import Quota
from app.web.http_errors import status_of
from app.web.idempotency import idempotent, kept
from app.web.json_documents import array, json_object
from app.web.media_types import JSON
from app.web.operations import Blueprint, Success, operation
from app.web.problems import problem_body
from app.web.rate_limits import limit_records
from app.web.state import state
from app.web.write_transaction import writing

if TYPE_CHECKING:
    from app.security.identity import Principal

batches = Blueprint(
    "batches",
    __name__,
    url_prefix="/books",
    tag={"name": "Batches", "description": "Many books in one request."},
)


@batches.post("/batch")
@token_required
@idempotent
@operation(
    "batchBooks",
    Success(BatchResults, "The result of each item, in order.", status=207),
    query=BatchOptions,
    body=Batch,
)
def apply_batch(query: BatchOptions, body: Batch, user: Principal) -> Response:
    """Create or update up to 1,000 books.

    If a book with the same ISBN exists, its given fields are updated, but not if its title is of another book, unless
    the item has its id; otherwise a book is created. Each item succeeds
    or fails independently; with `atomic=true`, all succeed or none is applied. A batch may bring 100 new genres, and 5
    for each of its books, up to 1,000; further books with new genres fail.
    """
    limit_records(user.id, len(body.books))
    settings = state().settings
    with writing(user) as db:
        batch = BatchService(db, user, settings.editing, Quota(db, user, settings.quota_records))
        outcomes = batch.apply(body.books, atomic=query.atomic)
        batch_id = begin_batch(db, f"batch of {pluralize(len(outcomes), 'book')}") if has_changes(db) else None
        return kept(db, _results(outcomes, batch_id))


def _results(outcomes: list[Outcome], batch_id: int | None) -> Response:
    results = array(_result(index, outcome) for index, outcome in enumerate(outcomes))
    created = sum(outcome.created for outcome in outcomes)
    failed = sum(outcome.error is not None for outcome in outcomes)
    message = f"{created} created, {len(outcomes) - created - failed} updated, {failed} failed"
    document = json_object(
        status='"success"', message=json.dumps(message), batch_id=json.dumps(batch_id), results=results
    )
    return Response(document, 207, mimetype=JSON)


def _result(index: int, outcome: Outcome) -> str:
    if outcome.error is not None:
        problem = json.dumps(problem_body(outcome.error), ensure_ascii=False)
        return _item(index, "failed", status_of(type(outcome.error)), "null", problem)
    document = outcome.book.document if outcome.book is not None else "null"
    return _item(index, "succeeded", 201 if outcome.created else 200, document, "null")


def _item(index: int, outcome: str, status: int, book: str, problem: str) -> str:
    return json_object(index=str(index), outcome=f'"{outcome}"', status=str(status), book=book, problem=problem)
