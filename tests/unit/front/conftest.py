"""Fixtures: a service whose transactions commit, with some books."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.front.fast_lane.create_line import CreateLine
from app.front.fast_lane.read_line import ReadLine
from app.main import create_app
from devtools.databases import settings_for
from tests.support.client import Client
from tests.support.factories import Factory

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from flask import Flask

    from app.database import Database
    from tests.support.openapi_contract import OpenApiContract


@pytest.fixture
def own_app(own_url: str, own_database: Database, tmp_path: Path) -> Flask:
    """An application whose transactions commit."""
    return create_app(settings_for(own_url, instance_path=tmp_path), own_database)


@pytest.fixture
def filled(own_app: Flask, contract: OpenApiContract) -> Client:
    """A member of a service with six books of three people, one of them in two roles."""
    member = Factory(Client(own_app, contract)).user()
    make = Factory(member)
    people = [make.author(member)["id"] for _ in range(3)]
    for number in range(6):
        roles = [{"author_id": people[number % 3], "role": "aut"}, {"author_id": people[0], "role": "ill"}]
        make.book(member, contributors=roles, title="é" * 480 if number == 5 else f"Book {number}")
    return member


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many requests each batch of the fast lane has."""
    sizes: list[int] = []
    for line in (ReadLine, CreateLine):
        monkeypatch.setattr(line, "answer", _noting(sizes, line.answer))
    return sizes


def _noting(sizes: list[int], answer: Callable[..., None]) -> Callable[..., None]:
    def noted(self: object, batch: Sequence[object]) -> None:
        sizes.append(len(batch))
        answer(self, batch)

    return noted
