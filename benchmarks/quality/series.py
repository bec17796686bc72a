"""Daily series with a known future: real ones from a data folder, simulated ones from generators."""

from __future__ import annotations

import csv
import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from plugins.forecast.days.calendar import months_after

Floats = NDArray[np.float64]

BIKES = Path(__file__).parents[1] / "data" / "bike_rentals_2011.csv"
RESTAURANT_ORIGINS = ("2017-01-22", "2017-02-21")
"""Last days known; two months follow, the second one of the later origin as far as the data go."""
RETAIL_ORIGINS = ("2011-08-31", "2011-09-30")
COUNTRIES, SKUS = 15, 200


class Series(NamedTuple):
    """A series cut at an origin.

    Attributes:
        name: of the series and its origin.
        first: ordinal of the first day.
        known: values up to the origin, shape ``(n,)``.
        ahead: values after it, shape ``(m,)``.
        expected: what the days ahead are without noise, where a generator knows it; shape ``(m,)``.
    """

    name: str
    first: int
    known: Floats
    ahead: Floats
    expected: Floats | None = None

    @property
    def last(self) -> int:
        """Ordinal of the last known day."""
        return self.first + len(self.known) - 1

    def months(self, count: int, least: int = 15) -> list[tuple[int, int]]:
        """Places in ``ahead`` of the first day of each month and of the day after its last known one.

        A month that the data cut off counts from ``least`` days on.
        """
        spans = []
        for month in months_after(self.last, count):
            start, end = month.first - self.last - 1, min(month.end - self.last - 1, len(self.ahead))
            if end - start >= least:
                spans.append((start, end))
        return spans


def _ordinal(day: str) -> int:
    return datetime.date.fromisoformat(day).toordinal()


def _cut(name: str, first: int, values: Floats, origin: str) -> Series:
    known = _ordinal(origin) - first + 1
    return Series(f"{name}@{origin}", first, values[:known], values[known:])


def restaurants(folder: Path) -> list[Series]:
    """Visitors of 36 restaurants at two origins."""
    table = pd.read_parquet(folder / "restaurant_visitors.parquet")
    table["date"] = pd.to_datetime(table["date"])
    wide = table.pivot(index="date", columns="series", values="visitors").fillna(0.0)
    first = wide.index[0].toordinal()
    return [
        _cut(str(name), first, wide[name].to_numpy(np.float64), origin)
        for origin in RESTAURANT_ORIGINS
        for name in sorted(wide)
    ]


def _retail(folder: Path) -> Any:
    table = pd.read_parquet(folder / "online_retail.parquet")
    table["day"] = table["invoice_date"].dt.normalize()
    return table[(table["quantity"] > 0) & (table["unit_price"] > 0)]


def _wide(table: Any, key: str, value: str, names: list[str]) -> Any:
    """Days by names, days without a row 0, the last (cut off) day left out."""
    days = pd.date_range(table["day"].min(), table["day"].max() - pd.Timedelta(days=1))
    own = table[table[key].isin(names)]
    wide = own.pivot_table(index="day", columns=key, values=value, aggfunc="sum")
    return wide.reindex(days).fillna(0.0)[names]


def countries(folder: Path) -> list[Series]:
    """Revenue of the 15 countries that bought most before the first origin, at two origins."""
    table = _retail(folder)
    table["revenue"] = table["quantity"] * table["unit_price"]
    before = table[table["day"] <= RETAIL_ORIGINS[0]]
    names = before.groupby("country")["revenue"].sum().nlargest(COUNTRIES).index.tolist()
    return list(_cuts(_wide(table, "country", "revenue", names)))


def skus(folder: Path, count: int = SKUS) -> list[Series]:
    """Units of the products that sold most before the first origin, at two origins."""
    table = _retail(folder)
    before = table[table["day"] <= RETAIL_ORIGINS[0]]
    names = before.groupby("stock_code")["quantity"].sum().nlargest(count).index.tolist()
    return list(_cuts(_wide(table, "stock_code", "quantity", names)))


def _cuts(wide: Any) -> Iterator[Series]:
    first = wide.index[0].toordinal()
    for origin in RETAIL_ORIGINS:
        for name in wide:
            values = wide[name].to_numpy(np.float64)
            # A product that was not sold yet has no history before its first sale.
            start = int(np.flatnonzero(values)[0]) if values.any() else 0
            if first + start < _ordinal(origin) - 60:
                yield _cut(str(name), first + start, values[start:], origin)


def bikes() -> list[Series]:
    """Bike rentals of 2011 (``benchmarks/data``) at every tenth day from the 150th to the 290th."""
    with BIKES.open(encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    first = _ordinal(table[0]["date"])
    values = np.array([float(row["rentals"]) for row in table])
    return [Series(f"bikes@{known}", first, values[:known], values[known:]) for known in range(150, 300, 10)]


def yearly(count: int) -> list[Series]:
    """Simulated: two to four years with a week, a pattern of the year and a slow drift, 92 days ahead."""
    made = []
    for seed in range(count):
        random = np.random.default_rng([77, seed])
        known = int(random.choice([731, 900, 1096, 1461]))
        days, first = known + 92, _ordinal("2021-01-01") + int(random.integers(0, 365))
        t = first + np.arange(days)
        week = random.normal(0, 0.2, 7)[t % 7]
        year = sum(
            random.normal(0, size) * np.sin(2 * np.pi * k * t / 365.25 + random.uniform(0, 6))
            for k, size in ((1, 0.35), (2, 0.12), (3, 0.05))
        )
        drift = np.cumsum(random.normal(random.normal(0, 2e-4), 0.004, days))
        expected = np.exp(random.uniform(3, 8) + 0.8 * (week + year) + drift)
        values = expected * random.gamma(25, 1 / 25, days)
        made.append(Series(f"yearly-{seed}", first, values[:known], values[known:], expected[known:]))
    return made
