"""Invented, pronounceable words with their frequencies, all from one seed."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

ONSETS = "b bl br c ch cr d dr f fl g gr h j k l m n p pr qu r s sh st str t th tr v w".split()  # noqa: SIM905
VOWELS = ["a", "e", "i", "o", "u", "ai", "ea", "ou", "ie"]
CODAS = ["", "", "", "", "n", "r", "s", "l", "nd", "th", "ck", "m"]
ACCENTS = {"fr": {"e": "é", "a": "à"}, "es": {"o": "ó", "n": "ñ"}, "de": {"u": "ü", "o": "ö"}, "cs": {"c": "č"}}
ACCENTS |= {"pt": {"a": "ã"}, "pl": {"l": "ł"}, "sv": {"a": "å"}, "tr": {"s": "ş"}, "hu": {"o": "ő"}}
CYRILLIC = str.maketrans("abcdefghijklmnopqrstuvwz", "абцдефгхийклмнопярстувшз")
GREEK = str.maketrans("abcdefghijklmnopqrstuvw", "αβψδεφγηιξκλμνοπθρστυωχ")
ARABIC = str.maketrans("abcdefghijklmnopqrstuvw", "ابصدهفغحيجكلمنوثقرستعطش")

LITTLE_WORDS = {
    "en": ["the", "of", "and", "a", "in", "to", "for", "with", "on", "from"],
    "es": ["el", "la", "de", "y", "los", "en", "un"],
    "fr": ["le", "la", "de", "et", "les", "des", "un"],
    "de": ["der", "die", "das", "und", "von", "im"],
    "it": ["il", "la", "di", "e", "un"],
    "pt": ["o", "a", "de", "e", "um"],
    "nl": ["de", "het", "van", "en", "een"],
    "ru": ["и", "в", "на", "не"],
}
LANGUAGES = {
    "en": 520, "es": 75, "fr": 75, "de": 75, "ja": 35, "zh": 35, "ru": 35, "it": 30, "pt": 30, "nl": 15, "pl": 12,
    "sv": 10, "ar": 10, "el": 6, "cs": 6, "tr": 6, "hu": 5, "fi": 5, "da": 5, "en-US": 40,
}  # fmt: skip
"""How many of a thousand books are in each language; the remaining books have none."""


def zipf(rng: Random, size: int, flat: int) -> int:
    """A random rank below `size`; the probability of rank r is proportional to 1 / (r + flat) (Zipf-Mandelbrot)."""
    return int(flat * ((1 + size / flat) ** rng.random() - 1))


@dataclass(frozen=True)
class Vocabulary:
    """Words by rank, in a script."""

    words: list[str]
    flat: int

    @classmethod
    def made(cls, rng: Random, size: int, flat: int, syllables: tuple[int, int] = (1, 4)) -> Vocabulary:
        """That many different words; frequent words are short, as in natural language."""
        made: dict[str, None] = {}
        least, most = syllables
        while len(made) < size:
            count = min(most, least + int((most - least + 1) * (len(made) / size) ** 0.5 * rng.uniform(0.6, 1.4)))
            made["".join(rng.choice(ONSETS) + rng.choice(VOWELS) for _ in range(count)) + rng.choice(CODAS)] = None
        return cls(list(made), flat)

    def one(self, rng: Random) -> str:
        """A random word, frequent ones more often."""
        return self.words[zipf(rng, len(self.words), self.flat)]


def spelled(word: str, language: str) -> str:
    """A word in the spelling of a language."""
    match language:
        case "ru":
            return word.translate(CYRILLIC)
        case "el":
            return word.translate(GREEK)
        case "ar":
            return word.translate(ARABIC)
    for letter, accented in ACCENTS.get(language, {}).items():
        word = word.replace(letter, accented, 1)
    return word


def without_spaces(rng: Random, language: str) -> str:
    """A title in Han characters, with kana between them in Japanese."""
    letters = [chr(0x4E00 + 7 * zipf(rng, 2500, 30)) for _ in range(rng.randint(2, 9))]
    if language == "ja":
        letters = [letter + (chr(0x3042 + rng.randrange(80)) if rng.random() < 0.4 else "") for letter in letters]  # noqa: PLR2004
    return "".join(letters)
