"""What clients read and send."""

from django.db import transaction
from rest_framework import serializers

from bench.peers.django_rest.models import Author, Book, BookGenre, Contributor, Genre


class AuthorSerializer(serializers.ModelSerializer):
    """An author."""

    class Meta:
        model = Author
        fields = (
            *("id", "name", "sort_name", "bio", "country", "birth_year", "death_year"),
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

    class Meta:
        model = Book
        fields = (
            *("id", "title", "subtitle", "author_id", "contributors", "isbn", "published_year", "language"),
            *("publisher", "description", "pages", "series", "series_position", "cover_url", "genres"),
            *("created_at", "updated_at", "created_by", "updated_by", "version"),
        )
        read_only_fields = ("created_at", "updated_at", "created_by", "updated_by", "version")

    def create(self, validated_data: dict) -> Book:
        """Insert a book with its contributors and genres."""
        parts, names = validated_data.pop("contributors"), validated_data.pop("genres")
        with transaction.atomic():
            known = {
                genre.name_key: genre for genre in Genre.objects.filter(name_key__in=[n.casefold() for n in names])
            }
            for name in names:
                key = name.casefold()
                if key not in known:
                    known[key] = Genre.objects.create(name=name, name_key=key, filter_key=key)
            publisher = validated_data.get("publisher")
            book = Book.objects.create(
                **validated_data,
                title_key=validated_data["title"].lower(),
                publisher_key=publisher.lower() if publisher else None,
                author=parts[0]["author"],
            )
            contributors = Contributor.objects.bulk_create(
                [Contributor(book=book, position=place, **part) for place, part in enumerate(parts)]
            )
            links = BookGenre.objects.bulk_create(
                [BookGenre(book=book, position=place, genre=known[n.casefold()]) for place, n in enumerate(names)]
            )
        book._prefetched_objects_cache = {"contributors": contributors, "genre_links": links}  # noqa: SLF001  (saves two reads)
        return book
