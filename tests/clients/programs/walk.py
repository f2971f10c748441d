"""A program on the client that openapi-python-client makes: from registration to deletion, with every reply's type."""

from __future__ import annotations

import sys

from books_client import AuthenticatedClient, Client
from books_client.api.accounts import register
from books_client.api.authors import create_author, delete_author
from books_client.api.batches import batch_books
from books_client.api.books import create_book, delete_book, get_book, list_books, update_book
from books_client.api.sessions import login
from books_client.models import (
    Author,
    AuthorCreate,
    Batch,
    BatchFailure,
    BatchResults,
    BatchSuccess,
    Book,
    BookCreate,
    BookSort,
    BookUpdate,
    ContributorGiven,
    Login,
    Problem,
    Registered,
    Registration,
    Relator,
    Token,
    WriteResult,
)

PASSWORD = "correct horse battery"  # noqa: S105  (of no real account)


def title_of(book: Book) -> str:
    """One type stands for a book, whether it was read, listed or just written."""
    return book.title


def main(base: str) -> None:
    """Walk."""
    anonymous = Client(base_url=base, raise_on_unexpected_status=True)
    registered = register.sync(client=anonymous, body=Registration(username="ada", password=PASSWORD))
    assert isinstance(registered, Registered)
    token = login.sync(client=anonymous, body=Login(username="ada", password=PASSWORD))
    assert isinstance(token, Token)
    member = AuthenticatedClient(base_url=base, token=token.access_token, raise_on_unexpected_status=True)

    author = create_author.sync(client=member, body=AuthorCreate(name="Jane Austen"))
    assert isinstance(author, Author)
    body = BookCreate(
        title="Emma",
        contributors=[ContributorGiven(author_id=author.id, role=Relator.AUT)],
        published_year=1815,
        genres=["Fiction"],
    )
    book = create_book.sync(client=member, body=body)
    assert isinstance(book, Book)
    assert (title_of(book), book.status, book.message) == ("Emma", "success", "book 'Emma' created")

    listed = list_books.sync(client=anonymous, genre=["fiction"], sort=BookSort.PUBLISHED_YEAR_DESC, role=Relator.AUT)
    assert isinstance(listed, list)
    assert [title_of(entry) for entry in listed] == ["Emma"]
    assert listed[0].contributors[0].role is Relator.AUT

    read = get_book.sync_detailed(book.id, client=anonymous)
    assert isinstance(read.parsed, Book)
    tag = read.headers["ETag"]
    again = get_book.sync_detailed(book.id, client=anonymous, if_none_match=tag)
    assert (again.status_code, again.content) == (304, b"")
    changed = update_book.sync(book.id, client=member, body=BookUpdate(pages=512), if_match=tag)
    assert isinstance(changed, Book)
    assert (changed.pages, changed.version) == (512, 2)
    stale = update_book.sync(book.id, client=member, body=BookUpdate(pages=None), if_match=tag)
    assert isinstance(stale, Problem)
    assert (stale.status, stale.code) == (412, "version_mismatch")

    items = [BookCreate(title="Persuasion", author_id=author.id), BookCreate(title=" ", author_id=author.id)]
    results = batch_books.sync(client=member, body=Batch(books=list(items)), atomic=False)
    assert isinstance(results, BatchResults)
    valid, bad = results.results
    assert isinstance(valid, BatchSuccess)
    assert isinstance(bad, BatchFailure)
    assert (valid.index, valid.status, title_of(valid.book)) == (0, 201, "Persuasion")
    assert isinstance(bad.problem.errors, list)
    assert (bad.index, bad.problem.errors[0].pointer) == (1, "/title")

    for written in (book, valid.book):
        assert isinstance(delete_book.sync(written.id, client=member), WriteResult)
    gone = get_book.sync(book.id, client=anonymous)
    assert isinstance(gone, Problem)
    assert gone.code == "book_deleted"
    assert isinstance(delete_author.sync(author.id, client=member), WriteResult)


if __name__ == "__main__":
    main(sys.argv[1])
