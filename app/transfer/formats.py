"""The registry of the formats in which books are imported and exported.

A new format is a module in the package of its family, such as `app/transfer/marc/`, with a reader (`Read`) and a writer
of one book, and an entry in `FORMATS`.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import IO, TYPE_CHECKING, Any, Protocol

from app.errors import UnreadableFile
from app.transfer.bibtex import bibtex
from app.transfer.json import csl_json, jsonl
from app.transfer.ris import ris
from app.transfer.tables import csv
from app.transfer.tables.table import Table
from app.transfer.tables.xlsx import SheetTable

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterator

    from app.transfer.rows import Row

OFFICE = "application/vnd.openxmlformats-officedocument"


class Source(Protocol):
    """The rows of a file. Each iteration starts at the first row."""

    @property
    def remarks(self) -> Counter[str]:
        """How many rows each of these is true of; known when the rows have been read."""

    @property
    def size(self) -> int:
        """The place of the last row, for the progress."""

    def __iter__(self) -> Iterator[Row]: ...


class Read(Protocol):
    """Reads a file, which can be read several times."""

    def __call__(self, file: IO[bytes], encoding: str | None, mapping: dict[str, str] | None) -> Source:
        """The rows of a file.

        Raises:
            UnreadableFile: it is not of the format, or is not text in that encoding.
        """


@dataclass(frozen=True)
class Format:
    """A format.

    Attributes:
        name: in options and parameters.
        title: in sentences.
        extension: of files, without the dot.
        media_type: the registered one.
        read: reads a file; None if books only go out.
        write: one book, from its document as `GET /books/<id>` shows it; None if books only come in.
        before: begins a file.
        between: separates books.
        after: ends a file.
        is_for_one: whether a single book may be requested in it.
        unit: what the place of a row counts.
    """

    name: str
    title: str
    extension: str
    media_type: str
    read: Read | None = None
    write: Callable[[str], bytes] | None = None
    before: bytes = b""
    between: bytes = b""
    after: bytes = b""
    is_for_one: bool = True
    unit: str = "record"

    @property
    def reader(self) -> Read:
        """Reads a file.

        Raises:
            UnreadableFile: books only go out in this format.
        """
        if self.read is None:
            msg = f"{self.title} cannot be imported"
            raise UnreadableFile(msg)
        return self.read


def _at_first_call(module: str, name: str) -> Any:  # noqa: ANN401  (any function)
    """A function of a module in this package that is imported when it is called: pymarc takes 4 MB, and 0.02 s."""

    def call(*arguments: object) -> object:
        return getattr(import_module(f"{__package__}.{module}"), name)(*arguments)

    return call


FORMATS = {
    one.name: one
    for one in (
        Format(
            "jsonl",
            "JSON Lines",
            "jsonl",
            "application/jsonl",
            jsonl.Lines,
            jsonl.write,
            is_for_one=False,
            unit="line",
        ),
        Format(
            "csv",
            "CSV",
            "csv",
            "text/csv",
            Table,
            csv.write,
            before=csv.HEADER,
            is_for_one=False,
            unit="line",
        ),
        Format(
            "xlsx",
            "Excel",
            "xlsx",
            f"{OFFICE}.spreadsheetml.sheet",
            SheetTable,
            is_for_one=False,
            unit="line",
        ),
        Format(
            "marc",
            "MARC 21",
            "mrc",
            "application/marc",
            read=_at_first_call("marc.iso2709", "Marc"),
            write=_at_first_call("marc.iso2709", "write"),
        ),
        Format(
            "marcxml",
            "MARCXML",
            "marcxml",
            "application/marcxml+xml",
            read=_at_first_call("marc.marcxml", "MarcXml"),
            write=_at_first_call("marc.marcxml", "write"),
            before=b'<?xml version="1.0" encoding="UTF-8"?>\n<collection xmlns="http://www.loc.gov/MARC21/slim">\n',
            between=b"\n",
            after=b"\n</collection>\n",
        ),
        Format("bibtex", "BibTeX", "bib", "application/x-bibtex", read=bibtex.read, write=bibtex.write, between=b"\n"),
        Format(
            "ris", "RIS", "ris", "application/x-research-info-systems", read=ris.read, write=ris.write, between=b"\r\n"
        ),
        Format(
            "csl-json",
            "CSL-JSON",
            "csljson",
            "application/vnd.citationstyles.csl+json",
            read=csl_json.read,
            write=csl_json.write,
            before=b"[",
            between=b",\n",
            after=b"]\n",
        ),
    )
}
