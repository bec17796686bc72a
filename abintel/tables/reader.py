"""Reads a file as the rows of a route's body."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from abintel.reading import DateOrder
from abintel.tables.columns import ANY_VALUE, TYPES, Decision, Hints, decide, says_decimal, value
from abintel.tables.names import COMPUTED, matched
from abintel.tables.result import Cause, Choices, ReadColumn, Reading
from abintel.tables.shape import RowArray
from abintel.tables.source import Cell, NotATable, Source, read_source

SAMPLES = 5
"""Rows of a preview."""
_HINTING = 2000
"""Distinct values of a column that may decide for another one."""
_WITH_SLASHES: tuple[DateOrder, ...] = ("dmy", "mdy")
_UNREADABLE = object()
_COMPUTED = "quantity × price"


def read(content: bytes, arrays: Sequence[RowArray], choices: Choices) -> Reading:
    """Reads a file for a route.

    Args:
        content: the file.
        arrays: the arrays of the route's bodies that take rows, the main one first.
        choices: what the user says.

    Raises:
        NotATable: the file is no table, or a choice does not fit it.
    """
    source = read_source(content)
    return _Reader(source, _array_for(source, arrays, choices), choices).reading()


def _array_for(source: Source, arrays: Sequence[RowArray], choices: Choices) -> RowArray:
    if not arrays:
        raise NotATable("the route takes no rows; send its body as JSON")
    candidates = [array for array in arrays if choices.array in (None, array.name)]
    if not candidates:
        names = ", ".join(dict.fromkeys(array.name for array in arrays))
        raise NotATable(f"the route takes no rows of {choices.array}; it takes {names}")
    for array in candidates:
        fields, computed = matched(source.columns, _in_order(array), choices.fields)
        lacking = set(array.needed) - set(fields)
        if not lacking or (computed is not None and lacking <= set(COMPUTED)):
            return array
    return candidates[0]


def _in_order(array: RowArray) -> list[str]:
    return list(dict.fromkeys([*array.needed, *array.all_fields]))


class _Reader:
    """Reads one file for one array."""

    def __init__(self, source: Source, array: RowArray, choices: Choices) -> None:
        self._source = source
        self._array = array
        self._choices = choices
        self._check_choices()
        self._fields, self._computed = matched(source.columns, _in_order(array), choices.fields)
        self._target = {column: name for name, column in self._fields.items()}
        self._is_nested = array.nested is not None and any(
            name in (array.inner or {}) and name not in array.fields for name in self._fields
        )
        self._target |= self._free_columns()
        self._cells = {
            name: [record[index] for record in source.records] for index, name in enumerate(source.columns)
        }
        # A decision depends on which values there are, and dates and amounts repeat.
        self._distinct = {name: list(dict.fromkeys(cells)) for name, cells in self._cells.items()}
        self._hints = self._file_hints()
        self._types = {name: self._decide(name) for name in self._read_columns()}
        self._causes: dict[tuple[str, str], Cause] = {}
        self._orders: set[Any] = set()
        self._notes = list(source.notes)

    def reading(self) -> Reading:
        """The rows and everything that is said about them."""
        items, lines = self._items()
        missing = [
            name for name in self._array.needed if name not in self._fields and not self._computes(name)
        ]
        columns = [self._column(name) for name in self._source.columns]
        left_out = [
            column.name
            for column in columns
            if not column.type and self._choices.fields.get(column.name) != ""
        ]
        if left_out:
            self._notes.append(f"Columns without a field are left out: {', '.join(left_out)}.")
        for column in columns:
            if column.other is not None:
                self._notes.append(self._ambiguity(column))
        faults = [] if missing else list(self._causes.values())
        rows = len(self._source.records) + len(self._source.ragged)
        return Reading(self._array, items, lines, columns, missing, self._notes, faults, rows)

    def _check_choices(self) -> None:
        known = set(self._source.columns)
        for name in (*self._choices.fields, *self._choices.types):
            if name not in known:
                raise NotATable(
                    f"no column is named {name!r}; the columns are {', '.join(self._source.columns)}"
                )
        array = self._array
        for name in self._choices.fields.values():
            is_open = array.open is not None and name.startswith(f"{array.open}.")
            if name and name not in array.all_fields and not is_open and not array.extra:
                raise NotATable(f"{array.name} has no field {name!r}; it has {', '.join(array.all_fields)}")
        for kind in self._choices.types.values():
            if kind not in TYPES:
                raise NotATable(f"there is no type {kind!r}; there are {', '.join(TYPES)}")

    def _free_columns(self) -> dict[str, str]:
        """Fields of columns that are features, or further keys of a row."""
        array, free = self._array, {}
        for name in self._source.columns:
            given = self._choices.fields.get(name)
            if name in self._target or given == "":
                continue
            if given is not None:
                free[name] = given
            elif array.open is not None and (name.startswith(f"{array.open}.") or not self._is_nested):
                free[name] = f"{array.open}.{name.removeprefix(f'{array.open}.')}"
            elif array.extra and not self._is_nested and name not in (self._computed or ()):
                free[name] = name
        return free

    def _read_columns(self) -> list[str]:
        return [
            name for name in self._source.columns if name in self._target or name in (self._computed or ())
        ]

    def _kinds(self, column: str) -> frozenset[str]:
        if column in (self._computed or ()):
            return frozenset({"number"})
        return self._array.all_fields.get(self._target[column], ANY_VALUE)

    def _file_hints(self) -> Hints:
        """What the user says; otherwise what other columns of the file show for certain."""
        decimal = self._choices.decimal
        shown = [
            sign for cells in self._distinct.values() if (sign := says_decimal(cells[:_HINTING])) is not None
        ]
        if decimal is None and shown:
            decimal = "," if shown.count(",") * 2 > len(shown) else "."
        if decimal is None and self._source.prefers_comma and not any(map(self._shows_groups, self._cells)):
            decimal = ","
        dates = self._choices.dates
        if dates is None:
            decisions = [
                decide(self._distinct[name], frozenset({"date"}), Hints())
                for name in self._cells
                if "date" in self._kinds_or_none(name)
            ]
            certain = [
                order for decision in decisions for order in _WITH_SLASHES if decision == Decision(order)
            ]
            dates = certain[0] if certain else "dmy"
        return Hints(decimal, dates)

    def _kinds_or_none(self, column: str) -> frozenset[str]:
        return self._kinds(column) if column in self._target else frozenset()

    def _shows_groups(self, column: str) -> bool:
        """Whether commas of an undecided column may separate thousands."""
        return any(isinstance(cell, str) and "," in cell for cell in self._distinct[column])

    def _decide(self, column: str) -> Decision:
        chosen = self._choices.types.get(column)
        return (
            Decision(chosen) if chosen else decide(self._distinct[column], self._kinds(column), self._hints)
        )

    def _computes(self, name: str) -> bool:
        return self._computed is not None and name == self._computed_field

    @property
    def _computed_field(self) -> str:
        return next(name for name in COMPUTED if name in self._array.all_fields and name not in self._fields)

    def _ambiguity(self, column: ReadColumn) -> str:
        text = next((text for text, _ in column.samples if text), "")
        return (
            f"Column {column.name} is read as {TYPES[column.type]}; its values would also fit "
            f"{TYPES[str(column.other)]}, such as {text!r}. Change it if that is wrong."
        )

    def _column(self, name: str) -> ReadColumn:
        texts = self._cells[name][:SAMPLES]
        if name not in self._types:
            return ReadColumn(name, "", "", None, [(_shown(cell), None) for cell in texts])
        decision, kinds = self._types[name], self._kinds(name)
        field_name = self._target.get(name, f"{self._computed_field} ({_COMPUTED})" if self._computed else "")
        samples = []
        for cell in texts:
            try:
                samples.append((_shown(cell), value(cell, decision.type, kinds)))
            except ValueError:
                samples.append((_shown(cell), None))
        return ReadColumn(name, field_name, decision.type, decision.other, samples)

    def _items(self) -> tuple[list[dict[str, Any]], list[list[int]]]:
        """The items and their lines. Rows of the same outer values form one item."""
        items: list[dict[str, Any]] = []
        lines: list[list[int]] = []
        places: dict[str, int] = {}
        counts = {"key": 0, "order": 0, "fault": 0}
        for line, cells in self._source.ragged:
            self._fault(
                "",
                f"the row has not as many cells as the header ({len(self._source.columns)})",
                line,
                f"{cells} cells",
            )
        counts["fault"] = len(self._source.ragged)
        for line, values, has_fault in self._values():
            reason = self._left_out(values, has_fault)
            if reason is not None:
                counts[reason] += 1
                continue
            if has_fault or not self._is_complete(values, line):
                counts["fault"] += 1
                if self._choices.skips_faults:
                    continue
            item, inner = self._placed(values)
            if not self._is_nested:
                items.append(item)
                lines.append([line])
                continue
            key = json.dumps(item)
            if key not in places:
                places[key] = len(items)
                items.append({**item, str(self._array.nested): []})
                lines.append([])
            items[places[key]][str(self._array.nested)].append(inner)
            lines[places[key]].append(line)
        self._say_counts(counts)
        return items, lines

    def _say_counts(self, counts: Mapping[str, int]) -> None:
        keys = " or ".join(self._fields[name] for name in self._array.keys if name in self._fields)
        if counts["key"]:
            self._notes.append(f"{_rows(counts['key'])} without {keys} left out.")
        if counts["order"]:
            self._notes.append(
                f"{_rows(counts['order'])} without an amount belong to the order above, and are left out."
            )
        if self._computed is not None:
            self._notes.append(f"{self._computed_field} is {self._computed[0]} × {self._computed[1]}.")
        if counts["fault"] and self._choices.skips_faults:
            self._notes.append(f"{_rows(counts['fault'])} with faults left out.")
            self._causes.clear()

    def _values(self) -> Iterator[tuple[int, dict[str, Any], bool]]:
        """For each row its line, its values by column, and whether one could not be read."""
        index = {name: position for position, name in enumerate(self._source.columns)}
        read_columns = [(name, index[name], self._values_of(name)) for name in self._types]
        for line, record in zip(self._source.lines, self._source.records, strict=True):
            values, has_fault = {}, False
            for name, position, known in read_columns:
                cell = record[position]
                read_value = known[type(cell), cell]
                if read_value is _UNREADABLE:
                    says = f"the value is no {TYPES[self._types[name].type]}"
                    self._fault(name, says, line, _shown(cell), cell)
                    has_fault = True
                elif read_value is not None:
                    values[name] = read_value
            yield line, values, has_fault

    def _values_of(self, column: str) -> dict[tuple[type, Cell], Any]:
        """What each distinct cell of a column says."""
        kind, kinds = self._types[column].type, self._kinds(column)
        values: dict[tuple[type, Cell], Any] = {}
        for cell in self._cells[column]:
            if (type(cell), cell) not in values:
                try:
                    values[type(cell), cell] = value(cell, kind, kinds)
                except ValueError:
                    values[type(cell), cell] = _UNREADABLE
        return values

    def _left_out(self, values: Mapping[str, Any], has_fault: bool) -> str | None:
        """Why a row is left out: it has no key, or continues an order whose amount stands above."""
        if any(self._fields[name] not in values for name in self._array.keys if name in self._fields):
            return "key"
        order, amount = self._fields.get("transaction_id"), self._fields.get("amount")
        if order is None or amount is None or order not in values:
            return None
        if amount not in values and not has_fault and values[order] in self._orders:
            return "order"
        self._orders.add(values[order])
        return None

    def _is_complete(self, values: Mapping[str, Any], line: int) -> bool:
        empty = [column for column in self._needed_columns() if column not in values]
        for column in empty:
            self._fault(column, "the cell is empty", line, "")
        return not empty

    def _needed_columns(self) -> Iterator[str]:
        """The columns in which every row needs a value."""
        for name in self._array.needed:
            if self._computed is not None and self._computes(name):
                yield from self._computed
            elif name in self._fields:
                yield self._fields[name]

    def _placed(self, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """The members of an item and of its inner item."""
        array = self._array
        item: dict[str, Any] = {}
        inner: dict[str, Any] = {}
        for column, cell in values.items():
            target = self._target.get(column)
            if target is None:
                continue
            if target not in array.fields and target in (array.inner or {}):
                inner[target] = cell
            elif array.open is not None and target.startswith(f"{array.open}."):
                item.setdefault(array.open, {})[target.removeprefix(f"{array.open}.")] = cell
            else:
                item[target] = cell
        if self._computed is not None and all(column in values for column in self._computed):
            quantity, price = (values[column] for column in self._computed)
            # Ten decimals: the product of two decimal numbers, without the noise of binary ones.
            amount = round(quantity * price, 10)
            name = self._computed_field
            (inner if name in (array.inner or {}) and name not in array.fields else item)[name] = amount
        return item, inner

    def _fault(self, column: str, says: str, line: int, example: str, cell: Cell = None) -> None:
        cause = self._causes.setdefault((column, says), Cause(column, says, [], example))
        if not cause.lines and column and cell is not None:
            other = decide(self._distinct[column], self._kinds(column), Hints()).type
            cause.other = other if other != self._types[column].type else None
        cause.lines.append(line)


def _rows(count: int) -> str:
    return f"{count:,} row{'s' * (count != 1)}"


def _shown(cell: Cell) -> str:
    return "" if cell is None else str(cell)
