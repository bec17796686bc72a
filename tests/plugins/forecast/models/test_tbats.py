from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from statsforecast.models import TBATS

from plugins.forecast.models import tbats

Floats = NDArray[np.float64]


def series(kind: str, days: int) -> Floats:
    chance, t = np.random.default_rng([days, len(kind)]), np.arange(days)
    if kind == "counts":
        return chance.poisson(3, days).astype(np.float64)
    week = chance.normal(0, 12, 7) if kind == "week" else np.zeros(7)
    return np.asarray(
        100 + 0.4 * t + np.cumsum(chance.normal(0, 2, days)) + week[t % 7] + chance.normal(0, 6, days)
    )


def theirs(z: Floats, horizon: int) -> Floats:
    model = TBATS(7, use_boxcox=False, use_trend=True, use_damped_trend=True, use_arma_errors=False)
    with np.errstate(all="ignore"):
        path = model.forecast(y=(z - z.mean()) / z.std(), h=horizon)["mean"]
    return np.asarray(path * z.std() + z.mean())


@pytest.mark.parametrize("days", [30, 45, 69, 200, 365])
@pytest.mark.parametrize("kind", ["week", "level", "counts"])
def test_it_is_that_of_statsforecast(kind: str, days: int) -> None:
    z = series(kind, days)
    assert tbats.forecast(z, 91) == pytest.approx(theirs(z, 91), abs=1e-4 * z.std())


def test_only_the_last_year_is_fitted() -> None:
    z = series("week", 500)
    assert tbats.forecast(z, 14).tolist() == tbats.forecast(z[-365:], 14).tolist()


@pytest.mark.parametrize("size", [1e-9, 1.0, 1e9])
def test_what_is_left_unexplained_may_be_nothing(size: float) -> None:
    line = size * np.arange(80.0)
    assert tbats.forecast(line, 3) == pytest.approx(size * np.array([80.0, 81, 82]), rel=1e-3)
    still = np.concatenate([line, np.full(365, 4.0 * size)])
    assert tbats.forecast(still, 3) == pytest.approx(4.0 * size)
