"""Authorisation: every operation, tried as each principal. access.py has the expected results."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from app.main import app
from tests.contract.access import ACCESS, EDITING_OWNER, READING_MEMBERS, REASONS, WRITING_ADMINS, rows

if TYPE_CHECKING:
    import httpx

    from tests.contract.access_harness import AccessHarness
    from tests.support.openapi_contract import OpenApiContract

MEMBERS_EDIT, OWNERS_EDIT, MEMBERS_READ = rows(ACCESS), rows(EDITING_OWNER), rows(READING_MEMBERS)
ADMINS_WRITE = rows(WRITING_ADMINS)
LETTERS = {code: letter for letter, code in REASONS.items()}
CHALLENGES = {
    "401n": 'Bearer realm="books-api"',
    "401t": 'Bearer realm="books-api", error="invalid_token"',
    "403s": 'Bearer realm="books-api", error="insufficient_scope", scope="books:write"',
}
"""RFC 6750, section 3; all other answers have none."""


def template_of(rule: str) -> str:
    """An address in Flask's form as OpenAPI has it."""
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule)


def cell(answer: httpx.Response) -> str:
    """An answer as the table has it."""
    status, body = answer.status_code, answer.json() if answer.is_error else {}
    if status == 207:
        [result] = answer.json()["results"]
        status, body = result["status"], result["problem"] or {}
    return f"{status}{LETTERS.get(body.get('code', ''), '')}"


def scope_of(operation: str) -> str:
    """The scope that a key needs for a write."""
    return "imports" if operation == "POST /imports" else "books:write"


class TestTable:
    def test_has_every_operation_and_no_other(self) -> None:
        served = {
            f"{method} {template_of(rule.rule)}"
            for rule in app.url_map.iter_rules()
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        }
        assert set(MEMBERS_EDIT) == served

    def test_says_what_the_document_says(self, contract: OpenApiContract) -> None:
        """An operation that wants a token says so, and no other does."""
        guarded = {
            f"{method.upper()} {path}"
            for path, operations in contract.document["paths"].items()
            for method, operation in operations.items()
            if operation.get("security")
        }
        assert {operation for operation, row in MEMBERS_EDIT.items() if row["anon"] == "401n"} == guarded

    def test_says_what_the_document_says_where_members_read(self, harness: AccessHarness) -> None:
        document = harness.clients(reading="members")["anon"].get("/openapi.json").json()
        guarded = {
            f"{method.upper()} {path}": operation["security"]
            for path, operations in document["paths"].items()
            for method, operation in operations.items()
            if operation["security"]
        }
        expected = {operation for operation, row in (MEMBERS_EDIT | MEMBERS_READ).items() if row["anon"] == "401n"}
        assert guarded.keys() == expected
        assert {str(guarded[operation]) for operation in MEMBERS_READ} == {"[{'bearer': ['books:read']}]"}

    def test_of_other_modes_has_what_differs(self) -> None:
        others = [*OWNERS_EDIT.items(), *MEMBERS_READ.items(), *ADMINS_WRITE.items()]
        assert [operation for operation, row in others if row == MEMBERS_EDIT[operation]] == []


class TestAccess:
    @pytest.mark.parametrize("operation", MEMBERS_EDIT)
    def test_where_members_edit(self, harness: AccessHarness, operation: str) -> None:
        answers = harness.attempt_as_each(operation, editing="members")
        assert {name: cell(answer) for name, answer in answers.items()} == MEMBERS_EDIT[operation]
        self.require_challenges(answers, scope_of(operation))

    @pytest.mark.parametrize("operation", MEMBERS_EDIT)
    def test_where_owners_edit(self, harness: AccessHarness, operation: str) -> None:
        answers = harness.attempt_as_each(operation, editing="owner")
        assert {name: cell(answer) for name, answer in answers.items()} == (MEMBERS_EDIT | OWNERS_EDIT)[operation]
        self.require_challenges(answers, scope_of(operation))

    @pytest.mark.parametrize("operation", MEMBERS_EDIT)
    def test_where_members_read(self, harness: AccessHarness, operation: str) -> None:
        answers = harness.attempt_as_each(operation, reading="members")
        assert {name: cell(answer) for name, answer in answers.items()} == (MEMBERS_EDIT | MEMBERS_READ)[operation]
        self.require_challenges(answers, "books:read" if operation in MEMBERS_READ else scope_of(operation))

    @pytest.mark.parametrize("operation", ADMINS_WRITE)
    def test_where_admins_write(self, harness: AccessHarness, operation: str) -> None:
        answers = harness.attempt_as_each(operation, writing="admins")
        assert {name: cell(answer) for name, answer in answers.items()} == ADMINS_WRITE[operation]
        self.require_challenges(answers, scope_of(operation))

    def require_challenges(self, answers: dict[str, httpx.Response], scope: str) -> None:
        """A refusal says which kind of token is required."""
        challenged = {name: answer.headers.get("WWW-Authenticate") for name, answer in answers.items()}
        challenges = {name: CHALLENGES.get(cell(answer)) for name, answer in answers.items()}
        assert challenged == {name: text and text.replace("books:write", scope) for name, text in challenges.items()}
