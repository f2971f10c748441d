"""Slips that mypy has to find in a program on a generated client: one in each line that says so, and no others."""

from books_client.models import AuthorCreate, Batch, BatchResults, Book, BookCreate, BookSort, ContributorGiven, Problem


def misspell(book: Book, books: list[Book], problem: Problem, results: BatchResults) -> None:
    BookCreate(title="Emma", author_id=1)
    BookCreate(titel="Emma", author_id=1)  # misspelt
    BookCreate(title=1, author_id=1)  # misspelt
    BookCreate(author_id=1)  # misspelt
    AuthorCreate(name="Jane Austen")
    AuthorCreate(nmae="Jane Austen")  # misspelt
    ContributorGiven(author_id=1, role="author")  # misspelt
    Batch(books=[BookCreate(title="Emma")])
    Batch(books=[{"title": "Emma"}])  # misspelt
    book.title.upper()
    books[0].title.upper()
    books[0].titel  # misspelt
    book.subtitle.upper()  # misspelt
    book.version + 1
    problem.code.upper()
    problem.kode  # misspelt
    problem.errors[0]  # misspelt
    results.results[0].index + 1
    results.results[0].book.title  # misspelt
    BookSort.TITLE_DESC
    BookSort.TITEL  # misspelt
