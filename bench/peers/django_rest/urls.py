"""The routes."""

from django.urls import path

from bench.peers.django_rest.views import AuthorBooksView, AuthorView, BooksView, BookView

urlpatterns = [
    path("books", BooksView.as_view()),
    path("books/<int:pk>", BookView.as_view()),
    path("authors/<int:pk>", AuthorView.as_view()),
    path("authors/<int:pk>/books", AuthorBooksView.as_view()),
]
