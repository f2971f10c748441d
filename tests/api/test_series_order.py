"""Books of a series in the order of their positions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.api.responses import faults, ids, pages, refusal

if TYPE_CHECKING:
    from tests.support.client import Client
    from tests.support.factories import Factory

POSITIONS = [2, 10, None, 1.5, -1, 1, None, 10]
FORTH = [4, 5, 3, 0, 1, 7, 2, 6]
BACK = [1, 7, 0, 3, 5, 4, 2, 6]
"""The places of the books in each order; those without a position are last."""


@pytest.fixture
def saga(member: Client, make: Factory) -> list[int]:
    """The ids of its books; another series and books without one are beside it."""
    make.book(member, series="Other", series_position=3)
    make.book(member, series_position=3)
    return [
        make.book(member, series="Saga", series_position=position, language="en" if number % 2 else "fr")["id"]
        for number, position in enumerate(POSITIONS)
    ]


class TestOrder:
    @pytest.mark.parametrize(
        ("sort", "places"),
        [("", FORTH), ("&sort=series_position", FORTH), ("&sort=-series_position", BACK), ("&sort=id", range(8))],
    )
    @pytest.mark.parametrize("limit", [1, 3, 200])
    def test_is_by_number(self, client: Client, saga: list[int], sort: str, places: list[int], limit: int) -> None:
        walk = pages(client, f"/books?series=saga&limit={limit}{sort}")
        assert [one for page in walk for one in ids(page.json())] == [saga[place] for place in places]

    def test_goes_with_other_filters(self, client: Client, saga: list[int]) -> None:
        found = [place for place in FORTH if place % 2]
        walk = pages(client, "/books?series=Saga&language=en&limit=2")
        assert [one for page in walk for one in ids(page.json())] == [saga[place] for place in found]
        searched = client.get("/books?series=Saga&q=saga&sort=-series_position").json()
        assert ids(searched) == [saga[place] for place in BACK]

    @pytest.mark.parametrize("sort", ["series_position", "-series_position"])
    @pytest.mark.parametrize("query", ["", "&q=saga", "&publisher=Saga"])
    def test_needs_the_series(self, client: Client, sort: str, query: str) -> None:
        assert faults(client.get(f"/books?sort={sort}{query}")) == [("sort", "needs the parameter series")]

    def test_has_cursors_of_its_own(self, client: Client, saga: list[int]) -> None:
        assert saga
        following = client.get("/books?series=Saga&limit=1").links["next"]["url"]
        assert refusal(client.get(f"{following}&sort=id")) == (400, "invalid_cursor")
