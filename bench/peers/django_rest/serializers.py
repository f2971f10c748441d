"""What clients read and send."""

from django.db import transaction
from rest_framework import serializers

from bench.peers.django_rest.models import Author, Book, BookGenre, BookIdentifier, Contributor, Genre
from bench.peers.sort_titles import sort_title_of


class IdentifierSerializer(serializers.Serializer):
    """An identifier in another catalogue."""

    type = serializers.CharField(max_length=20)
    value = serializers.CharField(max_length=255)


class LinkSerializer(serializers.Serializer):
    """A link."""

    rel = serializers.CharField(max_length=255)
    href = serializers.URLField()
    type = serializers.CharField(allow_null=True, default=None)
    title = serializers.CharField(max_length=255, allow_null=True, default=None)


class AuthorSerializer(serializers.ModelSerializer):
    """An author."""

    aliases = serializers.ListField(child=serializers.CharField(max_length=255))
    identifiers = IdentifierSerializer(many=True)

    class Meta:
        model = Author
        fields = (
            *("id", "name", "sort_name", "bio", "country", "birth_year", "death_year", "aliases", "identifiers"),
            *("created_at", "updated_at", "updated_by", "version"),
        )


class ContributorSerializer(serializers.ModelSerializer):
    """A contributor."""

    author_id = serializers.PrimaryKeyRelatedField(source="author", queryset=Author.objects.all())
    name = serializers.CharField(source="author.name", read_only=True)
    role = serializers.RegexField("^[a-z]{3}$", default="aut")

    class Meta:
        model = Contributor
        fields = ("author_id", "name", "role")


class GenreNames(serializers.ListField):
    """The names of genres."""

    child = serializers.CharField(max_length=100)

    def get_attribute(self, instance: Book) -> list[str]:
        """Those of a book."""
        return [link.genre.name for link in instance.genre_links.all()]


class BookSerializer(serializers.ModelSerializer):
    """A book."""

    isbn = serializers.RegexField("^97[89][0-9]{10}$", allow_null=True, required=False)
    contributors = ContributorSerializer(many=True, allow_empty=False)
    genres = GenreNames(default=list)
    author_id = serializers.IntegerField(read_only=True)
    sort_title = serializers.CharField(max_length=500, required=False)
    published = serializers.RegexField("^[0-9]{4}(-[0-9]{2}){0,2}$", allow_null=True, required=False)
    identifiers = IdentifierSerializer(many=True, default=list)
    links = LinkSerializer(many=True, default=list)

    class Meta:
        model = Book
        fields = (
            *("id", "title", "subtitle", "author_id", "contributors", "isbn", "published_year", "language"),
            *("publisher", "description", "pages", "series", "series_position", "cover_url", "genres"),
            *("sort_title", "published", "identifiers", "links", "call_number", "location"),
            *("created_at", "updated_at", "created_by", "updated_by", "version"),
        )
        read_only_fields = ("created_at", "updated_at", "created_by", "updated_by", "version")

    def create(self, validated_data: dict) -> Book:
        """Insert a book with its contributors, genres and identifiers."""
        parts, names = validated_data.pop("contributors"), validated_data.pop("genres")
        with transaction.atomic():
            known = {
                genre.name_key: genre for genre in Genre.objects.filter(name_key__in=[n.casefold() for n in names])
            }
            for name in names:
                key = name.casefold()
                if key not in known:
                    known[key] = Genre.objects.create(name=name, name_key=key, filter_key=key)
            title, publisher = validated_data["title"], validated_data.get("publisher")
            filed = validated_data.pop("sort_title", sort_title_of(title, validated_data.get("language")))
            book = Book.objects.create(
                **validated_data,
                sort_title=filed,
                title_key=filed.lower(),
                publisher_key=publisher.lower() if publisher else None,
                author=parts[0]["author"],
            )
            contributors = Contributor.objects.bulk_create(
                [Contributor(book=book, position=place, **part) for place, part in enumerate(parts)]
            )
            links = BookGenre.objects.bulk_create(
                [BookGenre(book=book, position=place, genre=known[n.casefold()]) for place, n in enumerate(names)]
            )
            BookIdentifier.objects.bulk_create([BookIdentifier(book=book, **one) for one in book.identifiers])
        book._prefetched_objects_cache = {"contributors": contributors, "genre_links": links}  # noqa: SLF001  (saves two reads)
        return book
