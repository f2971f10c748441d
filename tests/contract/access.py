"""Who may do what: one line for each operation, one column for each principal. test_access.py tries them all.

A cell is the status of the answer, and a letter for the reason of a refusal. Where a batch is answered with 207, it is
the status of its one item, a book of the owner's.

    anon       sends no token
    member     has added nothing
    owner      has added the book and the author, has the session, the key and a second factor, and is the user who is
               meant in /users/…
    other      has added another book, and has another key
    admin      is an admin
    read       is a key of the owner's with the scope books:read alone
    write      is a key of the owner's with books:write
    imports    is a key of the owner's with imports alone
    adminkey   is a key of the admin's with books:write
    expired    is a key of the admin's with every scope, which has expired
    disabled   is an admin who was disabled, with a token that would otherwise be valid
    diskey     is a key of that admin's with every scope
"""

from __future__ import annotations

REASONS = {
    "n": "token_missing",  # no token was sent
    "t": "token_invalid",
    "s": "insufficient_scope",
    "p": "person_required",  # and this is a key
    "o": "not_owner",
    "a": "not_admin",
    "x": "session_not_found",  # a session of another user is answered like a missing one
    "k": "key_not_found",  # likewise
    "l": "last_admin",
    "f": "second_factor_on",
    "u": "second_factor_off",
    "i": "identity_not_found",  # likewise
    "w": "writing_closed",  # likewise
    "d": "sign_in_disabled",  # by the settings, for all
}

ACCESS = """
                                     anon   member owner other admin read write imports adminkey expired disabled diskey
GET /                                200    200    200   200   200   200  200   200     200      200     200      200
GET /docs                            200    200    200   200   200   200  200   200     200      200     200      200
GET /docs/assets/{name}              200    200    200   200   200   200  200   200     200      200     200      200
GET /docs/errors                     200    200    200   200   200   200  200   200     200      200     200      200
GET /favicon.ico                     200    200    200   200   200   200  200   200     200      200     200      200
GET /static/{filename}               200    200    200   200   200   200  200   200     200      200     200      200
GET /reset                           200    200    200   200   200   200  200   200     200      200     200      200
GET /join                            200    200    200   200   200   200  200   200     200      200     200      200
GET /signed-in                       200    200    200   200   200   200  200   200     200      200     200      200
GET /auth/oidc/login                 403d   403d   403d  403d  403d  403d 403d  403d    403d     403d    403d     403d
GET /auth/oidc/callback              403d   403d   403d  403d  403d  403d 403d  403d    403d     403d    403d     403d
GET /openapi.json                    200    200    200   200   200   200  200   200     200      200     200      200
GET /healthz                         200    200    200   200   200   200  200   200     200      200     200      200
GET /readyz                          200    200    200   200   200   200  200   200     200      200     200      200

GET /books                           200    200    200   200   200   200  200   200     200      200     200      200
GET /books/{book_id}                 200    200    200   200   200   200  200   200     200      200     200      200
GET /books/isbn/{isbn}               200    200    200   200   200   200  200   200     200      200     200      200
GET /books/{book_id}.{extension}      200    200    200   200   200   200  200   200     200      200     200      200
GET /export                          200    200    200   200   200   200  200   200     200      200     200      200
POST /books                          401n   201    201   201   201   403s 201   403s    201      401t    401t     401t
POST /imports                        401n   200    200   200   200   403s 403s 200     403s     401t    401t     401t
POST /books/batch                    401n   200    200   200   200   403s 200   403s    200      401t    401t     401t
PUT /books/{book_id}                 401n   200    200   200   200   403s 200   403s    200      401t    401t     401t
PATCH /books/{book_id}               401n   200    200   200   200   403s 200   403s    200      401t    401t     401t
DELETE /books/{book_id}              401n   403o   200   403o  200   403s 200   403s    200      401t    401t     401t

GET /authors                         200    200    200   200   200   200  200   200     200      200     200      200
GET /authors/{author_id}             200    200    200   200   200   200  200   200     200      200     200      200
GET /authors/{author_id}/books       200    200    200   200   200   200  200   200     200      200     200      200
POST /authors                        401n   201    201   201   201   403s 201   403s    201      401t    401t     401t
PUT /authors/{author_id}             401n   200    200   200   200   403s 200   403s    200      401t    401t     401t
PATCH /authors/{author_id}           401n   200    200   200   200   403s 200   403s    200      401t    401t     401t
DELETE /authors/{author_id}          401n   403o   200   403o  200   403s 200   403s    200      401t    401t     401t

GET /genres                          200    200    200   200   200   200  200   200     200      200     200      200
POST /genres/rename                  401n   403a   403a  403a  200   403p 403p  403p    403p     401t    401t     401t
GET /languages                       200    200    200   200   200   200  200   200     200      200     200      200
GET /series                          200    200    200   200   200   200  200   200     200      200     200      200
GET /publishers                      200    200    200   200   200   200  200   200     200      200     200      200

GET /changes                         200    200    200   200   200   200  200   200     200      200     200      200
GET /changes/{change_id}             200    200    200   200   200   200  200   200     200      200     200      200
GET /books/{book_id}/history         200    200    200   200   200   200  200   200     200      200     200      200
GET /books/{book_id}/versions/{version} 200  200  200  200  200  200  200  200  200  200  200  200
GET /authors/{author_id}/history     200    200    200   200   200   200  200   200     200      200     200      200
GET /authors/{author_id}/versions/{version} 200  200  200  200  200  200  200  200  200  200  200  200
GET /batches                         200    200    200   200   200   200  200   200     200      200     200      200
POST /changes/{change_id}/undo       401n   200    200   200   200   403s 200   403s    200      401t    401t     401t
POST /batches/{batch_id}/undo        401n   403o   200   403o  200   403s 200   403s    200      401t    401t     401t

POST /register                       201    201    201   201   201   201  201   201     201      201     201      201
POST /auth/login                     200    200    200   200   200   200  200   200     200      200     200      200
POST /auth/login/header              403d   403d   403d  403d  403d  403d 403d  403d    403d     403d    403d     403d
POST /auth/oidc/token                200    200    200   200   200   200  200   200     200      200     200      200
POST /auth/refresh                   200    200    200   200   200   200  200   200     200      200     200      200
POST /auth/password-reset            200    200    200   200   200   200  200   200     200      200     200      200
GET /auth/me                         401n   200    200   200   200   200  200   200     200      401t    401t     401t
GET /auth/me/export                  401n   200    200   200   200   403p 403p  403p    403p     401t    401t     401t
GET /auth/me/events                  401n   200    200   200   200   403p 403p  403p    403p     401t    401t     401t
POST /auth/me/deletion               401n   200    200   200   409l  403p 403p  403p    403p     401t    401t     401t
PUT /auth/password                   401n   200    200   200   200   403p 403p  403p    403p     401t    401t     401t
POST /auth/logout                    401n   200    200   200   200   403p 403p  403p    403p     401t    401t     401t
POST /auth/logout-all                401n   200    200   200   200   403p 403p  403p    403p     401t    401t     401t
GET /auth/sessions                   401n   200    200   200   200   403p 403p  403p    403p     401t    401t     401t
DELETE /auth/sessions/{session_id}   401n   404x   200   404x  404x  403p 403p  403p    403p     401t    401t     401t
GET /auth/keys                       401n   200    200   200   200   403p 403p  403p    403p     401t    401t     401t
POST /auth/keys                      401n   201    201   201   201   403p 403p  403p    403p     401t    401t     401t
GET /auth/keys/{key_id}              401n   404k   200   404k  404k  403p 403p  403p    403p     401t    401t     401t
DELETE /auth/keys/{key_id}           401n   404k   200   404k  404k  403p 403p  403p    403p     401t    401t     401t
POST /auth/step-up                   401n   200    200   200   200   403p 403p  403p    403p     401t    401t     401t
GET /auth/totp                       401n   200    200   200   200   403p 403p  403p    403p     401t    401t     401t
POST /auth/totp                      401n   200    409f  200   200   403p 403p  403p    403p     401t    401t     401t
POST /auth/totp/confirm              401n   409u   409f  409u  409u  403p 403p  403p    403p     401t    401t     401t
POST /auth/totp/recovery-codes       401n   409u   200   409u  409u  403p 403p  403p    403p     401t    401t     401t
DELETE /auth/totp                    401n   409u   200   409u  409u  403p 403p  403p    403p     401t    401t     401t
GET /auth/identities                 401n   200    200   200   200   403p 403p  403p    403p     401t    401t     401t
POST /auth/identities                401n   200    200   200   200   403p 403p  403p    403p     401t    401t     401t
DELETE /auth/identities/{identity_id} 401n  404i   200   404i  404i  403p 403p  403p    403p     401t    401t     401t

GET /users                           401n   403a   403a  403a  200   403p 403p  403p    403p     401t    401t     401t
GET /users/{user_id}                 401n   403a   403a  403a  200   403p 403p  403p    403p     401t    401t     401t
PATCH /users/{user_id}               401n   403a   403a  403a  200   403p 403p  403p    403p     401t    401t     401t
DELETE /users/{user_id}              401n   403a   403a  403a  200   403p 403p  403p    403p     401t    401t     401t
POST /users/{user_id}/logout-all     401n   403a   403a  403a  200   403p 403p  403p    403p     401t    401t     401t
POST /users/{user_id}/password-reset 401n   403a   403a  403a  200   403p 403p  403p    403p     401t    401t     401t
DELETE /users/{user_id}/totp         401n   403a   403a  403a  200   403p 403p  403p    403p     401t    401t     401t
GET /users/{user_id}/keys            401n   403a   403a  403a  200   403p 403p  403p    403p     401t    401t     401t
DELETE /users/{user_id}/keys/{key_id} 401n  403a   403a  403a  200   403p 403p  403p    403p     401t    401t     401t

GET /invitations                     401n   403a   403a  403a  200   403p 403p  403p    403p     401t    401t     401t
POST /invitations                    401n   403a   403a  403a  201   403p 403p  403p    403p     401t    401t     401t
GET /invitations/{invitation_id}     401n   403a   403a  403a  200   403p 403p  403p    403p     401t    401t     401t
DELETE /invitations/{invitation_id}  401n   403a   403a  403a  200   403p 403p  403p    403p     401t    401t     401t

GET /audit                           401n   403a   403a  403a  200   403p 403p  403p    403p     401t    401t     401t
GET /webhooks                        401n   403a   403a  403a  200   403p 403p  403p    403p     401t    401t     401t
POST /webhooks                       401n   403a   403a  403a  201   403p 403p  403p    403p     401t    401t     401t
GET /webhooks/{webhook_id}           401n   403a   403a  403a  200   403p 403p  403p    403p     401t    401t     401t
PATCH /webhooks/{webhook_id}         401n   403a   403a  403a  200   403p 403p  403p    403p     401t    401t     401t
DELETE /webhooks/{webhook_id}        401n   403a   403a  403a  200   403p 403p  403p    403p     401t    401t     401t
POST /webhooks/{webhook_id}/secret   401n   403a   403a  403a  200   403p 403p  403p    403p     401t    401t     401t
POST /webhooks/{webhook_id}/test     401n   403a   403a  403a  200   403p 403p  403p    403p     401t    401t     401t
GET /webhooks/{webhook_id}/deliveries 401n   403a   403a  403a  200   403p 403p  403p    403p     401t    401t     401t
POST /webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver \
                                     401n   403a   403a  403a  200   403p 403p  403p    403p     401t    401t     401t
POST /webhooks/{webhook_id}/replay   401n   403a   403a  403a  200   403p 403p  403p    403p     401t    401t     401t
"""

EDITING_OWNER = """
                                     anon   member owner other admin read write imports adminkey expired disabled diskey
POST /books/batch                    401n   403o   200   403o  200   403s 200   403s    200      401t    401t     401t
PUT /books/{book_id}                 401n   403o   200   403o  200   403s 200   403s    200      401t    401t     401t
PATCH /books/{book_id}               401n   403o   200   403o  200   403s 200   403s    200      401t    401t     401t
PUT /authors/{author_id}             401n   403o   200   403o  200   403s 200   403s    200      401t    401t     401t
PATCH /authors/{author_id}           401n   403o   200   403o  200   403s 200   403s    200      401t    401t     401t
POST /changes/{change_id}/undo       401n   403o   200   403o  200   403s 200   403s    200      401t    401t     401t
"""
"""The lines that differ with `EDITING=owner`."""

READING_MEMBERS = """
                                     anon   member owner other admin read write imports adminkey expired disabled diskey
GET /books                           401n   200    200   200   200   200  200   403s    200      401t    401t     401t
GET /books/{book_id}                 401n   200    200   200   200   200  200   403s    200      401t    401t     401t
GET /books/isbn/{isbn}               401n   200    200   200   200   200  200   403s    200      401t    401t     401t
GET /books/{book_id}.{extension}      401n   200    200   200   200   200  200   403s    200      401t    401t     401t
GET /export                          401n   200    200   200   200   200  200   403s    200      401t    401t     401t
GET /authors                         401n   200    200   200   200   200  200   403s    200      401t    401t     401t
GET /authors/{author_id}             401n   200    200   200   200   200  200   403s    200      401t    401t     401t
GET /authors/{author_id}/books       401n   200    200   200   200   200  200   403s    200      401t    401t     401t
GET /genres                          401n   200    200   200   200   200  200   403s    200      401t    401t     401t
GET /languages                       401n   200    200   200   200   200  200   403s    200      401t    401t     401t
GET /series                          401n   200    200   200   200   200  200   403s    200      401t    401t     401t
GET /publishers                      401n   200    200   200   200   200  200   403s    200      401t    401t     401t
GET /changes                         401n   200    200   200   200   200  200   403s    200      401t    401t     401t
GET /changes/{change_id}             401n   200    200   200   200   200  200   403s    200      401t    401t     401t
GET /books/{book_id}/history         401n   200    200   200   200   200  200   403s    200      401t    401t     401t
GET /books/{book_id}/versions/{version} 401n  200  200  200  200  200  200  403s  200  401t  401t  401t
GET /authors/{author_id}/history     401n   200    200   200   200   200  200   403s    200      401t    401t     401t
GET /authors/{author_id}/versions/{version} 401n  200  200  200  200  200  200  403s  200  401t  401t  401t
GET /batches                         401n   200    200   200   200   200  200   403s    200      401t    401t     401t
"""
"""The lines that differ with `READING=members`."""

WRITING_ADMINS = """
                                     anon   member owner other admin read write imports adminkey expired disabled diskey
POST /books                          401n   403w   403w  403w  201   403s 403w  403s    201      401t    401t     401t
POST /imports                        401n   403w   403w  403w  200   403s 403s 403w    403s     401t    401t     401t
POST /books/batch                    401n   403w   403w  403w  200   403s 403w  403s    200      401t    401t     401t
PUT /books/{book_id}                 401n   403w   403w  403w  200   403s 403w  403s    200      401t    401t     401t
PATCH /books/{book_id}               401n   403w   403w  403w  200   403s 403w  403s    200      401t    401t     401t
DELETE /books/{book_id}              401n   403w   403w  403w  200   403s 403w  403s    200      401t    401t     401t
POST /authors                        401n   403w   403w  403w  201   403s 403w  403s    201      401t    401t     401t
PUT /authors/{author_id}             401n   403w   403w  403w  200   403s 403w  403s    200      401t    401t     401t
PATCH /authors/{author_id}           401n   403w   403w  403w  200   403s 403w  403s    200      401t    401t     401t
DELETE /authors/{author_id}          401n   403w   403w  403w  200   403s 403w  403s    200      401t    401t     401t
POST /changes/{change_id}/undo       401n   403w   403w  403w  200   403s 403w  403s    200      401t    401t     401t
POST /batches/{batch_id}/undo        401n   403w   403w  403w  200   403s 403w  403s    200      401t    401t     401t
"""
"""The lines that differ with `WRITING=admins`."""

Row = dict[str, str]


def rows(table: str) -> dict[str, Row]:
    """A table by operation, and within that by principal."""
    head, *lines = [line.split() for line in table.splitlines() if line]
    return {f"{method} {path}": dict(zip(head, cells, strict=True)) for method, path, *cells in lines}
