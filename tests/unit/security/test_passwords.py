"""Passwords: what is good enough."""

from __future__ import annotations

import re

import pytest

from app.domain.names import fold
from app.security.passwords import SERVICE_WORDS, common_passwords, fault_of_password
from devtools.databases import ROOT, settings_for

LONGER = "must have at least 8 characters"
SHORTER = "must have at most 256 characters"
COMMON = "is among the most common passwords"
NAME = "must not be your username"
WORD = "must not be a word that belongs to this service"


def fault(password: str, username: str | None = "alice", **settings: object) -> str | None:
    return fault_of_password(password, username, settings_for("sqlite://", **settings))


class TestFault:
    @pytest.mark.parametrize(
        "password", ["p" * 8, "p" * 256, "é" * 8, "密" * 256, "🐈" * 256, "        ", "correct horse battery"]
    )
    def test_none(self, password: str) -> None:
        assert fault(password) is None

    @pytest.mark.parametrize(
        ("password", "detail"),
        [
            ("", LONGER),
            ("p" * 7, LONGER),
            ("é" * 7, LONGER),
            ("🐈" * 7, LONGER),
            ("p" * 257, SHORTER),
            ("é" * 257, SHORTER),
            ("nul\0 within", "must not contain a NUL"),
        ],
    )
    def test_one(self, password: str, detail: str) -> None:
        assert fault(password) == detail

    def test_the_length_is_a_setting(self) -> None:
        assert fault("thirteen long", password_min_length=14) == "must have at least 14 characters"
        assert fault("sand", password_min_length=3) is None


class TestCommon:
    @pytest.mark.parametrize("password", ["password", "12345678", "PassWord", "iloveyou", "  Trustno1 ", "QWERTYuiop"])
    def test_is_refused_whatever_its_capitals(self, password: str) -> None:
        assert fault(password) == COMMON

    def test_the_list_holds_as_many_as_the_settings_say_each_as_it_is_compared(self) -> None:
        assert len(common_passwords().split()) == 30_000
        assert all(fold(password) == password for password in common_passwords().split())

    def test_there_are_more_than_three_thousand_that_are_long_enough(self) -> None:
        """OWASP ASVS 5.0, 6.2.4."""
        long_enough = [password for password in common_passwords().split() if len(password) >= 8]
        assert len(long_enough) > 3_000
        settings = settings_for("sqlite://")
        assert {fault_of_password(password.upper(), "reader", settings) for password in long_enough} == {COMMON}

    @pytest.mark.parametrize("password", ["password", "booksapi"])
    def test_is_accepted_without_the_blocklist(self, password: str) -> None:
        assert fault(password, password_blocklist=False) is None

    @pytest.mark.parametrize("password", ["a password", "password and horse", "correct horse battery"])
    def test_a_sentence_is_none(self, password: str) -> None:
        assert fault(password) is None


class TestUsername:
    @pytest.mark.parametrize(
        ("password", "username"),
        [
            ("alicealice", "alicealice"),
            ("ALICEalice", "alicealice"),
            ("alice12345", "alice"),
            ("!!Alice!!", "alice"),
            ("2024-alice", "ALICE"),
            ("alice.smith", "alice smith"),
            ("alice99!!", "alice99"),
            ("\N{FULLWIDTH LATIN SMALL LETTER A}lice999", "alice"),
            ("Алиса 123", "алиса"),
            ("20240101", "20240101"),
            ("2024-01-01", "20240101"),
            ("!!!!!!!!", "!!!!!!!!"),
        ],
    )
    @pytest.mark.parametrize("blocklist", [True, False])
    def test_is_refused(self, password: str, username: str, blocklist: bool) -> None:  # noqa: FBT001
        assert fault(password, username, password_blocklist=blocklist) == NAME

    @pytest.mark.parametrize(
        ("password", "username"),
        [
            ("alice in wonderland", "alice"),
            ("malice12345", "alice"),
            ("87-65-43-21", "1234"),
            ("        ", "!!!"),
            ("8 spaces", ""),
            ("alice12345", None),
        ],
    )
    def test_more_than_that_is_something_else(self, password: str, username: str | None) -> None:
        assert fault(password, username) is None


class TestServiceWords:
    @pytest.mark.parametrize("password", ["booksapi", "Books-API", "books API!", "Library2026", "12345book"])
    def test_are_refused(self, password: str) -> None:
        assert fault(password) == WORD

    def test_may_stand_in_a_sentence(self) -> None:
        assert fault("a book of sand") is None

    def test_are_all_in_the_docs(self) -> None:
        docs = (ROOT / "docs" / "settings.md").read_text()
        listed = re.search(r"service's own words, .*?: ([\w\s,]+)\.", docs, re.DOTALL)
        assert listed
        assert set(re.findall(r"\w+", listed[1])) == SERVICE_WORDS
