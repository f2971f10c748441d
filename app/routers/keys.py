"""Endpoints of API keys, with which programs write without a user's password."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import url_for

from app.auth import person_required
from app.errors import KeyNotFound, SecondFactorMissing, TooManyKeys, VersionMismatch
from app.events import audit
from app.queries.keys import KeyReader, document_of
from app.schemas.base import WriteResult
from app.schemas.keys import KeyCreate, KeyDone, KeyReply
from app.schemas.pages import PageQuery
from app.services.accounts.keys import KeyService
from app.web.conditional import require_match
from app.web.confirmation import confirmation_required, require_second_factor
from app.web.openapi import CREATED
from app.web.operations import Blueprint, Success, operation
from app.web.pagination import start_key
from app.web.replies import created, deleted, many, no_store, one
from app.web.state import reading, transaction
from app.web.write_transaction import lock_own_account, require_still_valid

if TYPE_CHECKING:
    from flask import Response

    from app.security.identity import Principal

keys = Blueprint(
    "keys",
    __name__,
    url_prefix="/auth/keys",
    tag={"name": "Keys", "description": "API keys, for programs that write."},
)
keys.after_request(no_store)


@keys.get("")
@person_required
@operation("listKeys", Success(list[KeyReply], "A page of your keys."), query=PageQuery)
def list_keys(query: PageQuery, user: Principal) -> Response:
    """List your keys, a page at a time.

    The `key` itself is only in the response to its creation.
    """
    after = start_key()
    with reading() as connection:
        return many(KeyReader(connection).page(user.id, query, after))


@keys.get("/<id:key_id>")
@person_required
@operation("getKey", Success(KeyReply, "The key."), errors=[KeyNotFound])
def get_key(key_id: int, user: Principal) -> Response:
    """Get one of your keys.

    The `key` itself is only in the response to its creation.
    """
    with reading() as connection:
        return one(KeyReader(connection).find(user.id, key_id))


@keys.post("")
@person_required
@confirmation_required
@operation(
    "createKey",
    Success(KeyDone, "The new key.", CREATED, status=201),
    body=KeyCreate,
    errors=[TooManyKeys, SecondFactorMissing],
)
def create_key(body: KeyCreate, user: Principal) -> Response:
    """Create a key.

    The `key` is in this response and never shown again. Send it as `Authorization: Bearer <key>`.
    """
    require_second_factor(user)
    with transaction() as db:
        owner = lock_own_account(db, user)
        kept, key = KeyService(db).create(owner, body)
        document = document_of(kept)
        audit.note(db, "key_created", user_id=user.id, key_id=kept.id, scopes=body.scopes)
    location = url_for("keys.get_key", key_id=kept.id)
    message = f"key '{kept.name}' created; it is not shown again"
    return created(document, location, message, key=key)


@keys.delete("/<id:key_id>")
@person_required
@operation("deleteKey", Success(WriteResult, "Deleted."), errors=[KeyNotFound, VersionMismatch])
def delete_key(key_id: int, user: Principal) -> Response:
    """Revoke a key, with immediate effect.

    With `If-Match`, only if the key still has that `ETag`.
    """
    with transaction() as db:
        require_still_valid(db, user)
        require_match(KeyReader(db.connection()).find(user.id, key_id))
        name = KeyService(db).delete(user.id, key_id)
        audit.note(db, "key_revoked", user_id=user.id, key_id=key_id)
    return deleted(message=f"key '{name}' deleted")
