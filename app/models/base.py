"""The base class of all tables, and the columns of every record of the catalogue."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import BigInteger, Identity, Integer, MetaData, Text, event
from sqlalchemy.orm import DeclarativeBase, Mapped, Mapper, mapped_column

from app.db.ids import next_id, reserve_id
from app.db.migrations import stamp_as_newest
from app.db.types import BigId, UtcDateTime

if TYPE_CHECKING:
    from collections.abc import Collection

    from pydantic import BaseModel
    from sqlalchemy import Connection, Table


class Base(DeclarativeBase):
    """Every constraint is named by this convention, since `app.db.constraints` maps the names to errors."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {int: BigInteger, str: Text, datetime: UtcDateTime}


class Record(Base):
    """A record of the catalogue: numbered, versioned, and with the JSON document that clients get.

    The document is computed when the record is written, so that reading it costs no more than the row. `updated_by` is
    no reference: it says who made the last change, also when that user has been deleted since. Ids are not reused.
    """

    __abstract__ = True
    reply: ClassVar[type[BaseModel]]
    """The schema of the document."""

    id: Mapped[int] = mapped_column(BigId, Identity(), primary_key=True, sort_order=-1)
    version: Mapped[int] = mapped_column(Integer, sort_order=1)
    created_at: Mapped[datetime] = mapped_column(sort_order=1)
    updated_at: Mapped[datetime] = mapped_column(sort_order=1)
    document: Mapped[str] = mapped_column(Text, sort_order=1)
    updated_by: Mapped[int | None] = mapped_column(sort_order=1)
    created_by: Mapped[int | None]

    def write_document(self) -> None:
        """Update the document from the record."""
        self.document = self.reply.model_validate(self, from_attributes=True).model_dump_json()

    def touch(self) -> bool:
        """Start a new version if the document has changed. Returns: whether it has."""
        return start_version(self)

    def touch_by(self, editor_id: int | None) -> None:
        """Start a new version by this user if the document has changed; None: by a command of the operator's."""
        if self.touch():
            self.updated_by = editor_id
            self.write_document()


def start_version(record: Any) -> bool:  # noqa: ANN401  (a `Record`, or one in memory)
    """Start a new version of a record if its document has changed. Its time is never before that of the last version.

    Returns: whether it has changed.
    """
    before = record.document
    record.write_document()
    if record.document == before:
        return False
    record.version += 1
    record.updated_at = time_after(record.updated_at)
    record.write_document()
    return True


def time_after(last: datetime) -> datetime:
    """The time of a record's next version: never before that of the last one, as the clock may have been set back."""
    return max(last, datetime.now(UTC))


@event.listens_for(Record, "before_insert", propagate=True)
def _on_insert(_mapper: Mapper[Record], connection: Connection, record: Record) -> None:
    supplied: int | None = record.id
    if supplied is None:
        record.id = next_id(connection, record.__tablename__)
    else:
        reserve_id(connection, record.__tablename__, supplied)
    if record.created_at is None:  # it is new, and not restored
        record.version = record.version or 1
        record.created_at = record.updated_at = datetime.now(UTC)
        record.updated_by = record.created_by
    record.write_document()


@event.listens_for(Record, "before_update", propagate=True)
def _on_update(_mapper: Mapper[Record], _connection: Connection, record: Record) -> None:
    """SQLAlchemy calls this for every modified record; only if the document differs does it get a new version."""
    record.touch()


@event.listens_for(Base.metadata, "after_create")
def _stamp(metadata: MetaData, connection: Connection, tables: Collection[Table], **_options: object) -> None:
    """Stamp the database as fully migrated after `create_all` has created all tables."""
    if len(tables) == len(metadata.tables):
        stamp_as_newest(connection)
