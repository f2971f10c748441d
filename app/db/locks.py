"""Advisory locks, which protect more than a row.

They are PostgreSQL's, kept until the commit; SQLite has one writer at a time and needs none. To avoid deadlock, take
several in this order: the quota of a user, BATCHES, NAMES, PEOPLE, the locks of ids. WORDS may be taken at any time:
who takes it in exclusive mode waits for nothing. Take ADMINS before locking rows of users, and never together with the
others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVarTuple

from sqlalchemy import func, literal_column, select, text, true
from sqlalchemy.orm import Session

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Select

Ts = TypeVarTuple("Ts")

NAMES = "names"
"""Protects names that are copied into documents of other records: shared when such a document is written, exclusive
when a name changes, so that no document is written with a name that is being changed."""
PEOPLE = "people"
"""Exclusive for writes of books that name an author who does not exist: two of them create the author once."""
BATCHES = "batches"
"""Exclusive for transactions that write many books: two of them could deadlock on each other's books. Shared for those
that only add books, in the order of their ISBNs."""
USERNAMES = "usernames"
"""Exclusive for registration: two users cannot register names that look alike at the same time. Taken alone."""
ADMINS = "admins"
"""Exclusive for user administration, and for what changes the rows of several users: two admins cannot remove each
other at the same time, and an admin who has lost the role is refused."""

WORDS = "words"
"""Protects words of search that a writer found in the table, and therefore does not add: shared until the writer's
commit, exclusive when words are removed that no record has any more."""

FEED = "feed"
"""Exclusive for the publisher of changes, which takes it only if no other has it, and no other lock."""

OURS = "books-api"
"""The space of these names."""
SHARED = "shared_locks"
"""The key in `Connection.info` of the locks that the transaction already has in shared mode."""


def share(name: str, space: str = OURS) -> str:
    """An expression of SQL that takes the lock in shared mode."""
    return f"pg_advisory_xact_lock_shared(hashtext('{space}'), hashtext('{name}'))"


def try_to_share(name: str) -> str:
    """The same, unless another has the lock in exclusive mode or waits for it. Its value is whether it did."""
    return f"pg_try_advisory_xact_lock_shared(hashtext('{OURS}'), hashtext('{name}'))"


_ALONE = text("SELECT pg_advisory_xact_lock(hashtext('books-api'), hashtext(:name))")
_SHARE = {name: text(f"SELECT {share(name)}") for name in (NAMES, WORDS)}
_TRY_ALONE = text("SELECT pg_try_advisory_xact_lock(hashtext('books-api'), hashtext(:name))")

# An uncommitted row with a unique key acts as a lock as well: another insert of the key waits. With these the order is
# BATCHES, NAMES, the rows of books by id, PEOPLE, ids, existing genres and new ones, new ISBNs, new words of search.


def lock_shared(connection: Connection | Session, name: str) -> None:
    """Take the lock in shared mode, until the transaction ends."""
    connection = _connection(connection)
    if connection.dialect.name == "postgresql" and name not in connection.info.get(SHARED, ()):
        connection.execute(_SHARE[name])
        have_shared(connection, name)


def with_shared(connection: Connection, query: Select[*Ts], *names: str) -> Select[*Ts]:
    """A query of one table that first takes these locks in shared mode; perhaps not, if it finds no rows.

    It sees what was committed before it waited for them: only the rows that it locks, too, are in their newest version.
    """
    if connection.dialect.name != "postgresql":
        return query
    locked = select(*(literal_column(share(name)).label(name) for name in names)).cte("locked")
    return query.join_from(locked, query.get_final_froms()[0], true())


def have_shared(connection: Connection, *names: str) -> None:
    """Note that the transaction has these locks in shared mode, or that its next statement takes them by `share`."""
    connection.info.setdefault(SHARED, set()).update(names)


def lock_exclusive(connection: Connection | Session, name: str) -> None:
    """Take the lock in exclusive mode, until the transaction ends."""
    _take(connection, _ALONE, name)


def try_lock_exclusive(connection: Connection, name: str) -> bool:
    """Take the lock in exclusive mode, until the transaction ends, unless another has it. Returns: whether it did."""
    return connection.dialect.name != "postgresql" or bool(connection.scalar(_TRY_ALONE, {"name": name}))


def trying_to_lock(name: ColumnElement[str]) -> ColumnElement[bool]:
    """An expression that takes a lock in exclusive mode on PostgreSQL, unless another has it, and says whether it did.

    For names that clients choose: they are in another space than the names above, and have digests of 64 bits instead
    of 32, so that no client can find a name with the digest of another.
    """
    return func.pg_try_advisory_xact_lock(func.hashtextextended(name, 0))


def _take(connection: Connection | Session, statement: object, name: str) -> None:
    connection = _connection(connection)
    if connection.dialect.name == "postgresql":
        connection.execute(statement, {"name": name})  # type: ignore[call-overload]  # it is executable


def _connection(connection: Connection | Session) -> Connection:
    return connection.connection() if isinstance(connection, Session) else connection
