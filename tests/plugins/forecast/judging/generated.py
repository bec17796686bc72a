"""Histories of known kinds, with the three months that follow them."""

from __future__ import annotations

import datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.forecast.days.calendar import holiday_mask, weekdays

Floats = NDArray[np.float64]
KINDS = ("trend_week", "yearly", "holidays", "level_shift", "intermittent", "noise", "short")
AHEAD = 92


class Generated(NamedTuple):
    """Values of a history and of the days after it."""

    values: Floats
    ahead: Floats
    first: int
    country: str | None
    shifts_ahead: bool


def generated(kind: str, seed: int) -> Generated:
    """One history of a kind; ``short`` is under 60 days, the others 120 to 1,095."""
    random = np.random.default_rng([seed, KINDS.index(kind)])
    first = datetime.date(2022, 1, 1).toordinal() + int(random.integers(0, 7))
    lengths = {"yearly": (730, 800, 1095), "holidays": (400, 600, 730), "intermittent": (120, 180, 365)}
    n = int(random.choice(lengths.get(kind, (120, 180, 365, 540))))
    if kind == "short":
        n = int(random.integers(20, 60))
    days = n + AHEAD
    t = np.arange(days)
    base = np.exp(random.uniform(3, 9))
    week = random.normal(0, 0.15, 7)
    sigma = random.uniform(0.05, 0.2)
    level = np.cumsum(random.normal(0, random.uniform(0, 0.006), days)) + 1
    shifts_ahead = False
    if kind in ("trend_week", "short"):
        level = level + random.uniform(-0.3, 1) * t / days
    if kind == "yearly":
        level = level + random.uniform(0.15, 0.4) * np.sin(2 * np.pi * t / 365.25 + random.uniform(0, 6))
    if kind == "holidays":
        level = level + random.choice([-0.7, 0.8]) * holiday_mask("US", first, days)
    if kind == "level_shift":
        at = int(random.integers(n // 3, days))
        level = level + (t >= at) * random.choice([-0.4, 0.5])
        shifts_ahead = at >= n
    values = level + (week - week.mean())[weekdays(first, days)] + random.normal(0, sigma, days)
    if kind == "noise":
        values = 1 + random.normal(0, random.uniform(0.1, 0.4), days)
    if kind == "intermittent":
        values = (random.random(days) < random.uniform(0.15, 0.5)) * random.gamma(3, 1, days).round()
        base = 1.0
    values = np.maximum(0.0, values * base)
    return Generated(values[:n], values[n:], first, "US" if kind == "holidays" else None, shifts_ahead)
