"""What search needs of a database: protocols that the modules for SQLite and PostgreSQL implement."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection, Select, Subquery, TableClause
    from sqlalchemy.sql.selectable import SelectBase

    from app.search.query import WordQuery
    from app.search.tiers import Tier

    Holds = Callable[[ColumnElement[int]], list[ColumnElement[bool]]]
    """Further conditions on the record with some id."""
    Parameters = Mapping[str, str | None]


class WordStore(Protocol):
    """How words are stored, and how a query asks for them."""

    def search_table(self, kind: str) -> TableClause:
        """The table with the words of a kind of record: `book` or `author`."""

    def id_of(self, search: TableClause) -> ColumnElement[int]:
        """The column with the record's id."""

    def put(self, connection: Connection, search: TableClause, rows: Sequence[Mapping[str, Any]]) -> None:
        """Store records' words: `id`, `title` and `everything`."""

    def add(self, connection: Connection, search: TableClause, rows: Sequence[Mapping[str, Any]]) -> None:
        """Store the words of records that have none yet."""

    def learn(self, connection: Connection, words: Collection[str], at_most: int | None) -> None:
        """Store words that are new by their variants, so that typos are tolerated: all, or the shortest."""

    def parameters(self, query: WordQuery) -> Parameters:
        """The parameters of a statement that looks for the words anywhere."""

    def parameters_by_tier(self, query: WordQuery) -> Mapping[Tier, Parameters]:
        """The parameters of a statement that looks for the words in one tier; tiers without any match are left out."""


class PageReader(Hashable, Protocol):
    """The statements that read a page of matches, one tier after the other."""

    @property
    def RECORDS_TO_A_STEP(self) -> int:  # noqa: N802  (a constant)
        """Records that are checked one by one in the time that a look-up elsewhere takes."""

    def earliest(self, search: TableClause, tier: Tier, after_id: ColumnElement[int], limit: int) -> SelectBase:
        """The lowest ids after one, of records in a tier."""

    def all_ids(self, search: TableClause) -> Select[int]:
        """The ids of all records that have the words anywhere."""

    def next_in(
        self, search: TableClause, tier: Tier, after_id: ColumnElement[int], steps: int
    ) -> tuple[Subquery, list[ColumnElement[bool]]]:
        """The next records, at most so many, and the conditions that tell whether they are in a tier."""

    def record_has(self, search: TableClause, record_id: ColumnElement[int], query: WordQuery) -> ColumnElement[bool]:
        """Whether a single record has the words anywhere."""

    def tier_of(
        self, search: TableClause, record_id: ColumnElement[int], query: WordQuery, tiers: Mapping[Tier, Parameters]
    ) -> ColumnElement[int]:
        """The tier of a single record; null if it does not have the words."""

    def frequent(self, search: TableClause) -> Select[bool] | None:
        """Whether many records have the words; None if no statement tells."""


class RankedPageReader(Hashable, Protocol):
    """The statements of PostgreSQL alone: FTS5 finds matches one by one, so SQLite needs none of them."""

    def few_in(self, search: TableClause, tier: Tier) -> Select[bool]:
        """Whether a tier has so few records that the index finds them all quickly."""

    def all_in(self, search: TableClause, tier: Tier, after_id: ColumnElement[int], hold: Holds) -> Select[int]:
        """The ids after one in a tier, in order."""

    def at_once(self, search: TableClause, hold: Holds, limit: int) -> Subquery:
        """A page of matches in all tiers, with the tier of each record."""

    def parameters_at_once(self, query: WordQuery, tiers: Mapping[Tier, Parameters]) -> dict[str, str | None]:
        """The parameters of that statement."""
