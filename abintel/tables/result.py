"""What a user says about a file, and what was read of it: rows, a preview, and every fault by its cause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from abintel.reading import DateOrder, DecimalSign
from abintel.tables.shape import RowArray

SHOWN_LINES = 5


@dataclass(frozen=True)
class Choices:
    """What the user says about a file.

    Attributes:
        array: array of the body that the rows are for; chosen by the columns if None.
        fields: field of a column, by the column's name; an empty name leaves the column out.
        types: type of a column (a key of ``TYPES``), by the column's name.
        dates: order of dates where a column does not decide.
        decimal: decimal sign where a column does not decide.
        skips_faults: whether rows with faults are left out and counted.
    """

    array: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    types: Mapping[str, str] = field(default_factory=dict)
    dates: DateOrder | None = None
    decimal: DecimalSign | None = None
    skips_faults: bool = False


@dataclass
class Cause:
    """One cause of faults: the column, what is wrong, and on which lines.

    Attributes:
        column: name of the column; empty if the fault is the row's.
        says: what is wrong with a value, such as ``is no date of the form d/m/yyyy``.
        lines: lines of the file.
        example: the first value with the fault.
        other: the type in which all these values can be read; None if there is none.
    """

    column: str
    says: str
    lines: list[int]
    example: str = ""
    other: str | None = None

    def __str__(self) -> str:
        shown = ", ".join(map(str, self.lines[:SHOWN_LINES]))
        if len(self.lines) > SHOWN_LINES:
            shown += f" and {len(self.lines) - SHOWN_LINES:,} more"
        place = f"line{'s' * (len(self.lines) > 1)} {shown}"
        subject = f"column {self.column}, {place}" if self.column else place
        return f"{subject}: {self.says}" + (f", such as {self.example!r}" if self.example else "")


@dataclass(frozen=True)
class ReadColumn:
    """A column as it was read.

    Attributes:
        name: its name in the file.
        field: the field that it fills; empty if it is left out.
        type: the type in which it was read; empty if it is left out.
        other: the type that fits as well.
        samples: its first values: the text of the file and what was read.
    """

    name: str
    field: str
    type: str
    other: str | None
    samples: Sequence[tuple[str, Any]]


@dataclass(frozen=True)
class Reading:
    """The rows of a file.

    Attributes:
        array: the array of the body.
        items: the array's items.
        lines: for each item, the lines that it came from.
        columns: what was read of each column.
        missing: needed fields that no column fills.
        notes: sentences: what was left out, computed, or is not certain.
        faults: causes of faults.
        rows: rows in the file.
    """

    array: RowArray
    items: Sequence[Mapping[str, Any]]
    lines: Sequence[Sequence[int]]
    columns: Sequence[ReadColumn]
    missing: Sequence[str]
    notes: Sequence[str]
    faults: Sequence[Cause]
    rows: int

    def where(self, pointer: str) -> tuple[int, str] | None:
        """Line and column of the file that a JSON Pointer into the body came from; None if from neither.

        The column is empty if the pointer names none.
        """
        _, *parts = pointer.split("/")
        if len(parts) < 2 or parts[0] != self.array.name or not parts[1].isdigit():
            return None
        lines = self.lines[int(parts[1])] if int(parts[1]) < len(self.lines) else ()
        if not lines:
            return None
        rest = parts[2:]
        row = int(rest[1]) if rest[:1] == [self.array.nested] and rest[1:] and rest[1].isdigit() else 0
        name = ".".join(rest[2:] if rest[:1] == [self.array.nested] else rest)
        column = next((column.name for column in self.columns if name and column.field == name), "")
        return lines[min(row, len(lines) - 1)], column
