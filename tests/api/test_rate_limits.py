"""Limits on reads, writes and batches: when they are refused, what responses say of them, and what costs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.security.roles import WRITE
from tests.support.factories import PASSWORD, Factory
from tests.support.rate_limits import STATE, policies, remaining, require_refused, sign_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.client import Client


class TestWrites:
    def test_are_limited_by_account_from_wherever(self, limited: Callable[..., Client]) -> None:
        client = limited(rate_limit_writes="3/minute")
        one, other = Factory(client).user("one"), Factory(client).user("other")
        author = Factory(client).author(one)
        assert one.put(f"/authors/{author['id']}", json={"bio": "x"}).status_code == 200
        assert one.delete(f"/authors/{author['id']}", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 200
        require_refused(one.post("/authors", json={"name": "x"}), "Too many changes by your account.", 60)
        assert other.post("/authors", json={"name": "x"}).status_code == 201

    def test_count_a_batch_once(self, limited: Callable[..., Client]) -> None:
        member = Factory(limited(rate_limit_writes="2/minute")).user()
        author = Factory(member).author(member)
        books = [{"title": str(number), "author_id": author["id"]} for number in range(9)]
        answer = member.post("/books/batch", json={"books": books})
        assert (answer.status_code, remaining(answer)) == (207, {"writes": 0, "records": 59_991})

    def test_a_stolen_key_cannot_use_up_the_owners_limit(self, limited: Callable[..., Client]) -> None:
        make = Factory(limited(rate_limit_writes="2/minute"))
        owner = make.user("owner")
        key = make.key(owner, WRITE)
        thief, elsewhere = owner.as_bearer(key["key"]), sign_in(make.client, "owner", PASSWORD).json()
        assert [thief.post("/authors", json={"name": "x"}).status_code for _ in range(3)] == [201, 201, 429]
        assert [owner.delete("/auth/sessions/1").status_code for _ in range(2)] == [404, 429]
        owner = owner.as_bearer(elsewhere["access_token"])
        assert owner.delete(f"/auth/keys/{key['id']}").status_code == 200
        assert owner.post("/auth/logout-all").status_code == 200

    def test_are_not_reads(self, limited: Callable[..., Client]) -> None:
        member = Factory(limited(rate_limit_writes="1/minute")).user()
        assert [member.get("/auth/me").status_code for _ in range(3)] == [200] * 3
        assert "writes" not in remaining(member.get("/auth/me"))

    def test_without_authentication_are_not_counted(self, limited: Callable[..., Client]) -> None:
        client = limited(rate_limit_writes="1/minute")
        answers = [client.post("/authors", json={"name": "x"}) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [401] * 3


class TestReads:
    def test_have_a_default_that_lets_an_app_read_the_whole_catalogue(self, limited: Callable[..., Client]) -> None:
        """A million books are five thousand pages."""
        answer = limited().get("/books")
        assert (remaining(answer)["reads"], policies(answer)["reads"]) == (29_999, (30_000, 60))

    def test_may_be_unlimited(self, limited: Callable[..., Client]) -> None:
        answer = limited(rate_limit_reads="none").get("/books")
        assert not {"RateLimit", "RateLimit-Policy"} & set(answer.headers)

    def test_say_after_each_how_many_are_left(self, limited: Callable[..., Client]) -> None:
        client = limited(rate_limit_reads="1000/minute")
        assert [remaining(client.get("/"))["reads"] for _ in range(50)] == list(range(999, 949, -1))

    def test_may_be(self, limited: Callable[..., Client]) -> None:
        client = limited(rate_limit_reads="3/minute")
        answers = [client.get(path) for path in ("/books", "/books/1", "/", "/authors")]
        assert [answer.status_code for answer in answers] == [200, 404, 200, 429]
        assert [remaining(answer)["reads"] for answer in answers] == [2, 1, 0, 0]
        require_refused(answers[3], "Too many requests from your address.", 60)
        assert client.get("/books", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 200

    @pytest.mark.parametrize("path", ["/authors/{id}", "/authors", "/openapi.json"])
    def test_a_304_costs_nothing(self, limited: Callable[..., Client], path: str) -> None:
        client = limited(rate_limit_reads="3/minute")
        address = path.format_map(Factory(client).author(Factory(client).user()))
        first = client.get(address)
        again = [client.get(address, headers={"If-None-Match": first.headers["ETag"]}) for _ in range(9)]
        assert {(answer.status_code, remaining(answer)["reads"]) for answer in again} == {(304, 2)}

    def test_looking_whether_it_lives_costs_nothing(self, limited: Callable[..., Client]) -> None:
        client = limited(rate_limit_reads="1/minute")
        answers = [client.get(path) for path in ("/healthz", "/readyz") * 3]
        assert {answer.status_code for answer in answers} == {200}
        assert not any("RateLimit" in answer.headers for answer in answers)


class TestBatches:
    def test_count_by_the_books_in_them(self, limited: Callable[..., Client]) -> None:
        client = limited(rate_limit_records="5/minute")
        member = Factory(client).user()
        books = [{"title": "No author", "author_id": 10**15}] * 3
        first = member.post("/books/batch", json={"books": books})
        assert (first.status_code, remaining(first)["records"], policies(first)["records"]) == (207, 2, (5, 60))
        assert remaining(first)["writes"] == policies(first)["writes"][0] - 1
        second = member.post("/books/batch", json={"books": books})
        require_refused(second, "Too many books at once by your account.", 120)
        assert remaining(second)["records"] == 2
        assert member.post("/books/batch", json={"books": books[:2]}).status_code == 207
        assert "records" not in remaining(member.post("/authors", json={"name": "Jane Austen"}))

    def test_of_each_account_count_by_themselves(self, limited: Callable[..., Client]) -> None:
        client = limited(rate_limit_records="1/minute")
        books = {"books": [{"title": "No author", "author_id": 10**15}]}
        answers = [Factory(client).user().post("/books/batch", json=books) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [207, 207]

    def test_have_a_default_that_lets_importers_go_on(self, limited: Callable[..., Client]) -> None:
        """A batch of a thousand each second, which no server manages."""
        client = limited()
        member = Factory(client).user()
        answer = member.post("/books/batch", json={"books": [{}] * 1000})
        assert (remaining(answer)["records"], policies(answer)["records"]) == (59_000, (60_000, 60))


class TestChanges:
    """A small request can change a large record, or many, and the history keeps each before and after."""

    def test_count_by_the_room_that_they_take(self, limited: Callable[..., Client]) -> None:
        member = Factory(limited(rate_limit_changes="35/day")).user()
        book = Factory(member).book(member, title="Emma", description="x" * 9_000)
        replies = [member.patch(f"/books/{book['id']}", json={"pages": pages}) for pages in (1, 2)]
        assert [reply.status_code for reply in replies] == [200, 429]
        assert 0 < remaining(replies[0])["changes"] < 10
        require_refused(replies[1], "The changes by your account take too much room.", 2 * 86_400)
        now = member.get(f"/books/{book['id']}").json()
        assert (now["version"], now["pages"]) == (2, 1)
        assert member.post("/authors", json={"name": "small"}).status_code == 201

    def test_that_follow_count_too(self, limited: Callable[..., Client]) -> None:
        make = Factory(limited(rate_limit_changes="60/day"))
        member = make.user()
        author = make.author(member, name="Jane Austen")["id"]
        books = [make.book(member, author_id=author, description="x" * 6_000)["id"] for _ in range(3)]
        assert member.patch(f"/authors/{author}", json={"name": "J. Austen"}).status_code == 200
        assert member.patch(f"/authors/{author}", json={"name": "Jane Austen"}).status_code == 429
        assert member.get(f"/books/{books[-1]}").json()["contributors"][0]["name"] == "J. Austen"

    def test_of_each_account_count_by_themselves(self, limited: Callable[..., Client]) -> None:
        make = Factory(limited(rate_limit_changes="15/day"))
        one, other = make.user("one"), make.user("other")
        large = {"name": "x", "bio": "x" * 9_900}
        replies = [user.post("/authors", json=large) for user in (one, one, other)]
        assert [reply.status_code for reply in replies] == [201, 429, 201]


class TestAnswers:
    def test_say_the_policy_and_what_is_left(self, limited: Callable[..., Client]) -> None:
        client = limited(rate_limit_logins="600/5 minute", rate_limit_login_failures="10/15 minute")
        answer = sign_in(client)
        assert answer.headers["RateLimit-Policy"] == '"logins";q=600;w=300, "login-failures";q=10;w=900'
        assert STATE.sub("", answer.headers["RateLimit"]) == ", "
        assert remaining(answer) == {"logins": 599, "login-failures": 9}
        times = [int(t) for _, _, t in STATE.findall(answer.headers["RateLimit"])]
        assert all(0 < seconds <= window for seconds, (_, window) in zip(times, policies(answer).values(), strict=True))

    def test_say_so_when_they_refuse_too(self, limited: Callable[..., Client]) -> None:
        client = limited(rate_limit_logins="1/hour")
        sign_in(client)
        refusal = sign_in(client)
        assert policies(refusal) == {"logins": (1, 3600)}
        assert remaining(refusal) == {"logins": 0}
        assert f";t={refusal.headers['Retry-After']}" in refusal.headers["RateLimit"]

    @pytest.mark.parametrize("kind", ["sqlite"], indirect=True, scope="session")  # the database counts nothing
    def test_have_defaults_that_allow_many_clients_behind_one_address(self, limited: Callable[..., Client]) -> None:
        """As the founding README's Locust run does: a hundred of one address register and sign in, and later again."""
        client = limited()
        for run in range(2):
            for number in range(100):
                Factory(client).user(f"reader-{run}-{number}")

    def test_nothing_is_limited_where_limits_are_off(self, service_with: Callable[..., Client]) -> None:
        client = service_with(rate_limit_login_failures="1/hour", rate_limit_reads="1/hour")
        assert [sign_in(client).status_code for _ in range(3)] == [401] * 3
        assert [client.get("/books").status_code for _ in range(3)] == [200] * 3


class TestConsequences:
    """What names one thing and changes many counts by the records that it changes, before it does."""

    def test_renaming_an_author_counts_the_books(self, limited: Callable[..., Client]) -> None:
        member = Factory(limited(rate_limit_records="5/minute")).user()
        make = Factory(member)
        author = make.author(member, name="Jane Austen")
        for number in range(3):
            make.book(member, author_id=author["id"], title=f"Novel {number}")
        path = f"/authors/{author['id']}"
        assert "records" not in remaining(member.patch(path, json={"bio": "English"}))
        assert remaining(member.patch(path, json={"name": "Miss Austen"}))["records"] == 2
        require_refused(member.patch(path, json={"name": "A Lady"}), "Too many books at once by your account.", 120)
        assert member.get(path).json()["name"] == "Miss Austen"
        assert "records" not in remaining(member.patch(path, json={"name": "Miss Austen", "bio": None}))

    def test_one_with_more_books_than_the_limit_can_be_renamed(self, limited: Callable[..., Client]) -> None:
        member = Factory(limited(rate_limit_records="2/minute")).user()
        make = Factory(member)
        author = make.author(member)
        for number in range(3):
            make.book(member, author_id=author["id"], title=f"Novel {number}")
        answer = member.patch(f"/authors/{author['id']}", json={"name": "A Lady"})
        assert (answer.status_code, remaining(answer)["records"]) == (200, 0)

    def test_undoing_a_batch_counts_its_records(self, limited: Callable[..., Client]) -> None:
        member = Factory(limited(rate_limit_records="5/minute")).user()
        author = Factory(member).author(member)
        books = [{"title": f"Novel {number}", "author_id": author["id"]} for number in range(3)]
        assert member.post("/books/batch", json={"books": books}).status_code == 207
        path = f"/batches/{member.get('/batches').json()[0]['id']}/undo"
        require_refused(member.post(path), "Too many books at once by your account.", 120)
        assert len(member.get("/books", params={"author_id": author["id"]}).json()) == 3
