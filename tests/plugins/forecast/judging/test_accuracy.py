"""Forecasts of series whose future is known: as accurate as the better yardstick, with bounds that hold."""

from __future__ import annotations

import datetime
import warnings
from typing import NamedTuple

import numpy as np
import pytest
from statsforecast.models import AutoETS

from plugins.forecast.days.calendar import months_after
from plugins.forecast.days.series import daily
from plugins.forecast.judging.champion import judged
from plugins.forecast.judging.history import LEAST_JUDGED, History
from plugins.forecast.judging.outlook import outlook
from plugins.forecast.judging.stand_in import unjudged
from tests.plugins.forecast.judging.generated import AHEAD, KINDS, generated

MONTHS = 2
"""Whole months within the 92 days after any day."""


class Outcome(NamedTuple):
    """MASE of ours and of the yardsticks, and which months lay within their bounds."""

    ours: float
    ets: float
    naive: float
    in_80: list[bool]
    in_95: list[bool]


def outcome(kind: str, seed: int) -> Outcome:
    """One generated series, forecast."""
    made = generated(kind, seed)
    n = len(made.values)
    series = daily(np.arange(made.first, made.first + n), made.values, np.zeros((n, 0)), "zero")
    none = np.zeros(0, np.int64), np.zeros((0, 0))
    history = History(series, (), made.country, *none, "iqr")
    champion = judged(history) if history.rows >= LEAST_JUDGED else unjudged(history)
    step = np.abs(made.values[7:] - made.values[:-7]).mean()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ets = AutoETS(season_length=7).forecast(y=made.values, h=AHEAD)["mean"]
    except Exception:
        ets = np.resize(made.values[-7:], AHEAD)
    last = series.last
    inside_80, inside_95 = [], []
    months = months_after(last, 3)
    for month, known in zip(months, outlook(champion, history, 3, "month").calendar, strict=True):
        if month.end - last - 1 <= AHEAD and not made.shifts_ahead:
            actual = made.ahead[month.first - last - 1 : month.end - last - 1].sum()
            inside_80.append(known.lower_80 <= actual <= known.upper_80)
            inside_95.append(known.lower_95 <= actual <= known.upper_95)
    errors = [
        np.abs(made.ahead - path).mean() / step
        for path in (champion.ahead[:AHEAD], np.maximum(0, ets), np.resize(made.values[-7:], AHEAD))
    ]
    return Outcome(*errors, inside_80, inside_95)


@pytest.mark.slow
def test_every_kind_is_forecast_about_as_well_as_by_the_better_yardstick_and_covered() -> None:
    """Eight series of a kind leave much to chance, so that each kind gets more room than all together."""
    ratios = {}
    in_80: list[bool] = []
    in_95: list[bool] = []
    for kind in KINDS:
        outcomes = [outcome(kind, seed) for seed in range(8)]
        ours, ets, naive = (float(np.mean([one[place] for one in outcomes])) for place in range(3))
        ratios[kind] = ours / min(ets, naive)
        for one in outcomes:
            in_80 += one.in_80
            in_95 += one.in_95
    assert max(ratios.values()) <= 1.35, ratios
    assert np.mean(list(ratios.values())) <= 1.0, ratios
    assert 0.70 <= np.mean(in_80) <= 0.95, np.mean(in_80)
    assert np.mean(in_95) >= 0.90, np.mean(in_95)


def test_the_generator_makes_the_same_series_again() -> None:
    for kind in KINDS:
        assert np.array_equal(generated(kind, 3).values, generated(kind, 3).values)
    assert datetime.date.fromordinal(generated("noise", 0).first).year == 2022
