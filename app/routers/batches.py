"""Many books in one request."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

from apiflask import APIBlueprint
from flask import Response

from app.auth import require_editor, token_required
from app.schemas.batches import Batch, BatchOptions, BatchResults
from app.services.batches import BatchService, Outcome
from app.web.media_types import JSON
from app.web.problems import problem_body, status_of
from app.web.state import transaction

if TYPE_CHECKING:
    from app.security.identity import Principal

batches = APIBlueprint(
    "batches",
    __name__,
    url_prefix="/books",
    tag={"name": "Batches", "description": "Many books in one request."},
)


@batches.post("/batch")
@token_required
@batches.input(BatchOptions, location="query")
@batches.input(Batch)
@batches.output(BatchResults, status_code=207, description="What became of each item, in order.")
@batches.doc(operation_id="batchBooks")
def take_batch(query_data: BatchOptions, json_data: Batch, user: Principal) -> Response:
    """Create or update up to 1,000 books.

    A book is created, or, where one with its ISBN is there, that one gets the fields that are given. Each item succeeds
    or fails by itself; with `atomic=true` all do, or none.
    """
    with transaction() as db:
        outcomes = BatchService(db, user.id, partial(require_editor, user=user)).take(
            json_data.books, atomic=query_data.atomic
        )
        results = ",".join(_result(index, outcome) for index, outcome in enumerate(outcomes))
    created = sum(outcome.created for outcome in outcomes)
    failed = sum(outcome.error is not None for outcome in outcomes)
    message = f"{created} created, {len(outcomes) - created - failed} updated, {failed} failed"
    body = f'{{"status":"success","message":{json.dumps(message)},"results":[{results}]}}'
    return Response(body, 207, mimetype=JSON)


def _result(index: int, outcome: Outcome) -> str:
    if outcome.error is not None:
        status = status_of(type(outcome.error))
        problem = json.dumps(problem_body(outcome.error), ensure_ascii=False)
        return f'{{"index":{index},"outcome":"failed","status":{status},"book":null,"problem":{problem}}}'
    document = outcome.book.document if outcome.book is not None else "null"
    status = 201 if outcome.created else 200
    return f'{{"index":{index},"outcome":"succeeded","status":{status},"book":{document},"problem":null}}'
