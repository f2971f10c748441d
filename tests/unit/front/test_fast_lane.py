"""The fast lane: many requests at once get the same responses as each would get from Flask alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from app.front.fast_lane import FastLane, read_line
from app.front.wsgi_environ import environ_of
from app.web.state import EXTENSION
from tests.support.fast_lane import answers, scope_of

if TYPE_CHECKING:
    from flask import Flask


@pytest.mark.usefixtures("filled")
class TestTogether:
    def test_all_get_what_each_would_get_from_flask(self, own_app: Flask, taken: list[int]) -> None:
        pages = ["/books", *(f"/books?author_id={number}" for number in (1, 2, 3, 99)), "/authors/1/books"]
        addresses = [f"/books/{number}" for number in range(1, 9)] + [f"/authors/{number}" for number in range(1, 6)]
        addresses += [f"{page}{'&' if '?' in page else '?'}limit={limit}" for page in pages for limit in (1, 2, 6, 200)]
        addresses += [f"/authors/{number}/books" for number in (1, 2, 3, 99)]
        addresses += ["/books?limit=0", "/books?limit=2&limit=3", "/books?limt=3", "/books/1?a=1", "/books?limit=%32"]
        addresses += ["/books?author_id=01&limit=2", "/books?author_id=1.0&limit=2", "/books?limit=02&author_id=1"]
        addresses += ["/books?cursor=none", "/books?sort=title", "/books/9223372036854775808", "/books/01", "/books/1/"]
        plain = [scope_of(address) for address in addresses]
        scopes = plain + [scope_of(address, accept_encoding="gzip") for address in addresses]
        with_flask = answers(own_app, scopes, fast=False)
        assert answers(own_app, scopes, fast=True) == with_flask
        assert max(taken) > 10, "no batch: this compares nothing"
        assert {status for status, _, _ in with_flask} >= {200, 400, 404}
        assert sum("Content-Encoding" in headers for _, headers, _ in with_flask) > 5

    def test_few_if_they_ask_for_much(self, own_app: Flask, taken: list[int]) -> None:
        replies = answers(own_app, [scope_of("/books?limit=200")] * 30, fast=True)
        assert [status for status, _, _ in replies] == [200] * 30
        assert (sum(taken), max(taken)) == (30, 8)

    def test_a_large_response_is_flasks(self, own_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(read_line, "LARGEST_WHOLE", 1000)
        fast = FastLane(own_app, own_app.extensions[EXTENSION])
        for address, expected in (("/books?limit=1", 2), ("/books?limit=6", 0)):
            messages: list[dict[str, Any]] = []
            found = fast.find(environ_of(scope_of(address)), messages.append)  # type: ignore[arg-type]  # as above
            assert found is not None
            found[0].answer([found[1]])
            assert len(messages) == expected

    def test_a_client_that_is_gone_does_not_keep_others_waiting(self, own_app: Flask) -> None:
        fast = FastLane(own_app, own_app.extensions[EXTENSION])
        messages: list[dict[str, Any]] = []

        def gone(_message: dict[str, Any]) -> None:
            raise ConnectionError

        pairs = [fast.find(environ_of(scope_of("/books/1")), send) for send in (gone, messages.append)]  # type: ignore[arg-type]  # as above
        found = [pair for pair in pairs if pair is not None]
        found[0][0].answer([request for _, request in found])
        assert (len(found), len(messages)) == (2, 2)

    def test_walks_by_their_links_find_every_book_once(self, own_app: Flask) -> None:
        addresses = [
            f"/{path}limit={limit}"
            for path in ("books?", "books?author_id=1&", "authors/1/books?")
            for limit in (1, 2, 5)
        ]
        found: dict[str, list[int]] = {address: [] for address in addresses}
        following = {address: address for address in addresses}
        while following:
            replies = answers(own_app, [scope_of(address) for address in following.values()], fast=True)
            for (walk, _), (status, headers, body) in zip(list(following.items()), replies, strict=True):
                assert status == 200
                found[walk] += ids_in(body)
                del following[walk]
                if 'rel="next"' in headers["Link"]:
                    following[walk] = headers["Link"].partition(">")[0][1:]
        assert all(ids == [1, 2, 3, 4, 5, 6] for ids in found.values())

    def test_a_304_is_flasks(self, own_app: Flask) -> None:
        addresses = ["/books/1", "/authors/1", "/books", "/authors/1/books"]
        tags = [headers["ETag"] for _, headers, _ in answers(own_app, [scope_of(one) for one in addresses], fast=True)]
        scopes = [scope_of(one, if_none_match=tag) for one, tag in zip(addresses, tags, strict=True)]
        scopes += [scope_of("/books/1", if_none_match='"1"'), scope_of("/books/1", if_none_match='"2"')]
        with_flask = answers(own_app, scopes, fast=False)
        assert answers(own_app, scopes, fast=True) == with_flask
        assert [status for status, _, _ in with_flask] == [304] * 5 + [200]


def ids_in(body: bytes) -> list[int]:
    """The ids of the books in a page."""
    found = json.loads(body)
    return [book["id"] for book in (found["books"] if isinstance(found, dict) else found)]
