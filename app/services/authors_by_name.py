"""Contributors whom a client names instead of giving their ids: authors that exist, or new ones."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, text

from app.db.bulk import insert_rows, is_postgres
from app.db.copying import DerivedRows
from app.db.driver_statements import fetch
from app.db.ids import next_id
from app.db.locks import PEOPLE, lock_exclusive
from app.db.types import TextArray
from app.domain.clean_text import clean_line, require_visible
from app.domain.names import name_key
from app.domain.sort_names import sort_name_of
from app.events.changes import document_of, note_change, origin_of
from app.models import Author
from app.models.drafts import AuthorDraft

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sqlalchemy import Table
    from sqlalchemy.orm import Session

    from app.services.quota import Quota

AUTHORS: Table = Author.__table__  # type: ignore[assignment]  # SQLAlchemy's type is wider
LONGEST = 255
MOST_LISTED = 10
_OLDEST = {
    "postgresql": text(f"""
        WITH given AS MATERIALIZED (SELECT unnest(CAST(:keys AS text[])) AS name_key)
        SELECT given.name_key, found.id, found.name FROM given, LATERAL (
            SELECT id, name FROM authors
            WHERE authors.name_key >= given.name_key AND authors.name_key <= given.name_key
            ORDER BY authors.name_key, id LIMIT {MOST_LISTED}
        ) AS found
        UNION ALL SELECT given.name_key, authors.id, authors.name FROM given, LATERAL (
            SELECT author_id FROM author_aliases
            WHERE author_aliases.name_key >= given.name_key AND author_aliases.name_key <= given.name_key
            ORDER BY author_aliases.name_key, author_id LIMIT {MOST_LISTED}
        ) AS found JOIN authors ON authors.id = found.author_id
    """).bindparams(bindparam("keys", type_=TextArray())),  # noqa: S608  (our own number)
    "sqlite": text(f"""
        SELECT given.value, authors.id, authors.name FROM json_each(:keys) AS given
        JOIN authors ON authors.id IN (
            SELECT id FROM authors AS same WHERE name_key = given.value ORDER BY id LIMIT {MOST_LISTED}
        )
        UNION ALL SELECT given.value, authors.id, authors.name FROM json_each(:keys) AS given
        JOIN authors ON authors.id IN (
            SELECT author_id FROM author_aliases WHERE name_key = given.value ORDER BY author_id LIMIT {MOST_LISTED}
        )
    """),  # noqa: S608  (likewise)
}
"""For each key, the oldest authors with that name and with that alias. Names need not be unique, and a member can add
ten thousand authors who share fifty aliases. The order is that of the indexes."""
INITIALS = re.compile(r"(?<!\w)(?:[^\W\d_]\.\s?)+(?!\w\.)|(?<!\w)[^\W\d_](?:\s[^\W\d_])*(?!\w)|(?<!\w)[A-Z]{2,3}(?=\s)")
"""Initials in a name, with full stops or without."""
Person = tuple[int, str]
"""The id of an author, and the name."""


class NamedPeople:
    """Authors by their names and aliases, in either order: `Jane Austen` or `Austen, Jane`."""

    def __init__(self, db: Session, quota: Quota | None = None) -> None:
        """Args: quota: of the user who may create authors."""
        self.db = db
        self.quota = quota
        self.newcomers: list[AuthorDraft] = []
        """The authors that were created."""
        self._by_key: dict[str, dict[int, str]] = {}
        self._looked_up: set[str] = set()

    def look_up(self, names: Sequence[str]) -> None:
        """Find the authors of these names. If some are unknown, others wait to create authors until the commit.

        It comes before other locks than those of books: two transactions could otherwise both create an author.
        """
        usable = self.find(names)
        if not all(map(self.of, usable)):
            lock_exclusive(self.db, PEOPLE)
            self._find(usable)

    def find(self, names: Sequence[str]) -> list[str]:
        """Find the authors of these names, without a lock. Returns: the names that are new to this object."""
        usable = [name for name in names if name not in self._looked_up and _unusable(name) is None]
        self._looked_up.update(usable)
        self._find(usable)
        return usable

    def lock(self) -> bool:
        """Have others wait to create authors until the commit. Returns: whether some were created meanwhile."""
        lock_exclusive(self.db, PEOPLE)
        unknown = [name for name in self._looked_up if not self.of(name)]
        self._find(unknown)
        return any(map(self.of, unknown))

    def of(self, name: str) -> dict[int, str]:
        """The names of the authors that a name may mean, by their ids: of very many, only the oldest."""
        return {author_id: known for key in keys_of(name) for author_id, known in self._by_key.get(key, {}).items()}

    def fault(self, name: str) -> str | None:
        """Why a name means no author and cannot become one; None if it does or can."""
        found = self.of(name)
        if len(found) > 1:
            ids = ", ".join(map(str, sorted(found)[:MOST_LISTED]))
            return f"is the name of several authors: give the author_id ({ids})"
        return _unusable(name)

    def get_or_add(self, name: str) -> Person:
        """The one author of that name, who is created if there is none. `fault` is None.

        Raises:
            QuotaReached: the user may not add an author.
        """
        found = self.of(name) or self._add(clean_line(name, LONGEST))
        [person] = found.items()
        return person

    def oldest(self, name: str) -> Person | None:
        """The oldest author with that name: their own in this exact spelling, else as an alias, else in another one."""
        key = name_key(name)
        exact = self._by_key.get(key, {})
        own = {author_id: known for author_id, known in exact.items() if name_key(known) == key}
        return min((own or exact or self.of(name)).items(), default=None)

    def own(self, name: str) -> Person | None:
        """The oldest author who has that name as their own, in any spelling, and not as an alias."""
        keys = keys_of(name)
        return min((person for person in self.of(name).items() if name_key(person[1]) in keys), default=None)

    def know(self, author_id: int, name: str, aliases: Iterable[str] = ()) -> None:
        """Know an author who is about to be created."""
        for known in (name, *aliases):
            self._by_key.setdefault(name_key(known), {})[author_id] = name

    def _find(self, names_to_find: Collection[str]) -> None:
        keys = {key for name in names_to_find for key in keys_of(name)}
        if not keys:
            return
        connection = self.db.connection()
        given = {"keys": keys if is_postgres(connection) else json.dumps(list(keys), ensure_ascii=False)}
        for key, author_id, name in fetch(connection, _OLDEST[connection.dialect.name], given):
            self._by_key.setdefault(key, {})[author_id] = name

    def _add(self, name: str) -> dict[int, str]:
        """Add an author, whose words are stored with those of the books."""
        if self.quota is not None:
            self.quota.require_room()
            self.quota.use()
        connection = self.db.connection()
        author = AuthorDraft.new(next_id(connection, AUTHORS.name), name, None, origin_of(self.db).actor_id)
        insert_authors(self.db, [author])
        self.newcomers.append(author)
        found = {author.id: name}
        self._by_key[name_key(name)] = found
        return found


def insert_authors(db: Session, authors: Sequence[AuthorDraft]) -> None:
    """Insert authors whom books bring, all in one statement; their words are stored with those of the books."""
    insert_rows(db.connection(), AUTHORS, DerivedRows(authors, AuthorDraft.row))
    for author in authors:
        note_change(db, "author", None, document_of(author))


@lru_cache(maxsize=4_096)
def keys_of(name: str) -> frozenset[str]:
    """The keys of a name, of the same name in the other order, and of both with initials in all spellings."""
    family, comma, given = name.partition(",")
    given, _, suffix = given.partition(",")
    other = f"{given} {family} {suffix}" if comma else sort_name_of(name)
    return frozenset(name_key(spelling) for one in (name, other) for spelling in (one, *_with_initials(one)))


def _with_initials(name: str) -> list[str]:
    """A name with its initials as they may be written: `J. R. R.`, `J.R.R.`, `J R R` or `JRR Tolkien`."""
    if not (found := INITIALS.search(name)):
        return []
    letters = re.findall(r"[^\W\d_]", found[0])
    before, after = name[: found.start()], name[found.end() :]
    spellings = (". ".join(letters) + ".", ".".join(letters) + ".", " ".join(letters), "".join(letters))
    return [f"{before}{initials} {after}" for initials in spellings]


def _unusable(name: str) -> str | None:
    """Why no author can have that name; None if one can."""
    try:
        require_visible(clean_line(name, LONGEST))
    except ValueError as error:
        return str(error)
    return None
