"""Passwords: what is good enough."""

from __future__ import annotations

import pytest

from app.passwords import fault_of_password


class TestFault:
    @pytest.mark.parametrize("password", ["p" * 8, "p" * 72, "é" * 4, "密" * 24, "        "])
    def test_none(self, password: str) -> None:
        assert fault_of_password(password, 8) is None

    @pytest.mark.parametrize(
        ("password", "fault"),
        [
            ("", "must be at least 8 bytes long"),
            ("p" * 7, "must be at least 8 bytes long"),
            ("p" * 73, "must be at most 72 bytes long, as bcrypt reads no more"),
            ("é" * 37, "must be at most 72 bytes long, as bcrypt reads no more"),
            ("nul\0 within", "must not contain a NUL"),
        ],
    )
    def test_one(self, password: str, fault: str) -> None:
        assert fault_of_password(password, 8) == fault
