"""Bytes of a file as a table: its encoding, its separator, its header, and the line of each row."""

from __future__ import annotations

import csv
import datetime
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

Cell = str | float | bool | None
"""A text that is still to be read, or a value of a file that has types."""
_SEPARATORS = ",;\t|"
_XLSX = b"PK\x03\x04"
_XLS = b"\xd0\xcf\x11\xe0"
_LONGEST_CELL = 1 << 20
_MAX_UNPACKED = 256 << 20
_MAX_CELLS = 20_000_000
_REFERENCE = re.compile(rb'<c [^>]*?r="([A-Z]{1,3})(\d{1,7})"')


class NotATable(Exception):
    """The file is not a table; the message says why."""


@dataclass(frozen=True)
class Source:
    """A table before its columns are read.

    Attributes:
        columns: names of the columns; a repeated name has a number.
        records: the cells of each row, as many as there are columns.
        lines: the line of the file on which each row begins.
        ragged: lines whose number of cells is not that of the header, with that number; not in ``records``.
        prefers_comma: whether the file separates cells by semicolons, as where a comma marks decimals.
        notes: sentences about the file.
    """

    columns: Sequence[str]
    records: Sequence[Sequence[Cell]]
    lines: Sequence[int]
    ragged: Sequence[tuple[int, int]] = ()
    prefers_comma: bool = False
    notes: Sequence[str] = field(default_factory=tuple)


def read_source(content: bytes) -> Source:
    """A table from the bytes of a file: CSV, TSV, Excel, or JSON with ``columns`` and ``rows``.

    Raises:
        NotATable: the file cannot be read, or has no rows.
    """
    if content.startswith((_XLSX, _XLS)):
        return _table(_excel(content), [])
    text, notes = _decoded(content)
    if text.lstrip().startswith("{"):
        return _json(text)
    separator, text, skipped = _separator(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    csv.field_size_limit(_LONGEST_CELL)
    return _table(_csv_records(reader, skipped), notes, prefers_comma=separator == ";")


def _decoded(content: bytes) -> tuple[str, list[str]]:
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            return _strictly(content, encoding), []
    if b"\0" in content[:400]:
        # Without a mark, the zero bytes of Latin letters tell the order.
        return _strictly(content, "utf-16-le" if content[1:2] == b"\0" else "utf-16-be"), []
    try:
        return content.decode("utf-8"), []
    except UnicodeDecodeError:
        note = "The file is not UTF-8; it is read as Windows-1252 (Latin-1)."
        try:
            return content.decode("cp1252"), [note]
        except UnicodeDecodeError:
            return content.decode("latin-1"), [note]


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise NotATable(f"the file begins as {encoding.upper()} and is not") from None


def _separator(text: str) -> tuple[str, str, int]:
    """The separator, the text from its header on, and how many lines stand before the header."""
    first, _, rest = text.partition("\n")
    # Excel writes and reads this line.
    if first.strip().lower().startswith("sep=") and len(first.strip()) == 5:
        return first.strip()[4], rest, 1
    return max(_SEPARATORS, key=lambda sign: _columns(first, sign)), text, 0


def _columns(header: str, separator: str) -> int:
    return len(next(csv.reader([header], delimiter=separator), []))


def _csv_records(reader: Any, skipped: int) -> Iterator[tuple[int, list[str]]]:
    """The line on which each record begins, and its cells. A quoted cell may hold line breaks."""
    begins = 1
    try:
        for cells in reader:
            yield begins + skipped, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        fault = "a quote does not close" if "unexpected end" in str(error) else str(error)
        raise NotATable(f"line {begins + skipped}: {fault}") from None


def _excel(content: bytes) -> Iterator[tuple[int, list[Cell]]]:
    # Imported here: only a table in Excel's form needs it.
    import python_calamine

    if content.startswith(_XLSX):
        _check_size(content)
    rows: list[list[Any]] = []
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        for name in book.sheet_names:
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            if rows:
                break
    except Exception as error:
        # The library raises its own errors and those of the file's archive.
        raise NotATable("the file is not an Excel workbook that can be read") from error
    for line, cells in enumerate(rows, 1):
        yield line, [_typed(cell) for cell in cells]


def _check_size(content: bytes) -> None:
    """Refuses a workbook that would take much more memory than its file: one that is strongly compressed, or
    has a cell in the last row and column.

    Raises:
        NotATable: the workbook is too large.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(part.file_size for part in archive.infolist()) > _MAX_UNPACKED:
                raise NotATable(
                    f"the workbook unpacks to more than {_MAX_UNPACKED >> 20} MiB; save it as CSV"
                )
            sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
            for name in sheets:
                rows = columns = 0
                for match in _REFERENCE.finditer(archive.read(name)):
                    rows = max(rows, int(match[2]))
                    columns = max(columns, _column_number(match[1]))
                if rows * columns > _MAX_CELLS:
                    raise NotATable(f"a sheet of the workbook spans {rows:,} rows and {columns:,} columns")
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError):
        raise NotATable("the file is not an Excel workbook that can be read") from None


def _column_number(letters: bytes) -> int:
    """The number of a column: 27 for ``AA``."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _typed(cell: Any) -> Cell:
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat()
    if isinstance(cell, datetime.date | datetime.time | datetime.timedelta):
        return cell.isoformat() if hasattr(cell, "isoformat") else str(cell)
    return cell if cell is None or isinstance(cell, str | bool | float | int) else str(cell)


def _json(text: str) -> Source:
    """A table with types, as a client sends a data frame."""
    try:
        document = json.loads(text)
        columns, rows = document["columns"], document["rows"]
        fits = all(isinstance(name, str) for name in columns) and all(
            isinstance(row, list) and all(isinstance(cell, str | int | float | None) for cell in row)
            for row in rows
        )
    except (ValueError, TypeError, KeyError, RecursionError):
        fits = False
    if not fits:
        raise NotATable("wanted are `columns`, a list of names, and `rows`, a list of lists of values")
    return _table(enumerate([columns, *rows], 1), [])


def _table(
    records: Iterator[tuple[int, list[Any]]] | Any, notes: list[str], prefers_comma: bool = False
) -> Source:
    filled = ((line, cells) for line, cells in records if any(not _is_blank(cell) for cell in cells))
    header = next(filled, None)
    columns = _named(header[1]) if header is not None else []
    kept: list[Sequence[Cell]] = []
    lines: list[int] = []
    ragged = []
    for line, cells in filled:
        beyond = cells[len(columns) :]
        if len(cells) < len(columns) or any(not _is_blank(cell) for cell in beyond):
            ragged.append((line, len(cells)))
        else:
            kept.append(cells[: len(columns)])
            lines.append(line)
    if not kept and not ragged:
        raise NotATable("the file needs a line of column names and at least one row")
    return Source(columns, kept, lines, ragged, prefers_comma, notes)


def _is_blank(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _named(cells: Sequence[Cell]) -> list[str]:
    """Column names without outer spaces; a repeated or absent name gets a number."""
    names: list[str] = []
    texts = [str(cell if cell is not None else "").strip() for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    for index, text in enumerate(texts, 1):
        name = text or f"column {index}"
        count = 2
        while name in names:
            name, count = f"{text or 'column'} ({count})", count + 1
        names.append(name)
    return names
