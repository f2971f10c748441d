"""The endpoints."""

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.shortcuts import get_object_or_404
from rest_framework import generics, views
from rest_framework.request import Request
from rest_framework.response import Response

from bench.peers.django_rest.models import Author, Book, Contributor
from bench.peers.django_rest.serializers import AuthorSerializer, BookSerializer

PAGE = 50
WHOLE = Book.objects.prefetch_related("contributors__author", "genre_links__genre")


def of_author(author_id: int) -> QuerySet[Book]:
    """The books of an author, by id."""
    return WHOLE.filter(id__in=Contributor.objects.filter(author_id=author_id).values("book_id")).order_by("id")


class BookView(generics.RetrieveAPIView):
    """A book."""

    queryset = WHOLE
    serializer_class = BookSerializer


class BooksView(generics.ListCreateAPIView):
    """A page of books, and adding one."""

    serializer_class = BookSerializer

    def get_queryset(self) -> QuerySet[Book]:
        """The books that match."""
        parameters = self.request.query_params
        books = of_author(int(parameters["author_id"])) if "author_id" in parameters else WHOLE.order_by("id")
        for word in parameters.get("q", "").split():
            named = Contributor.objects.filter(book_id=OuterRef("id"), author__name__icontains=word).order_by()
            books = books.filter(Q(title__icontains=word) | Exists(named))
        return books.filter(id__gt=int(parameters.get("after", 0)))[: int(parameters.get("limit", PAGE))]


class AuthorView(generics.RetrieveAPIView):
    """An author."""

    queryset = Author.objects.all()
    serializer_class = AuthorSerializer


class AuthorBooksView(views.APIView):
    """An author with a page of books."""

    def get(self, _request: Request, pk: int) -> Response:
        """Read them."""
        author = get_object_or_404(Author, pk=pk)
        books = BookSerializer(of_author(pk)[:PAGE], many=True).data
        return Response({"status": "success", "author": AuthorSerializer(author).data, "books": books})
