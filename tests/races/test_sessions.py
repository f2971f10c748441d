"""Sessions of one user, from several places at the same moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.races.concurrency import SIZE, ConcurrentClients, tally
from tests.support.users import SignedInUser

if TYPE_CHECKING:
    import httpx

    from tests.support.client import Client

pytestmark = pytest.mark.slow

OFTEN = 5
"""Each time another of the requests is the first."""


def refresh_with(token: str, client: Client) -> httpx.Response:
    return client.post("/auth/refresh", json={"refresh_token": token})


class TestRefresh:
    @pytest.mark.parametrize("attempt", range(OFTEN))
    def test_at_once_with_one_token_goes_on_as_one_line(self, alice: SignedInUser, attempt: int) -> None:
        """As a browser with eight tabs does it; here sixteen."""
        user = alice if attempt else alice.refresh()
        answers = ConcurrentClients(user.client).at_once(
            lambda client, _number: refresh_with(user.refresh_token, client)
        )
        assert tally(answers) == {200: SIZE}
        assert len({answer.json()["refresh_token"] for answer in answers}) == 1
        pairs = [user.with_tokens(answer.json()) for answer in answers]
        assert {pair.session_id for pair in pairs} == {alice.session_id}
        assert all(pair.is_signed_in for pair in pairs)
        assert pairs[0].refresh().is_signed_in
        assert len(alice.client.get("/auth/sessions").json()) == 1

    def test_of_each_ones_own_leaves_each_signed_in(self, alice: SignedInUser) -> None:
        everywhere = [alice.sign_in() for _ in range(SIZE)]
        answers = ConcurrentClients(alice.client).at_once(
            lambda client, number: refresh_with(everywhere[number].refresh_token, client)
        )
        following = [user.with_tokens(answer.json()) for user, answer in zip(everywhere, answers, strict=True)]
        assert all(user.is_signed_in for user in following)
        assert len({user.session_id for user in following}) == SIZE


class TestRefreshWhileAllEnds:
    @pytest.mark.parametrize("attempt", range(OFTEN))
    def test_ends_every_session(self, alice: SignedInUser, attempt: int) -> None:
        elsewhere = alice.sign_in()

        def ask(client: Client, number: int) -> httpx.Response:
            if number == attempt * 3:
                return client.post("/auth/logout-all")
            return refresh_with((alice if number % 2 else elsewhere).refresh_token, client)

        answers = ConcurrentClients(alice.client).at_once(ask)
        assert set(tally(answers)) <= {200, 401}
        assert answers[attempt * 3].status_code == 200
        refreshed = [answer.json() for number, answer in enumerate(answers) if number != attempt * 3]
        for pair in [pair for pair in refreshed if "access_token" in pair]:
            assert not alice.with_tokens(pair).is_signed_in
            assert refresh_with(pair["refresh_token"], alice.anonymous).status_code == 401


class TestLogout:
    @pytest.mark.parametrize("attempt", range(OFTEN))
    def test_of_each_with_the_refresh_token_of_the_next(self, alice: SignedInUser, attempt: int) -> None:
        """Each ends two sessions, and none may wait for another in a ring."""
        everywhere = [alice.sign_in() for _ in range(SIZE)]

        def ask(client: Client, number: int) -> httpx.Response:
            user, other = everywhere[number], everywhere[(number + attempt + 1) % SIZE]
            headers = user.client.headers
            return client.post("/auth/logout", json={"refresh_token": other.refresh_token}, headers=headers)

        answers = ConcurrentClients(alice.client).at_once(ask)
        assert set(tally(answers)) <= {200, 401}
        assert not any(user.is_signed_in for user in everywhere)
        assert alice.is_signed_in

    @pytest.mark.parametrize("attempt", range(OFTEN))
    def test_here_and_everywhere(self, alice: SignedInUser, attempt: int) -> None:
        everywhere = [alice.sign_in() for _ in range(SIZE)]

        def ask(client: Client, number: int) -> httpx.Response:
            user, other = everywhere[number], everywhere[number - 1]
            headers = user.client.headers
            if number % 4 == attempt % 4:
                return client.post("/auth/logout-all", headers=headers)
            return client.post("/auth/logout", json={"refresh_token": other.refresh_token}, headers=headers)

        answers = ConcurrentClients(alice.client).at_once(ask)
        assert set(tally(answers)) <= {200, 401}
        assert not any(user.is_signed_in for user in everywhere)
        ended_all = [answer.status_code for answer in answers[attempt % 4 :: 4]]  # 401: a neighbour was quicker
        assert alice.is_signed_in is (200 not in ended_all)
