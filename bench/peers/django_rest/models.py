"""The tables; the service's migrations create them."""

import json

from django.db import models
from django.utils import timezone


class JsonList(models.TextField):
    """A list as JSON text; NULL is an empty list."""

    def from_db_value(self, value: str | None, _expression: object, _connection: object) -> list:
        """The list."""
        return json.loads(value) if value else []

    def get_prep_value(self, value: list | None) -> str:
        """The text."""
        return json.dumps(value or [])


class Author(models.Model):
    """An author."""

    name = models.CharField(max_length=255)
    sort_name = models.CharField(max_length=255)
    bio = models.TextField(null=True)
    country = models.CharField(max_length=100, null=True)
    birth_year = models.IntegerField(null=True)
    death_year = models.IntegerField(null=True)
    aliases = JsonList(null=True)
    identifiers = JsonList(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    updated_by = models.BigIntegerField(null=True)
    version = models.IntegerField()

    class Meta:
        managed = False
        db_table = "authors"


class Genre(models.Model):
    """A genre."""

    name = models.CharField(max_length=100)
    name_key = models.TextField(unique=True)
    filter_key = models.TextField()

    class Meta:
        managed = False
        db_table = "genres"


class Book(models.Model):
    """A book."""

    title = models.CharField(max_length=500)
    title_key = models.TextField()
    subtitle = models.CharField(max_length=500, null=True)
    author = models.ForeignKey(Author, models.PROTECT)
    isbn = models.CharField(max_length=13, null=True)
    published_year = models.IntegerField(null=True)
    language = models.CharField(max_length=35, null=True)
    publisher = models.CharField(max_length=255, null=True)
    publisher_key = models.TextField(null=True)
    description = models.TextField(null=True)
    pages = models.IntegerField(null=True)
    series = models.CharField(max_length=500, null=True)
    series_position = models.FloatField(null=True)
    cover_url = models.TextField(null=True)
    sort_title = models.CharField(max_length=500)
    published = models.CharField(max_length=11, null=True)
    identifiers = JsonList(null=True)
    links = JsonList(null=True)
    call_number = models.CharField(max_length=255, null=True)
    location = models.CharField(max_length=255, null=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    created_by = models.BigIntegerField(null=True, default=1)
    updated_by = models.BigIntegerField(null=True, default=1)
    version = models.IntegerField(default=1)

    class Meta:
        managed = False
        db_table = "books"


class Contributor(models.Model):
    """A contributor of a book."""

    pk = models.CompositePrimaryKey("book_id", "author_id", "role")
    book = models.ForeignKey(Book, models.CASCADE, related_name="contributors")
    author = models.ForeignKey(Author, models.PROTECT)
    role = models.CharField(max_length=3)
    position = models.IntegerField()

    class Meta:
        managed = False
        db_table = "book_contributors"
        ordering = ("position",)


class BookGenre(models.Model):
    """A genre of a book."""

    pk = models.CompositePrimaryKey("book_id", "genre_id")
    book = models.ForeignKey(Book, models.CASCADE, related_name="genre_links")
    genre = models.ForeignKey(Genre, models.PROTECT)
    position = models.IntegerField()

    class Meta:
        managed = False
        db_table = "book_genres"
        ordering = ("position",)


class BookIdentifier(models.Model):
    """An identifier of a book, by which it is found."""

    pk = models.CompositePrimaryKey("book_id", "type", "value")
    book = models.ForeignKey(Book, models.CASCADE, related_name="identifier_rows")
    type = models.CharField(max_length=20)
    value = models.CharField(max_length=255)

    class Meta:
        managed = False
        db_table = "book_identifiers"
