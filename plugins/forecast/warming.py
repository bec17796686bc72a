"""Compiles, loads and starts all that would make a first forecast slow."""

from __future__ import annotations

import numpy as np

from plugins.forecast.zoo import intermittent
from plugins.forecast.zoo.arima import Orders, choose
from plugins.forecast.zoo.roster import ALWAYS, TREES, Sample

DAYS = 70


def warm() -> None:
    """Fits every model once, to a short series."""
    days = np.arange(DAYS)
    z = 100.0 + days + 10.0 * np.sin(days) + 5.0 * (days % 7)
    choose(z)
    sample = Sample(z, 738_000, Orders(1, 0, 0, 0, 1, 1, constant=False))
    for forecast in {**ALWAYS, **TREES}.values():
        forecast(sample, 7)
    for method in (intermittent.croston, intermittent.tsb, intermittent.adida):
        method(z)
