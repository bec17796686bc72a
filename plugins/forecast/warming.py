"""Loads and compiles what would make a first forecast slow."""

from __future__ import annotations

import numpy as np

from plugins.forecast.models import ets, intermittent, tbats
from plugins.forecast.models.model import Sample
from plugins.forecast.models.roster import ROSTER

DAYS = 70


def _series() -> np.ndarray:
    days = np.arange(DAYS)
    return np.asarray(100.0 + days + 10.0 * np.sin(days) + 5.0 * (days % 7))


def warm() -> None:
    """Compiles our own kernels, or reads them from numba's cache."""
    z = _series()
    ets.select(z, ets.FORMS)
    tbats.forecast(z, 1)
    for method in (intermittent.croston, intermittent.tsb, intermittent.adida):
        method(z)


def rehearse() -> None:
    """Fits every model once to a short series, so that its libraries are imported and compiled."""
    z = _series()
    for model in ROSTER:
        choice = model.choose(z) if model.choose is not None else None
        model.forecast(Sample(z, 738_000, choice), 7)
