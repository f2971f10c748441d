"""A valid body for every operation that takes one, so that a refusal has no other reason."""

from __future__ import annotations

from typing import Any

from tests.support.factories import PASSWORD


def valid_bodies(known: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """By operation: a valid body, with these ids and secrets in it.

    Args:
        known: the ids and secrets of the records, users and tokens that exist.
    """
    return {
        "POST /books": {"title": "Persuasion", "author_id": known["author_id"]},
        "POST /books/batch": {
            "books": [{"title": "Emma!", "author_id": known["author_id"], "isbn": known["isbn"], "pages": 512}]
        },
        "POST /imports": {"title": "Sanditon", "contributors": [{"name": "Jane Austen"}]},
        "PUT /books/{book_id}": {"title": "Emma!"},
        "PATCH /books/{book_id}": {"pages": None, "title": "Emma!"},
        "POST /authors": {"name": "George Eliot"},
        "PUT /authors/{author_id}": {"name": "Miss Austen"},
        "PATCH /authors/{author_id}": {"country": None, "name": "Miss Austen"},
        "POST /genres/rename": {"name": "fiction", "new_name": "Novels"},
        "POST /register": {"username": "newcomer", "password": PASSWORD},
        "POST /auth/login": {"username": known["username"], "password": PASSWORD, "code": known["code"]},
        "POST /auth/login/header": {},
        "POST /auth/oidc/token": {"sign_in_code": known["linked_code"], "code": known["code"]},
        "POST /auth/identities": {"sign_in_code": known["free_code"]},
        "POST /auth/step-up": {"password": PASSWORD, "code": known["code"]},
        "POST /auth/totp/confirm": {"code": "123456"},
        "POST /auth/refresh": {"refresh_token": known["refresh_token"]},
        "POST /auth/password-reset": {"token": known["reset_token"], "new_password": "a staple of many readers"},
        "POST /auth/me/deletion": {"current_password": PASSWORD},
        "PUT /auth/password": {"current_password": PASSWORD, "new_password": "a staple of many readers"},
        "POST /auth/logout": {},
        "POST /auth/logout-all": {},
        "POST /users/{user_id}/logout-all": {},
        "POST /auth/keys": {"name": "nightly import", "scopes": ["books:write"]},
        "PATCH /users/{user_id}": {"role": "admin"},
        "POST /invitations": {"note": "for Bob"},
        "POST /webhooks": {"url": "https://receiver.example/books"},
        "PATCH /webhooks/{webhook_id}": {"description": "the search engine"},
        "POST /webhooks/{webhook_id}/replay": {"since": "2026-11-22T10:00:00Z"},
    }
