"""Daily sales in the body of the pricing route: fields, what no schema can check, and columns."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

import numpy as np
from pydantic import ConfigDict, Field

from abintel.checks import future_days
from abintel.endpoint import Call
from abintel.faults import shown
from abintel.fields import MAX_MAGNITUDE, Amount, Body, Count, Day, FeatureValue, Identifier
from abintel.problem import Fault, pointer
from plugins.pricing.design import Sales

FEWEST_ROWS = 10
MOST_COLUMNS = 50
SEGMENT = "segment."
_NAMED = {"date", "price", "units_sold", "competitor_price", "inventory_level", "segment"}
_OPTIONAL = ("competitor_price", "inventory_level")

Price = Annotated[float, Field(gt=0, le=MAX_MAGNITUDE)]
Segment = dict[Identifier, FeatureValue]
Row = Mapping[str, Any]


class PricingDay(Body):
    """A day's sales. Any further column (promo, weather) is learned from, too."""

    model_config = ConfigDict(extra="allow")

    date: Day = Field(description="The day.")
    price: Price = Field(description="Price on that day.")
    units_sold: Count = Field(description="Units sold.")
    competitor_price: Amount | None = Field(None, description="The rival's price on the same day.")
    inventory_level: Count | None = Field(None, description="Units in stock at the start of the day.")
    segment: Segment | None = Field(None, description="Context of the sales, such as channel and country.")


def row_faults(rows: Sequence[Row], call: Call) -> Iterator[Fault]:
    """Faults: dates in the future, numbers that are too large, and too little to learn from."""
    yield from future_days([row["date"] for row in rows], "historical", "date", call)
    extra: set[str] = set()
    for number, row in enumerate(rows):
        for name in row.keys() - _NAMED:
            extra.add(name)
            if _is_number(row[name]) and not abs(row[name]) <= MAX_MAGNITUDE:
                message = f"A number has a magnitude of at most {MAX_MAGNITUDE:g}; got {shown(row[name])}."
                yield Fault(pointer("historical", number, name), message)
    extra |= {SEGMENT + key for row in rows for key in row.get("segment") or ()}
    if len(extra) > MOST_COLUMNS:
        message = f"The rows have {len(extra)} further columns; at most {MOST_COLUMNS} are learned from."
        yield Fault("/historical", message)
    if len({float(row["price"]) for row in rows}) < 2:
        message = f"Every row has the price {rows[0]['price']}; a demand curve needs two prices or more."
        yield Fault("/historical", message)
    if not any(row["units_sold"] for row in rows):
        yield Fault("/historical", "No row has units sold; a demand curve needs sales.")


def context_faults(rows: Sequence[Row], context: Mapping[str, Any]) -> Iterator[Fault]:
    """Faults: present values of columns that the history lacks, or has with another type."""
    for name, value in context.items():
        if name in _NAMED or not any(name in row for row in rows):
            message = f"No further column of historical is called {shown(name)}; leave it out."
            yield Fault(pointer("context_current", name), message)
        elif isinstance(value, str) and not any(isinstance(row.get(name), str) for row in rows):
            message = f"The column holds numbers in historical; got {shown(value)}."
            yield Fault(pointer("context_current", name), message)


def sales(rows: Sequence[Row]) -> Sales:
    """Rows as columns. A column with texts holds categories."""
    numbers: dict[str, Any] = {}
    texts: dict[str, list[str | None]] = {}
    columns = {name: [row.get(name) for row in rows] for name in _OPTIONAL}
    for name in sorted({name for row in rows for name in row} - _NAMED):
        columns[name] = [row.get(name) for row in rows]
    for key in sorted({key for row in rows for key in row.get("segment") or ()}):
        texts[SEGMENT + key] = [text((row.get("segment") or {}).get(key)) for row in rows]
    for name, values in columns.items():
        if any(isinstance(value, dict | list) for value in values):
            continue
        if any(isinstance(value, str) for value in values):
            texts[name] = [text(value) for value in values]
        elif any(value is not None for value in values):
            numbers[name] = np.array([np.nan if value is None else float(value) for value in values])
    return Sales(
        np.array([datetime.date.fromisoformat(row["date"]).toordinal() for row in rows], np.int64),
        np.array([row["price"] for row in rows], np.float64),
        np.array([row["units_sold"] for row in rows], np.float64),
        numbers,
        texts,
    )


def text(value: Any) -> str | None:
    """A category as text. 1 and 1.0 are the same category; true is another one."""
    if value is None or isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else f"{value:g}"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
