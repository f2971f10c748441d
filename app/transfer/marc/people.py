"""The people in a MARC record: its main and added entries.

Source: MARC 21 Format for Bibliographic Data, fields 100-111 and 700-711.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from app.domain.names import plain
from app.domain.relator_codes import AUTHOR
from app.schemas.contributors import MOST_CONTRIBUTORS
from app.transfer.marc.relator_terms import relator_code
from app.transfer.people import ANONYMOUS, FINAL_STOP, LIFE_DATES, SUFFIX, Person, turned, unique
from app.transfer.values import LONGEST

if TYPE_CHECKING:
    from collections import Counter

    from pymarc import Field

    from app.transfer.marc.record import MarcRecord
    from app.transfer.rows import Row

NO_AUTHOR = f"has no author, and comes in under “{ANONYMOUS}”"
CONTRIBUTOR = "ctb"
DIRECT = "0"
"""First indicator: the name is given in the order in which it is spoken."""
LONGEST_SORT_NAME = 255
NUMERAL = re.compile(r"[IVXL]+\.?")
SAID = {
    code: re.compile(words)
    for code, words in {
        "trl": r"\btrans\.|translat|traduc|traduit|trad\.|ubers|tradotto|vertaal",
        "edt": r"\beds?\.|edit(?:ed|or)|herausg|hrsg|edite|a cura di|\bred\.",
        "ill": r"\bill\.|illus|ilustr|pictures|drawings",
        "pht": r"photo",
        "aui": r"introd|foreword|preface|vorwort|prologo",
        "aft": r"afterword|nachwort",
        "nrt": r"narrat|read by",
        "com": r"compil|selected by",
        "adp": r"adapt|retold",
    }.items()
}
"""What a statement of responsibility says before names, without accents and capitals."""


def contributors(row: Row, record: MarcRecord, remarks: Counter[str]) -> list[dict[str, Any]]:
    """The people of a record as the fields of contributors, the main entry first; without one, the anonymous one."""
    people: list[Person] = []
    for field in record.all("100", "110", "111", "700", "710", "711", "720"):
        if field.tag.startswith("7") and "t" in field:
            continue  # another work
        if (person := _person(record, field)) is None:
            continue
        people += [person._replace(role=role) for role in _roles(row, record, field, person)]
    people = unique(people)
    if not people:
        people = [_anonymous(row, record, remarks)]
    if len(people) > MOST_CONTRIBUTORS:
        row.leave_out("contributors", f"are more than {MOST_CONTRIBUTORS}; the others are left out")
    return [person._asdict() for person in people[:MOST_CONTRIBUTORS]]


def _anonymous(row: Row, record: MarcRecord, remarks: Counter[str]) -> Person:
    if statement := _statement(record):
        why = "names people who have no entry of their own (fields 100 and 700), and is not read"
        row.leave_out("contributors", why, statement, "245 $c")
    remarks[NO_AUTHOR] += 1
    return Person(ANONYMOUS)


def _person(record: MarcRecord, field: Field) -> Person | None:
    name = FINAL_STOP.sub("", record.first(field, "a")) if _ends(field, "a") else record.first(field, "a")
    if not name:
        return None
    if field.tag[1:] == "00":
        return _personal(record, field, name)
    units = [FINAL_STOP.sub("", part) for part in record.parts(field, "b")] if field.tag[1:] == "10" else []
    return Person(f"{name.removesuffix('.')}. {'. '.join(units)}" if units else name)


def _personal(record: MarcRecord, field: Field, name: str) -> Person:
    """A person: `King, Martin Luther, $c Jr., $d 1929-1968`, or `John Paul $b II, $c Pope`."""
    numeral = record.first(field, "b")
    suffixes = [part for part in record.parts(field, "c") if SUFFIX.fullmatch(f" {part}") or NUMERAL.fullmatch(part)]
    last, *others = _bits(name) if field.indicator1 != DIRECT else [name]
    if not others or not last or not others[0]:
        return Person(" ".join(filter(None, [name, numeral, *suffixes])))
    suffixes += [part for part in others[1:] if SUFFIX.fullmatch(f" {part}")]
    person = turned(last, others[0], " ".join(filter(None, [numeral, *suffixes])))
    is_short = len(person.sort_name or "") <= LONGEST_SORT_NAME
    return person if is_short else person._replace(sort_name=None)


def _bits(name: str) -> list[str]:
    """The parts of an inverted name, without the dates of its bearer's life."""
    dates = LIFE_DATES.search(name) if len(name) <= LONGEST else None
    return [part.strip() for part in (name[: dates.start()] if dates else name).split(",")]


def _ends(field: Field, code: str) -> bool:
    """Whether nothing that is said of a person comes after this subfield."""
    codes = [subfield.code for subfield in field.subfields if not subfield.code.isdigit()]
    return codes[-1:] == [code]


def _roles(row: Row, record: MarcRecord, field: Field, person: Person) -> list[str]:
    """What a person did, by codes and terms; otherwise as the statement of responsibility has it."""
    code_of_term = "j" if field.tag[1:] == "11" else "e"
    given = [*field.get_subfields("4"), *record.parts(field, code_of_term)]
    known = [code for text in given for part in _terms(text) if (code := relator_code(part))]
    if known:
        return list(dict.fromkeys(known))
    if given:
        row.leave_out("contributors", "is not a known role", given[0], f"{field.tag} ${code_of_term}")
    return [AUTHOR if field.tag.startswith("1") else _stated_role(record, field, person)]


def _terms(text: str) -> list[str]:
    """The terms of a subfield: some records have several in one."""
    return [text] if relator_code(text) else text[:LONGEST].split(",")


def _stated_role(record: MarcRecord, field: Field, person: Person) -> str:
    """The role of an added entry without one: that in the statement of responsibility before the name.

    Its first part names the authors, unless it says otherwise.
    """
    surname = plain(person.sort_name.partition(",")[0] if person.sort_name else person.name)
    for place, part in enumerate(_statement(record).split(" ; ") if surname else []):
        before, found, _ = plain(part).partition(surname)
        if not found:
            continue
        said = [(match.start(), code) for code, words in SAID.items() for match in words.finditer(before)]
        default = AUTHOR if place == 0 and field.tag == "700" else CONTRIBUTOR
        return max(said)[1] if said else default
    return CONTRIBUTOR


def _statement(record: MarcRecord) -> str:
    """The statement of responsibility, if it is short enough to be searched."""
    statement = next((text for field in record.all("245") if (text := record.first(field, "c"))), "")
    return statement[: LONGEST * 2]
