"""Endpoints that undo changes."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from flask import Response

from app.auth import token_required
from app.db.bulkheads import Kind
from app.domain.names import pluralize
from app.errors import (
    BatchNotFound,
    ChangeNotFound,
    IsbnTaken,
    NothingToUndo,
    NotOwner,
    UndoConflict,
)
from app.events.changes import origin_of, set_origin
from app.queries.changes import batches_page
from app.schemas.changes import ChangeBatchReply, UndoEffect, UndoOptions, UndoResult
from app.schemas.pages import PageQuery
from app.services.policy import require_editor, require_owner_or_admin
from app.services.undo.batches import MOST_SHOWN, find_batch, plan_of, slices_of, undo_slices
from app.services.undo.changes import find_undoable, undo_changes
from app.web.idempotency import idempotent, kept
from app.web.media_types import JSON
from app.web.operations import Blueprint, Success, operation
from app.web.pagination import start_key
from app.web.rate_limits import limit_all_records
from app.web.replies import many
from app.web.state import reading, state
from app.web.write_transaction import writing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.security.identity import Principal
    from app.services.undo.steps import Effect, Step

SECONDS = 20
"""How long one request undoes: proxies usually wait for a minute."""

undo = Blueprint(
    "undo",
    __name__,
    tag={"name": "Undo", "description": "Undo changes, one by one, or all of an import or of another batch."},
)


class _DryRun(Exception):  # noqa: N818  (no error)
    """Rolls a transaction back at the end of a dry run."""


@undo.get("/batches")
@operation("listBatches", Success(list[ChangeBatchReply], "A page of batches, newest first."), query=PageQuery)
def list_batches(query: PageQuery) -> Response:
    """List the batches, newest first.

    A batch is an import, a batch of books, a renaming of a genre, or an undo of one of them. All of it can be undone
    with `POST /batches/{batch_id}/undo`.
    """
    after = start_key()
    with reading(Kind.BOOK_LISTS) as connection:
        return many(batches_page(connection, query, after))


@undo.post("/changes/<id:change_id>/undo")
@token_required
@idempotent
@operation(
    "undoChange",
    Success(UndoResult, "What was undone."),
    query=UndoOptions,
    errors=[ChangeNotFound, NotOwner, UndoConflict, NothingToUndo, IsbnTaken],
)
def undo_change(change_id: int, query: UndoOptions, user: Principal) -> Response:
    """Undo a change of a book or an author.

    Each field that it has set gets its former value, in a new version; a record that it created is deleted, one that
    it deleted is restored under its id. What was changed again since is a 409 that lists the fields; nothing is undone.
    """
    effects: list[Effect] = []
    with suppress(_DryRun), writing(user) as db:
        set_origin(db, replace(origin_of(db), via="undo"))
        effects = undo_changes(db, [find_undoable(db, change_id)], user.id, partial(_require_permitted, user))
        if not effects:
            raise NothingToUndo
        if query.dry_run:
            raise _DryRun
        kept(db, _result(effects, len(effects), query))
    return _result(effects, len(effects), query)


@undo.post("/batches/<id:batch_id>/undo")
@token_required
@idempotent
@operation(
    "undoBatch",
    Success(UndoResult, "What was undone."),
    query=UndoOptions,
    errors=[BatchNotFound, NotOwner, UndoConflict, NothingToUndo, IsbnTaken],
)
def undo_batch(batch_id: int, query: UndoOptions, user: Principal) -> Response:
    """Undo all changes of an import, a batch of books, a renaming of a genre, or another undo.

    Only the user who made them, or an admin, may do so. What was changed again since is a 409 that lists the fields;
    nothing is undone. The records are changed some hundred at a time, and other clients may write meanwhile.
    """
    with reading(Kind.BOOK_LISTS) as connection:
        batch = find_batch(connection, batch_id)
        require_owner_or_admin(batch, user)
        slices = slices_of(connection, batch_id)
        limit_all_records(user.id, sum(map(len, slices)))
        planned = plan_of(connection, slices)
    if not planned.number:
        raise NothingToUndo
    if query.dry_run:
        return _result(planned.effects, planned.number, query)
    effects: list[Effect] = []
    undone_by: int | None = None
    complete, ends_at, summary = True, monotonic() + SECONDS, f"undo of {batch.summary}"
    for batch_of_undo, done in undo_slices(planned.slices, lambda: writing(user, is_part=True), user.id, summary):
        undone_by = batch_of_undo
        effects += done
        if monotonic() > ends_at and len(effects) < planned.number:
            complete = False
            break
    return _result(effects, len(effects), query, batch_id=undone_by, complete=complete)


def _require_permitted(user: Principal, step: Step) -> None:
    if step.plan.action == "updated":
        require_editor(step, user, state().settings.editing)
    else:
        require_owner_or_admin(step, user)


def _result(
    effects: Sequence[Effect], number: int, query: UndoOptions, *, batch_id: int | None = None, complete: bool = True
) -> Response:
    message = f"{pluralize(number, 'record')} {'would be changed' if query.dry_run else 'changed'}"
    if not complete:
        message += "; more remain: send the request again, with another Idempotency-Key if it had one"
    shown = [UndoEffect.model_validate(effect, from_attributes=True) for effect in effects[:MOST_SHOWN]]
    result = UndoResult(
        status="success",
        message=message,
        dry_run=query.dry_run,
        records=number,
        complete=complete,
        batch_id=batch_id,
        effects=shown,
    )
    return Response(result.model_dump_json(), mimetype=JSON)
