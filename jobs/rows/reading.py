"""Reads NDJSON, CSV or Parquet incrementally and converts each row to JSON."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any, Protocol

import msgspec

from abintel.media_types import CSV, NDJSON
from abintel.problem import Fault, bad_body, pointer
from jobs.rows.cells import TextRows, object_row
from jobs.rows.forms import RowShape

MAX_ROW = 16 << 20
"""Bytes of the longest row. An incomplete row is kept in memory."""
_BATCH = 1000
_UTF8_BOM = b"\xef\xbb\xbf"


class RowReader(Protocol):
    """Reads the rows of one body."""

    def feed(self, data: bytes) -> Iterator[Sequence[bytes]]:
        """The rows that these bytes complete."""
        ...

    def end(self) -> Iterator[Sequence[bytes]]:
        """The remaining rows, at the end of the body."""
        ...


def reader_of(form: str, shape: RowShape) -> RowReader:
    """The reader of a media type."""
    if form == NDJSON:
        return NdjsonRows(shape)
    return CsvRows(shape) if form == CSV else ParquetRows(shape)


class NdjsonRows:
    """One JSON object per line. Empty lines are ignored."""

    def __init__(self, shape: RowShape) -> None:
        self._shape = shape
        self._rest = b""
        self._read = 0
        self._split = msgspec.json.Decoder(list[msgspec.Raw])

    def feed(self, data: bytes) -> Iterator[Sequence[bytes]]:
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > MAX_ROW:
            raise _too_long(self._shape, self._read)
        yield self._objects(lines)

    def end(self) -> Iterator[Sequence[bytes]]:
        yield self._objects([self._rest])

    def _objects(self, lines: list[bytes]) -> Sequence[bytes]:
        rows = [line for line in lines if line.strip()]
        try:
            array = b"[" + b",".join(rows) + b"]"
            if not array.isascii():
                array.decode("utf-8")
            # Two half objects, or two objects in a line, could still form a valid array.
            valid = len(self._split.decode(array)) == len(rows)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            valid = False
        if not valid:
            raise bad_body([self._fault(rows)])
        self._read += len(rows)
        return rows

    def _fault(self, rows: list[bytes]) -> Fault:
        for index, row in enumerate(rows):
            try:
                msgspec.json.decode(row, type=msgspec.Raw)
                row.decode("utf-8")
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                row_pointer = pointer(self._shape.rows, self._read + index)
                return Fault(row_pointer, f"The line is not one JSON object in UTF-8: {error}.")
        return Fault(pointer(self._shape.rows, self._read), "The lines are not JSON objects.")


class CsvRows:
    """CSV (RFC 4180) with a header line. The delimiter is ``;`` if the header has a ``;`` and no comma."""

    def __init__(self, shape: RowShape) -> None:
        self._shape = shape
        self._rest = b""
        self._quoted = False
        self._delimiter = ","
        self._names: list[str] = []
        self._rows: TextRows | None = None
        self._read = 0

    def feed(self, data: bytes) -> Iterator[Sequence[bytes]]:
        # A row ends at a line break outside of quotation marks.
        position, end = len(self._rest), 0
        *lines, last = data.split(b"\n")
        for line in lines:
            position += len(line) + 1
            self._quoted ^= line.count(b'"') % 2 == 1
            end = end if self._quoted else position
        self._quoted ^= last.count(b'"') % 2 == 1
        self._rest += data
        if end:
            complete, self._rest = self._rest[:end], self._rest[end:]
            yield self._lines(complete)
        if len(self._rest) > MAX_ROW:
            raise _too_long(self._shape, self._read)

    def end(self) -> Iterator[Sequence[bytes]]:
        if self._quoted:
            raise bad_body([Fault(self._row_pointer(), "A quotation begins in this row and does not end.")])
        yield self._lines(self._rest)
        if self._rows is None:
            raise bad_body([Fault("", "The body is empty; send a line with the names of the columns.")])

    def _lines(self, data: bytes) -> Sequence[bytes]:
        if self._rows is None:
            data = data.removeprefix(_UTF8_BOM)
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            raise bad_body(
                [Fault(self._row_pointer(), "The text is not UTF-8 here, or soon after.")]
            ) from None
        if self._rows is None and text.strip():
            first = text.partition("\n")[0]
            self._delimiter = ";" if "," not in first and ";" in first else ","
        rows = []
        try:
            for cells in csv.reader(io.StringIO(text, newline=""), delimiter=self._delimiter, strict=True):
                if not cells:
                    continue
                if self._rows is None:
                    self._rows = self._named([name.strip() for name in cells])
                    continue
                if len(cells) > len(self._names):
                    message = f"The row has {len(cells)} cells, and there are {len(self._names)} columns."
                    raise bad_body([Fault(self._row_pointer(), message)])
                rows.append(self._rows.row(cells))
                self._read += 1
        except csv.Error as error:
            raise bad_body([Fault(self._row_pointer(), f"The row is not CSV: {error}.")]) from None
        return rows

    def _named(self, names: list[str]) -> TextRows:
        duplicates = sorted({name for name in names if names.count(name) > 1})
        if duplicates:
            raise bad_body([Fault("", f"The column {duplicates[0]!r} is there twice.")])
        self._names = names
        return TextRows(names, self._shape)

    def _row_pointer(self) -> str:
        return pointer(self._shape.rows, self._read)


class ParquetRows:
    """A Parquet file. Its schema is at its end, so the file is buffered on disk until it is complete."""

    def __init__(self, shape: RowShape) -> None:
        self._row = object_row(shape)
        self._open = ExitStack()
        file = tempfile.TemporaryFile()  # noqa: SIM115 - it stays open until the file is complete
        self._file = self._open.enter_context(file)

    def feed(self, data: bytes) -> Iterator[Sequence[bytes]]:
        self._file.write(data)
        yield ()

    def end(self) -> Iterator[Sequence[bytes]]:
        # Imported here: it takes 35 MB, and most servers never receive Parquet.
        import pyarrow
        import pyarrow.parquet

        with self._open:
            self._file.seek(0)
            try:
                table = pyarrow.parquet.ParquetFile(self._file, pre_buffer=False)
                for batch in table.iter_batches(_BATCH, use_threads=False):
                    yield [self._row(_numbers(row)) for row in batch.to_pylist()]
            except (pyarrow.ArrowException, OSError, ValueError, TypeError):
                raise bad_body([Fault("", "The body is not Parquet that can be read as rows.")]) from None


def _numbers(row: dict[str, Any]) -> dict[str, Any]:
    """A row with null for missing numbers, which pandas writes as NaN."""
    return {name: None if value != value else value for name, value in row.items()}


def _too_long(shape: RowShape, index: int) -> Exception:
    return bad_body([Fault(pointer(shape.rows, index), f"The row is longer than {MAX_ROW:,} bytes.")])
