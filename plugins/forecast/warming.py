"""Compiles, loads and starts all that would make a first forecast slow."""

from __future__ import annotations

import numpy as np

from plugins.forecast.zoo import ets, intermittent, tbats
from plugins.forecast.zoo.arima import Orders, choose
from plugins.forecast.zoo.roster import ALWAYS, TREES, Sample

DAYS = 70


def _series() -> np.ndarray:
    days = np.arange(DAYS)
    return np.asarray(100.0 + days + 10.0 * np.sin(days) + 5.0 * (days % 7))


def warm() -> None:
    """Compiles what is compiled of ours, or reads what was compiled before."""
    z = _series()
    ets.select(z, ets.FORMS)
    tbats.forecast(z, 1)
    for method in (intermittent.croston, intermittent.tsb, intermittent.adida):
        method(z)


def rehearse() -> None:
    """Fits every model once, to a short series: the libraries are imported, and what they compile
    is there."""
    z = _series()
    choose(z)
    sample = Sample(z, 738_000, Orders(1, 0, 0, 0, 1, 1, constant=False))
    for forecast in {**ALWAYS, **TREES}.values():
        forecast(sample, 7)
