"""The type of a column, decided by all its values, and each value by that type."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from abintel.reading import (
    DateOrder,
    DecimalSign,
    date_orders,
    decimal_sign,
    is_missing,
    is_one_group,
    parse_date,
    parse_flag,
    parse_number,
)
from abintel.tables.source import Cell

TYPES = {
    "text": "text",
    "point": "number, 1,234.50",
    "comma": "number, 1.234,50",
    "ymd": "date, yyyy-mm-dd",
    "dmy": "date, d/m/yyyy",
    "mdy": "date, m/d/yyyy",
    "serial": "date, Excel's number",
    "flag": "yes or no",
    "list": "list, a|b",
}
"""The types of a column by name, as a preview shows them."""
ORDERS: tuple[DateOrder, ...] = ("ymd", "dmy", "mdy")
_EPOCH = datetime.date(1899, 12, 30)
_SERIALS = range(20_000, 80_000)
"""Days that Excel counts from 1900 to 1954 and 2119: smaller numbers are amounts."""
ANY_VALUE = frozenset({"number", "boolean", "any"})


@dataclass(frozen=True)
class Hints:
    """What the user, or the rest of the file, says about an undecided column."""

    decimal: DecimalSign | None = None
    dates: DateOrder | None = None


@dataclass(frozen=True)
class Decision:
    """The type of a column.

    Attributes:
        type: a key of ``TYPES``.
        other: the type that fits as well, if the values do not decide.
    """

    type: str
    other: str | None = None


def decide(cells: Sequence[Cell], kinds: frozenset[str], hints: Hints) -> Decision:
    """The type in which a column is read.

    Args:
        cells: the column's values.
        kinds: what the field takes: JSON types, ``date``, or :data:`ANY_VALUE`.
        hints: for values that do not decide.

    >>> decide(["1.182", "87"], frozenset({"number"}), Hints())
    Decision(type='comma', other='point')
    >>> decide(["3/19/2025"], frozenset({"date"}), Hints())
    Decision(type='mdy', other=None)
    """
    texts = [cell for cell in cells if isinstance(cell, str) and not is_missing(cell, numeric=True)]
    if "array" in kinds:
        return Decision("list")
    if "date" in kinds:
        numbers = [_number_of(cell, ".") for cell in cells if not _is_missing(cell)]
        if numbers and all(number is not None and int(number) in _SERIALS for number in numbers):
            return Decision("serial")
        return _date_decision(texts, hints)
    if kinds <= {"string", "null"}:
        return Decision("text")
    if "any" in kinds and cells and all(isinstance(cell, bool) or cell is None for cell in cells):
        return Decision("flag")
    if texts and not any(text.strip().isdigit() for text in texts) and _all_flags(texts):
        return Decision("flag")
    if "any" in kinds and texts:
        if any(_looks_like_a_code(text) for text in texts):
            return Decision("text")
        if len(date_orders(texts)) > 0:
            return _date_decision(texts, hints)
    number = _number_decision(texts, hints)
    if kinds & {"any", "string"} and _fitting(texts, number.type) < len(texts):
        # A category, or a field that also takes names.
        return Decision("text")
    if "boolean" in kinds and not kinds & {"number", "integer"}:
        return Decision("flag")
    return number


def _date_decision(texts: Collection[str], hints: Hints) -> Decision:
    counts = {order: _fitting(texts, order) for order in ORDERS}
    most = max(counts.values())
    best = [order for order in ORDERS if counts[order] == most]
    if len(best) == 1 or not texts or most == 0:
        return Decision(best[0])
    chosen = hints.dates if hints.dates in best else best[0]
    other = next((order for order in best if order != chosen), None)
    return Decision(chosen, other)


def _number_decision(texts: Collection[str], hints: Hints) -> Decision:
    shown = decimal_sign(texts)
    signed = [text for text in texts if "." in text or "," in text]
    if not signed or not all(is_one_group(text) for text in signed):
        return Decision("comma" if shown == "," else "point")
    # Every sign stands before exactly three digits: nothing in the column decides for certain.
    chosen = hints.decimal or shown
    names = ("comma", "point") if chosen == "," else ("point", "comma")
    return Decision(names[0], names[1])


def says_decimal(cells: Sequence[Cell]) -> DecimalSign | None:
    """The decimal sign that a column of texts shows for certain; None if it shows none.

    >>> says_decimal(["118,21"]), says_decimal(["1.182"]), says_decimal(["C-1"])
    (',', None, None)
    """
    texts = [cell for cell in cells if isinstance(cell, str) and not is_missing(cell, numeric=True)]
    sign = decimal_sign(texts)
    signed = [text for text in texts if "." in text or "," in text]
    if not signed or all(is_one_group(text) for text in signed):
        return None
    return sign if all(parse_number(text, sign) is not None for text in texts) else None


def value(cell: Cell, kind: str, kinds: frozenset[str]) -> Any:
    """A cell as a JSON value; None if it is missing.

    Args:
        cell: the cell.
        kind: its column's type.
        kinds: what the field takes.

    Raises:
        ValueError: the cell is not of the column's type.
    """
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return None
    if kind == "text":
        return _text(cell)
    if kind == "list":
        return [part.strip() for part in str(cell).split("|") if part.strip()]
    if _is_missing(cell):
        return None
    if kind in ORDERS:
        day = parse_date(str(cell), kind)
        if day is None and not isinstance(cell, str):
            raise ValueError(str(cell))
        if day is None:
            # A spreadsheet's own dates are ISO, whatever the texts of the column are.
            day = parse_date(str(cell), "ymd")
        parsed: Any = None if day is None else day.isoformat()
    elif kind == "serial":
        number = _number_of(cell, ".")
        day = _EPOCH + datetime.timedelta(int(number)) if number and int(number) in _SERIALS else None
        parsed = None if day is None else day.isoformat()
    elif kind == "flag":
        parsed = _flag(cell, kinds)
    else:
        number = _number_of(cell, "," if kind == "comma" else ".")
        parsed = None if number is None else _plain(number)
    if parsed is None:
        raise ValueError(str(cell))
    return parsed


def _flag(cell: Cell, kinds: frozenset[str]) -> Any:
    flag = cell if isinstance(cell, bool) else parse_flag(_text(cell))
    if flag is None and _text(cell) in ("0", "1"):
        flag = _text(cell) == "1"
    return flag if flag is None or "boolean" in kinds else int(flag)


def _number_of(cell: Cell, decimal: DecimalSign) -> float | None:
    if isinstance(cell, bool):
        return float(cell)
    return parse_number(cell, decimal) if isinstance(cell, str) else cell


def _plain(number: float) -> int | float:
    return int(number) if float(number).is_integer() and abs(number) < 2**53 else number


def _text(cell: Cell) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return str(_plain(cell)) if isinstance(cell, int | float) else str(cell).strip()


def _is_missing(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and is_missing(cell, numeric=True))


def _all_flags(texts: Collection[str]) -> bool:
    return all(parse_flag(text) is not None for text in texts)


def _looks_like_a_code(text: str) -> bool:
    digits = text.strip()
    return digits.isdigit() and len(digits) > 1 and digits[0] == "0"


def _fitting(texts: Collection[str], kind: str) -> int:
    if kind in ORDERS:
        return sum(parse_date(text, kind) is not None for text in texts)
    return sum(parse_number(text, "," if kind == "comma" else ".") is not None for text in texts)
