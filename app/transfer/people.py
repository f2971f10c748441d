"""Names of people in a cell: who they are, what they did, and in which order their names stand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from app.domain.names import LONGEST_NAME, name_key, plain
from app.domain.relator_codes import AUTHOR
from app.transfer.python_lists import IS_LIST, python_list
from app.transfer.role_words import is_plural, role_in_brackets, role_of

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_CELL = 10_000
ANONYMOUS = "Anonymous"
"""The author of works without a named one, as libraries file them (AACR2, rule 21.5)."""
NOT_NAMED = {
    *("", "-", "--", "?", "n/a", "na", "n.a.", "anonymous", "anon", "anon.", "unknown", "unknown author"),
    *("author unknown", "no author", "unbekannt", "anonym", "anonyme", "anonimo", "not stated", "s.n."),
}
SPACES = re.compile(r"[^\S\r\n]+")
"""Rows of spaces are one space: the patterns below try each place where one may begin."""
SEPARATORS = re.compile(r"\s*(?:[;|\n\r]+|\\n)\s*")
JOINED = re.compile(r"\s+(?:&|and)\s+|\s*/\s*")
SUFFIX = re.compile(r",?\s+(Jr|Sr|II|III|IV|Ph\.?\s?D|M\.?D|Esq)\.?(?=$|,)", re.IGNORECASE)
LIFE_DATES = re.compile(
    r",?\s*[(\[]?\s*(?:(?:ca?\.?|fl\.?|approximately)\s*)?\d{3,4}\??\s*[-\u2013]\s*(?:(?:ca?\.?)?\s*\d{3,4}\??)?\s*[)\]]?[.,]*$"
    r"|,\s*(?:b|d|born|died)\.?\s+\d{3,4}\??[.,]*$"
)
IN_BRACKETS = re.compile(r"\s*[(\[]([^()\[\]]+)[)\]]\s*$")
BEHIND_A_BRACKET = re.compile(r"(?<=[)\]])\s*,\s*")
BEFORE = re.compile(r"^((?:translated|edited|illustrated|written|narrated|read)\s+by|by)\s+", re.IGNORECASE)
OTHERS = re.compile(r"[,;]?\s+(?:et\s+al\.?|and\s+others|u\.\s?a\.)$", re.IGNORECASE)
INITIALS = re.compile(r"(?:[^\W\d_]\.[\s-]?)+")
FINAL_STOP = re.compile(r"(?<=[^\W\d_A-Z]{2})\.$")
PARTICLES = {"de", "da", "di", "du", "del", "della", "der", "den", "van", "von", "le", "la", "el", "al", "st", "st."}


class Person(NamedTuple):
    """A person as a file names them.

    Attributes:
        name: in the order in which it is spoken.
        role: a MARC relator code.
        sort_name: the order in which it is filed, if the file says so.
    """

    name: str
    role: str = AUTHOR
    sort_name: str | None = None


class People(NamedTuple):
    """The people of a cell, and why they may be others."""

    people: list[Person]
    doubt: str = ""


class Undressed(NamedTuple):
    """A name without what stands around it.

    Attributes:
        name: of one person, or of several with commas.
        role: a MARC relator code; empty if the text names none.
        reach: whose role it is: that of the `last` name, of `each` name of this text, or of `all` before it as well.
    """

    name: str
    role: str = ""
    reach: str = "last"


@dataclass
class Habits:
    """How the cells of a column write names: how many are inverted, spoken, or lists with commas."""

    inverted: int = 0
    spoken: int = 0
    lists: int = 0

    def learn(self, cell: str) -> None:
        """Count one more cell."""
        for text in _parts(cell[:LONGEST_CELL]):
            bits = _bits(_undressed(text).name)
            if len(bits) > 1 and all(map(_has_several_words, bits)):
                self.lists += 1
            elif len(bits) == 2 and not _has_several_words(bits[0]) and _is_given_name(bits[1]):  # noqa: PLR2004
                self.inverted += 1
            elif len(bits) == 1 and _has_several_words(bits[0]):
                self.spoken += 1

    @property
    def are_inverted(self) -> bool:
        """Whether `Last, First` is the rule."""
        return self.inverted > self.spoken and self.inverted > self.lists

    @property
    def are_lists(self) -> bool:
        """Whether commas separate people."""
        return self.lists > self.inverted


def people_in(cell: str, habits: Habits, role: str = AUTHOR) -> People:
    """The people that a cell names.

    A cell that may be read in two ways stays one name, with the doubt. One without a name, or with `Unknown`, names no
    one; beside others that is the anonymous author, whom they translate or edit. A role in brackets is that of the name
    before it, `Ann Mann, Jo Roe (Illustrator)`; one in the plural is that of all names before it that have none.

    Args:
        cell: names, possibly several, with roles, suffixes and life dates.
        habits: of the column.
        role: of those whose role the cell does not say.
    """
    people: list[Person] = []
    doubt = "" if len(cell) <= LONGEST_CELL else f"is cut after {LONGEST_CELL:,} characters"
    parts = _parts(cell[:LONGEST_CELL])
    if len(parts) > 1 and "," not in parts[-1] and " " in parts[-1] and not SEPARATORS.search(cell.strip()):
        habits = Habits()  # `Ann Mann, Jo Roe & Li Po`, whatever the other cells are
    for text in parts:
        if OTHERS.search(text):
            doubt = "does not name all people"
        undressed = _undressed(OTHERS.sub("", text))
        names, why = _split_at_commas(undressed.name, habits)
        doubt = why or doubt
        people += [_known(person)._replace(role="") for person in names]
        reach = {"last": 1, "each": len(names), "all": len(people)}[undressed.reach]
        people[-reach:] = [person._replace(role=person.role or undressed.role) for person in people[-reach:]]
    found = unique(person._replace(role=person.role or role) for person in people)
    return People([] if [person.name for person in found] == [ANONYMOUS] else found, doubt)


def unique(people: Iterable[Person]) -> list[Person]:
    """Each person once in each role."""
    kept: dict[tuple[str, str], Person] = {}
    for person in people:
        kept.setdefault((name_key(person.name), person.role), person)
    return list(kept.values())


def _known(person: Person) -> Person:
    """The person, or the anonymous one."""
    name = person.name
    return Person(ANONYMOUS) if len(name) <= LONGEST_NAME and plain(name).strip("[]()") in NOT_NAMED else person


def turned(last: str, first: str, suffix: str = "") -> Person:
    """A person whose name is given as it is filed."""
    end = f" {suffix}" if suffix else ""
    return Person(f"{first} {last}{end}", AUTHOR, f"{last}, {first}{f', {suffix}' if suffix else ''}")


def _parts(cell: str) -> list[str]:
    """The parts of a cell that are certainly of different people."""
    text = SPACES.sub(" ", cell.strip())
    if (names := python_list(text)) is not None:
        return [name for name in names if name.strip()]
    if IS_LIST.fullmatch(text):
        text = text.strip("[]")
    parts = [part for several in SEPARATORS.split(text) for part in _behind_roles(several) if part]
    return [name.strip() for part in parts for name in _unjoined(part) if name.strip()]


def _behind_roles(part: str) -> list[str]:
    """The part, cut behind each role in brackets that a comma follows: `Ann Mann (Translator), Jo Roe (Translator)`."""
    *before, last = BEHIND_A_BRACKET.split(part)
    ends = [IN_BRACKETS.search(text) for text in before]
    return [*before, last] if all(end and role_in_brackets(end[1]) for end in ends) else [part]


def _unjoined(part: str) -> list[str]:
    """Two people joined by a word or sign; a firm such as `Simon & Schuster` stays whole."""
    before = BEFORE.match(part)
    word = before[0] if before else ""
    names = JOINED.split(part.removeprefix(word))
    return [word + name for name in names] if len(names) > 1 and all(map(_is_person, names)) else [part]


def _is_person(text: str) -> bool:
    return _has_several_words(SUFFIX.sub("", IN_BRACKETS.sub("", text))) and not text[:1].islower()


def _undressed(text: str) -> Undressed:
    """A name without the dates of its bearer's life and without the role."""
    role, reach = "", "last"
    if (before := BEFORE.match(text)) and (code := role_of(before[1])):
        text, role, reach = text[before.end() :], "" if code == AUTHOR else code, "each"
    for _ in range(3):  # role and dates come in either order, and once more at the most
        text = text.strip().rstrip(",;:/")
        if (bracket := IN_BRACKETS.search(text)) and (code := role_in_brackets(bracket[1])):
            text, role, reach = text[: bracket.start()], code, "all" if is_plural(bracket[1]) else "last"
            continue
        rest, _, last = text.rpartition(",")
        if rest and last.strip()[:1].islower() and (code := role_of(last)):
            text, role, reach = rest, code, "all" if is_plural(last) else "last"
            continue
        if not (dates := LIFE_DATES.search(text)) or not text[: dates.start()].strip():
            break
        text = text[: dates.start()]
    return Undressed(FINAL_STOP.sub("", " ".join(text.split())), role, reach)


def _split_at_commas(text: str, habits: Habits) -> tuple[list[Person], str]:
    suffix = ""
    if (match := SUFFIX.search(text)) and text[: match.start()].strip():
        after = text[match.end() :]
        if not after.strip(", "):
            suffix, text = match[0].strip(" ,"), text[: match.start()]
    bits = _bits(text)
    if len(bits) <= 1:
        return [Person(" ".join(filter(None, [*bits, suffix])))], ""
    last_bit = " ".join(filter(None, [bits[-1], suffix]))
    if habits.are_lists:
        return [*map(Person, bits[:-1]), Person(last_bit)], ""
    if len(bits) == 2:  # noqa: PLR2004  (the one before the comma, and the one behind)
        last, first = bits
        if habits.are_inverted or _is_certainly_inverted(last, first):
            return [turned(last, first, suffix)], ""
    if all(map(_has_several_words, bits)):
        return [*map(Person, bits[:-1]), Person(last_bit)], ""
    return [Person(f"{text}{f', {suffix}' if suffix else ''}")], "may be one person or several, and is kept as one"


def _is_certainly_inverted(last: str, first: str) -> bool:
    words = last.split()
    one = len(words) == 1 or _is_particle(words[0])
    ends_with_particle = _is_particle(first.rsplit(maxsplit=1)[-1])  # `Goethe, Johann Wolfgang von`
    return one and (_is_given_name(first) or ends_with_particle)


def _bits(text: str) -> list[str]:
    return [bit.strip() for bit in text.split(",") if bit.strip()]


def _has_several_words(text: str) -> bool:
    return len(text.split()) > 1


def _is_given_name(text: str) -> bool:
    """Whether it is what stands behind the comma of an inverted name: one word, initials, or both."""
    words = [word for word in text.split() if not INITIALS.fullmatch(word) and not _is_particle(word)]
    return len(words) <= 1


def _is_particle(word: str) -> bool:
    return len(word) <= LONGEST_NAME and plain(word) in PARTICLES
