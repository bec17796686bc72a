"""What other tools forecast of a series, kept on disk by what was asked of them."""

from __future__ import annotations

import datetime
import hashlib
import logging
import os
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.quality.series import Series

Floats = NDArray[np.float64]

CACHE = Path(os.environ.get("QUALITY_CACHE", Path(__file__).parents[2] / ".quality"))
WEEK = 7
LONGEST = 2 * 365
"""Days that AutoARIMA and MSTL are given: AutoARIMA takes minutes on more."""


def _statsforecast(name: str, **settings: Any) -> Callable[[Series], Floats]:
    def forecast(series: Series) -> Floats:
        from statsforecast import models

        model = getattr(models, name)(**settings)
        return np.asarray(model.forecast(y=series.known[-LONGEST:], h=len(series.ahead))["mean"])

    return forecast


def _prophet(series: Series) -> Floats:
    from prophet import Prophet

    logging.getLogger("cmdstanpy").setLevel(logging.ERROR)
    days = pd.to_datetime([datetime.date.fromordinal(series.first + day) for day in range(len(series.known))])
    model = Prophet(uncertainty_samples=0).fit(pd.DataFrame({"ds": days, "y": series.known}))
    return model.predict(model.make_future_dataframe(len(series.ahead)))["yhat"].to_numpy()[
        -len(series.ahead) :
    ]


def _seasonal_naive(series: Series) -> Floats:
    return np.resize(series.known[-WEEK:], len(series.ahead))


def _mean_of_eight_weeks(series: Series) -> Floats:
    known = series.known[-8 * WEEK :]
    weeks = known[len(known) % WEEK :].reshape(-1, WEEK)
    return np.resize(weeks.mean(axis=0), len(series.ahead))


PEERS: Mapping[str, Callable[[Series], Floats]] = {
    "AutoETS": _statsforecast("AutoETS", season_length=WEEK),
    "AutoTheta": _statsforecast("AutoTheta", season_length=WEEK),
    "MSTL": _statsforecast("MSTL", season_length=[WEEK]),
    "AutoARIMA": _statsforecast("AutoARIMA", season_length=WEEK),
    "Prophet": _prophet,
    "Seasonal naive": _seasonal_naive,
    "Mean of eight weeks": _mean_of_eight_weeks,
}
MEAN = "Mean of ETS, Theta, naive"


def forecasts(series: Series, names: tuple[str, ...] | None = None) -> dict[str, Floats]:
    """Each peer's days ahead, never below 0; a peer that fails answers as the seasonal naive forecast.

    Args:
        series: the known days count.
        names: of some peers only.
    """
    made = {name: _kept(name, series) for name in names or PEERS}
    parts = ("AutoETS", "AutoTheta", "Seasonal naive")
    if all(name in made for name in parts):
        made[MEAN] = np.mean([made[name] for name in parts], axis=0)
    return made


def _kept(name: str, series: Series) -> Floats:
    asked = hashlib.sha256(f"{name}|{series.first}|{len(series.ahead)}|".encode())
    asked.update(np.ascontiguousarray(series.known).tobytes())
    file = CACHE / f"{asked.hexdigest()[:32]}.npy"
    if file.exists():
        return np.asarray(np.load(file))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            path = PEERS[name](series)
        except Exception:  # what a library raises on a series that it cannot fit
            path = _seasonal_naive(series)
    path = np.maximum(0.0, np.where(np.isfinite(path), path, 0.0))
    CACHE.mkdir(parents=True, exist_ok=True)
    np.save(file, path)
    return path
