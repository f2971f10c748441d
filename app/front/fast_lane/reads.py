"""The frequent reads: how each is recognized, read and written, from what its route declares."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from pydantic import MISSING, ValidationError

from app.db.bulkheads import Kind
from app.domain.ids import MAX_ID
from app.errors import InvalidCursor
from app.models import Author, Book
from app.queries.batched_reads import JoinedPage, PageWanted, documents, pages
from app.queries.book_filters import BY_ID
from app.schemas.lists import BookFilters
from app.schemas.pages import PageQuery
from app.web.caching import tag_of
from app.web.conditional import etag_of
from app.web.json_documents import json_object
from app.web.operations import declaration_of
from app.web.pagination import PAGING, links
from app.web.representations import wants_json
from app.web.request_log import route_template

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Flask
    from sqlalchemy import Connection

    from app.front.fast_lane.requests import ReadRequest
    from app.schemas.base import Query
    from app.web.cursors import Cursors
    from app.web.pagination import Parameters

ID = re.compile(r"<id:\w+>")
PLAIN_QUERY = re.compile(r"[a-z_]+=[A-Za-z0-9_.-]+(?:&[a-z_]+=[A-Za-z0-9_.-]+){0,7}")
"""A query string in which nothing is escaped, empty or without a value."""


class Content(NamedTuple):
    """What is particular to a successful response."""

    body: bytes
    tag: str
    """Its `ETag`."""
    link: str | None = None
    """Its `Link`."""
    vary: bytes = b"Accept-Encoding"
    """Its `Vary`."""


class FrequentRead(ABC):
    """A read that takes the fast lane. An instance has no state."""

    endpoint: str
    """Flask's name of its route."""
    kind: Kind
    """Whose connections it uses."""
    takes: frozenset[str] = frozenset()
    """The query parameters that it understands; a request with others is Flask's."""
    needs: frozenset[str] = frozenset()
    """Those without which it is another read."""

    def suits(self, accept: str | None) -> bool:  # noqa: ARG002  (of others)
        """Whether a client that sends this `Accept` gets what this reads."""
        return True

    @abstractmethod
    def read(self, connection: Connection, requests: Sequence[ReadRequest], cursors: Cursors) -> list[Content | None]:
        """The contents for all requests; None for one that is Flask's, such as for a record that does not exist."""


@dataclass(frozen=True)
class Route:
    """A frequent read with what its route declares."""

    frequent: FrequentRead
    pattern: re.Pattern[str]
    """Of its path; the group is an id."""
    template: str
    """Of its path, as in the OpenAPI document."""
    query: type[Query] | None
    cursors: Cursors

    @classmethod
    def of(cls, app: Flask, cursors: Cursors, read: FrequentRead) -> Route:
        """The read, as the application declares it."""
        rule = next(rule for rule in app.url_map.iter_rules(read.endpoint) if "GET" in (rule.methods or ()))
        pattern = re.compile(ID.sub("([1-9][0-9]{0,18})", rule.rule))
        query = declaration_of(app.view_functions[read.endpoint]).query
        return cls(read, pattern, route_template(rule.rule), query, cursors)

    @property
    def kind(self) -> Kind:
        """Whose connections it uses."""
        return self.frequent.kind

    def understands(self, request: ReadRequest, path: re.Match[str]) -> bool:
        """Complete the request from its path and query string. False: it is Flask's."""
        if path.re.groups:
            request.number = int(path[1])
        suits = self.frequent.suits(request.environ.get("HTTP_ACCEPT"))
        return suits and request.number <= MAX_ID and self._understands_query(request)

    def _understands_query(self, request: ReadRequest) -> bool:
        text = request.environ["QUERY_STRING"]
        if not self.query:
            return not text
        if text:
            if not PLAIN_QUERY.fullmatch(text):
                return False
            request.parameters = [(name, value) for name, _, value in (one.partition("=") for one in text.split("&"))]
        given = dict(request.parameters)
        if len(given) < len(request.parameters) or not self.frequent.needs <= given.keys() <= self.frequent.takes:
            return False
        try:
            wanted = self.query.model_validate(given)
            if isinstance(wanted, BookFilters) and wanted.author_id is not MISSING:
                request.author_id = wanted.author_id
            if isinstance(wanted, PageQuery):
                request.limit = wanted.limit
                request.after = 0 if wanted.cursor is MISSING else self._start(wanted.cursor, request)
        except (ValidationError, InvalidCursor):
            return False
        return True

    def _start(self, cursor: str, request: ReadRequest) -> int:
        return int(str(BY_ID.opened(self.cursors.decode(cursor, _list_name(request)))[0]))

    def read(self, connection: Connection, requests: Sequence[ReadRequest]) -> list[Content | None]:
        """The contents for all requests; None for one that is Flask's."""
        return self.frequent.read(connection, requests, self.cursors)


class OneRecord(FrequentRead):
    """A record by its id."""

    def __init__(self, endpoint: str, kind: Kind, record: type[Book | Author]) -> None:
        self.endpoint, self.kind, self._record = endpoint, kind, record

    def read(self, connection: Connection, requests: Sequence[ReadRequest], _cursors: Cursors) -> list[Content | None]:
        """See `FrequentRead`."""
        found = documents(connection, self._record, list({one.number for one in requests}))
        return [None if one.number not in found else _of_record(found[one.number]) for one in requests]


class OneBook(OneRecord):
    """A book, of which there are other representations than JSON: these are Flask's."""

    def suits(self, accept: str | None) -> bool:
        """See `FrequentRead`."""
        return wants_json(accept)

    def read(self, connection: Connection, requests: Sequence[ReadRequest], cursors: Cursors) -> list[Content | None]:
        """See `FrequentRead`."""
        found = super().read(connection, requests, cursors)
        return [content and content._replace(vary=b"Accept, Accept-Encoding") for content in found]


class Books(FrequentRead):
    """A page of books by id."""

    endpoint, kind = "books.list_books", Kind.BOOK_LISTS
    takes = frozenset({"limit", "cursor"})

    def read(self, connection: Connection, requests: Sequence[ReadRequest], cursors: Cursors) -> list[Content | None]:
        """See `FrequentRead`."""
        found = pages(connection, [PageWanted(one.author_id, one.after, one.limit) for one in requests])
        return [
            page and _of_page(f"[{page.documents}]", page, one, cursors)
            for one, page in zip(requests, found, strict=True)
        ]


class BooksOfPerson(Books):
    """The same, of those to which one person contributed."""

    needs = frozenset({"author_id"})
    takes = frozenset({"author_id", "limit", "cursor"})


class AuthorBooks(FrequentRead):
    """An author, with a page of books."""

    endpoint, kind = "authors.get_author_books", Kind.BOOK_LISTS
    takes = frozenset({"limit", "cursor"})

    def read(self, connection: Connection, requests: Sequence[ReadRequest], cursors: Cursors) -> list[Content | None]:
        """See `FrequentRead`."""
        authors = documents(connection, Author, list({one.number for one in requests}))
        found = pages(connection, [PageWanted(one.number, one.after, one.limit) for one in requests])
        return [
            None if page is None or one.number not in authors else _of_author(authors[one.number], page, one, cursors)
            for one, page in zip(requests, found, strict=True)
        ]


FREQUENT: tuple[FrequentRead, ...] = (
    OneBook("books.get_book", Kind.BOOKS, Book),
    Books(),
    BooksOfPerson(),
    OneRecord("authors.get_author", Kind.AUTHORS, Author),
    AuthorBooks(),
)


def _of_record(document: str) -> Content:
    return Content(document.encode(), f'"{etag_of(document)}"')


def _of_author(document: str, page: JoinedPage, request: ReadRequest, cursors: Cursors) -> Content:
    body = json_object(status='"success"', author=document, books=f"[{page.documents}]")
    return _of_page(body, page, request, cursors)


def _of_page(body: str, page: JoinedPage, request: ReadRequest, cursors: Cursors) -> Content:
    content = body.encode()
    others = [(name, value) for name, value in request.parameters if name != "cursor"]
    following = None
    if page.after is not None:
        cursor = cursors.encode(page.after, _list_name(request))
        following = _address(request, [*others, ("cursor", cursor)])
    link = links(_address(request, others), following)
    return Content(content, f'W/"{tag_of(content, link.encode(), b"")}"', link)


def _list_name(request: ReadRequest) -> str:
    """As `app.web.pagination.list_name`, with values as the client spells them: in a plain query nothing is escaped."""
    filters = sorted((name, value) for name, value in request.parameters if name not in PAGING)
    return f"{request.environ['PATH_INFO']}?{_joined(filters)}"


def _address(request: ReadRequest, parameters: Parameters) -> str:
    path = request.environ["PATH_INFO"]
    return f"{path}?{_joined(parameters)}" if parameters else path


def _joined(parameters: Parameters) -> str:
    return "&".join([f"{name}={value}" for name, value in parameters])
