"""A synthetic catalogue: authors and books with realistic lengths and frequencies, all from one seed."""
# ruff: noqa: S311, PLR2004  (nothing here is a secret; the numbers are frequencies)

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from random import Random
from typing import TYPE_CHECKING, Any

from bench.vocabulary import LANGUAGES, LITTLE_WORDS, Vocabulary, spelled, without_spaces, zipf

if TYPE_CHECKING:
    from collections.abc import Iterator

FREQUENT_GENRES = (
    """
Fiction, History, Romance, Mystery, Fantasy, Biography, Poetry, Science Fiction, Children, Thriller, Classics,
Philosophy, Religion, Travel, Art, Science, Drama, Cooking, Politics, Humour, Horror, Short Stories, Music, Psychology,
Economics, Nature, Mathematics, Law, Medicine, Education, Sports, Crafts, Photography, Architecture, Linguistics,
Comics, Essays, Letters, Folklore, Westerns
""".replace("\n", " ")
    .strip()
    .split(", ")
)
PLACES = (
    "Africa, America, Arabia, Asia, Australia, Brazil, Canada, China, Egypt, England, Europe, France, Germany, Greece"
)
PLACES += ", India, Ireland, Italy, Japan, Mexico, Rome, Russia, Scotland, Spain, Turkey"
GENRES = [*FREQUENT_GENRES, *(f"{genre} ({place})" for genre in FREQUENT_GENRES for place in PLACES.split(", "))]
"""A thousand genres: some frequent ones, and the long tail that every catalogue has."""
GENRE_WEIGHTS = list(accumulate(1 / (rank + 1.5) ** 1.1 for rank in range(len(GENRES))))
HOW_MANY_GENRES = list(accumulate([10, 45, 30, 15]))
HOW_MANY_PEOPLE = list(accumulate([68, 20, 8, 4]))
HOW_MANY_WORDS = list(accumulate([12, 25, 25, 15, 10, 6, 4, 3]))
ROLES = ["trl", "edt", "ill", "aut", "aut"]
BEGINNING = datetime(2024, 1, 1, tzinfo=UTC)
COUNTRIES = ["England", "France", "Deutschland", "España", "Italia", "Japan", "United States", "México", None, None]


@dataclass(frozen=True)
class Size:
    """The numbers of books and authors."""

    books: int
    authors: int


class Catalogue:
    """Books and authors by number: the same number and seed give the same record."""

    def __init__(self, size: Size, seed: int) -> None:
        self.size = size
        self.seed = seed
        rng = Random(f"{seed} words")
        self.words = Vocabulary.made(rng, 60_000, flat=20)
        self.given_names = Vocabulary.made(rng, 3_000, flat=30, syllables=(1, 2))
        self.family = Vocabulary.made(rng, 40_000, flat=80, syllables=(1, 3))
        self.publishers = [f"{word.title()} Press" for word in self.words.words[500:2500]]
        self.languages: list[str | None] = [*LANGUAGES, None]
        self.language_weights = list(accumulate([*LANGUAGES.values(), 1000 - sum(LANGUAGES.values())]))
        rng = Random(f"{seed} names {size.authors}")
        self.names = [self._name(rng) for _ in range(size.authors)]

    def _name(self, rng: Random) -> str:
        middle = f" {rng.choice('ABCDEFGHJKLMPRSTW')}." if rng.random() < 0.2 else ""
        language = rng.choices(self.languages, cum_weights=self.language_weights)[0] or "en"
        given_name, family = self.given_names.one(rng), self.family.one(rng)
        return f"{spelled(given_name, language)}{middle} {spelled(family, language)}".title()

    def author(self, number: int) -> dict[str, Any]:
        """The fields of an author; numbers start at 1."""
        rng = Random(f"{self.seed} author {number}")
        born = rng.randint(1700, 1990) if rng.random() < 0.6 else None
        added = BEGINNING + timedelta(seconds=number // 3, microseconds=rng.randrange(1_000_000))
        return {
            "id": number,
            "name": self.names[number - 1],
            "bio": self._sentence(rng, 20) if rng.random() < 0.1 else None,
            "country": rng.choice(COUNTRIES),
            "birth_year": born,
            "death_year": born + rng.randint(25, 90) if born and born < 1930 else None,
            "created_at": added,
            "updated_at": added,
            "updated_by": 1,
            "version": 1,
        }

    def books(self, numbers: range) -> Iterator[dict[str, Any]]:
        """The fields of these books."""
        return map(self.book, numbers)

    def book(self, number: int) -> dict[str, Any]:
        """The fields of a book, as in its reply; numbers start at 1."""
        rng = Random(self.seed * 1_000_003 + number)
        language = rng.choices(self.languages, cum_weights=self.language_weights)[0]
        added = BEGINNING + timedelta(days=30, seconds=number // 5, microseconds=rng.randrange(1_000_000))
        changed = rng.random() < 0.1
        people = self._people(rng)
        series = self._series(people[0]["author_id"]) if rng.random() < 0.12 else None
        return {
            "id": number,
            "title": self._title(rng, language or "en"),
            "subtitle": self._sentence(rng, 4) if rng.random() < 0.25 else None,
            "author_id": people[0]["author_id"],
            "contributors": people,
            "isbn": isbn_of(number) if rng.random() < 0.85 else None,
            "published_year": _year(rng),
            "language": language,
            "publisher": self.publishers[zipf(rng, 2000, 15)] if rng.random() < 0.8 else None,
            "description": self._sentence(rng, 40) if rng.random() < 0.2 else None,
            "pages": rng.randint(40, 900) if rng.random() < 0.7 else None,
            "series": series,
            "series_position": None if series is None else float(rng.randint(1, 12)),
            "cover_url": f"https://covers.example.org/{number}.jpg" if rng.random() < 0.5 else None,
            "genres": self._genres(rng),
            "created_at": added,
            "updated_at": added + timedelta(days=rng.randint(1, 300)) if changed else added,
            "created_by": 1,
            "updated_by": 1,
            "version": 2 if changed else 1,
        }

    def _title(self, rng: Random, language: str) -> str:
        if language in {"ja", "zh"}:
            return without_spaces(rng, language)
        count = rng.choices(range(1, 9), cum_weights=HOW_MANY_WORDS)[0]
        little = LITTLE_WORDS.get(language.partition("-")[0], [])
        words: list[str] = []
        while len(words) < count:
            if little and len(words) + 1 < count and rng.random() < 0.45:
                words.append(little[zipf(rng, len(little), 2)])
            words.append(spelled(self.words.one(rng), language))
        title = " ".join(words)
        return title.title() if language.startswith("en") else title[:1].upper() + title[1:]

    def _sentence(self, rng: Random, count: int) -> str:
        return " ".join(self.words.one(rng) for _ in range(rng.randint(count // 2, count))).capitalize() + "."

    def _people(self, rng: Random) -> list[dict[str, Any]]:
        """The contributors; the first is the author. Some authors have hundreds of books, most one or two."""
        count = rng.choices(range(1, 5), cum_weights=HOW_MANY_PEOPLE)[0]
        numbers = dict.fromkeys(1 + int(self.size.authors * rng.random() ** 1.6) for _ in range(count))
        roles = ["aut", *(rng.choice(ROLES) for _ in range(len(numbers) - 1))]
        named = zip(numbers, roles, strict=True)
        return [{"author_id": number, "name": self.names[number - 1], "role": role} for number, role in named]

    def _genres(self, rng: Random) -> list[str]:
        count = rng.choices(range(4), cum_weights=HOW_MANY_GENRES)[0]
        return list(dict.fromkeys(rng.choices(GENRES, cum_weights=GENRE_WEIGHTS, k=count)))

    def _series(self, author: int) -> str:
        rng = Random(self.seed * 7 + author)
        return f"The {self.words.one(rng).title()} {self.words.one(rng).title()}"


def _year(rng: Random) -> int | None:
    chance = rng.random()
    if chance < 0.04:
        return None
    if chance < 0.042:
        return -rng.randint(1, 800)
    return 2026 - min(int(rng.expovariate(1 / 25)), 500)


def isbn_of(number: int) -> str:
    """An ISBN with its check digit, unique for each number below a thousand million."""
    digits = f"978{number * 618_033_989 % 1_000_000_000:09d}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"
