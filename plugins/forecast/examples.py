"""Invented histories for the examples of the routes."""

from __future__ import annotations

import datetime
from typing import Any

START = datetime.date(2024, 1, 1)
WEEK = (1.05, 1.08, 1.02, 1.0, 1.1, 0.82, 0.78)
SATURDAYS = (824.0, 888.0, 952.0, 1016.0, 808.0, 864.0, 920.0, 984.0, 800.0, 856.0, 912.0, 976.0, 1048.0)
CHANCE = (0.013, -0.021, 0.034, -0.008, -0.027, 0.019, 0.002, -0.015, 0.041, -0.036, 0.007)


def daily_example(column: str, days: int, level: float = 1000.0) -> list[dict[str, Any]]:
    """Rows with slow growth, a weekly pattern and a little noise."""
    return [
        {
            "date": (START + datetime.timedelta(days=day)).isoformat(),
            column: round(level * (1 + 0.0015 * day) * (WEEK[day % 7] + CHANCE[day % 11]), 2),
        }
        for day in range(days)
    ]


def paid_days(column: str) -> list[dict[str, Any]]:
    """The series that the API reference publishes (4.3.1): a ramp within each month, lower at weekends."""
    rows: list[dict[str, Any]] = []
    saturday = iter(SATURDAYS)
    for day in range(90):
        date = START + datetime.timedelta(days=day)
        value = 1000.0 + 10 * (date.day - 1)
        if date.weekday() == 5:
            value = next(saturday)
        if date.weekday() == 6:
            value = rows[-1][column] + 8
        rows.append({"date": date.isoformat(), column: value})
    return rows


UNITS = (12, 13, 12, 14, 15, 7, 6)
PROMOTIONS = frozenset({9, 10, 24, 25, 38, 52, 53})


def units_example(days: int, promotions: bool = False) -> list[dict[str, Any]]:
    """Pieces sold a day: slow growth, a week and, on request, a `promo` column whose days sell more."""
    rows: list[dict[str, Any]] = []
    for day in range(days):
        promo = promotions and day in PROMOTIONS
        sold = UNITS[day % 7] + day // 14 + (day * 7919) % 3 - 1 + 6 * promo
        row = {"date": (START + datetime.timedelta(days=day)).isoformat(), "sales_quantity": sold}
        rows.append({**row, "promo": promo} if promotions else row)
    return rows


def centres_example(days: int) -> list[dict[str, Any]]:
    """Cost of two centres, one of which pays overtime on some days."""
    rows: list[dict[str, Any]] = []
    for row in daily_example("cost", days, 400.0):
        overtime = len(rows) // 2 % 6 == 4
        for centre, share in (("logistics", 1.0), ("service", 0.4)):
            extra = 120.0 * overtime if centre == "logistics" else 0.0
            cost = round(row["cost"] * share + extra, 2)
            rows.append({"date": row["date"], "cost": cost, "cost_center": centre, "overtime": overtime})
    return rows
