from __future__ import annotations

import numpy as np
import pytest
from statsforecast.models import CrostonSBA

from plugins.forecast.models import intermittent, naive, theta
from plugins.forecast.models.arima import choose
from plugins.forecast.models.model import Sample
from plugins.forecast.models.roster import ROSTER, by_name, models_for

DAYS = np.arange(98)
WEEKLY = 100 + 0.5 * DAYS + 12.0 * (DAYS % 7) + np.random.default_rng(1).normal(0, 2, 98)
ORDERS = [0, 0, 1, 0, 1, 1, 1]
MODELS = by_name()
SMOOTH = [model.name for model in models_for("units", intermittent_demand=False)]
SEARCHING = ["ARIMA", "TBATS", "Prophet", "Random Forest", "Gradient Boost"]
FLAT = ("Seasonal naive", "Recent weeks")
"""Models of the level of past weeks, which follow no trend."""


@pytest.mark.parametrize("name", [model.name for model in ROSTER])
def test_every_model_forecasts_as_many_days_as_asked_and_the_same_ones_again(name: str) -> None:
    model = MODELS[name].forecast
    sample = Sample(WEEKLY.copy(), 738_000, ORDERS)
    path = model(sample, 40)
    assert path.shape == (40,)
    assert np.isfinite(path).all()
    assert path.tobytes() == model(sample, 40).tobytes()
    assert sample.z.tobytes() == WEEKLY.tobytes()


@pytest.mark.parametrize("name", [name for name in SMOOTH if name not in FLAT])
def test_every_model_sees_the_week_and_the_level(name: str) -> None:
    path = MODELS[name].forecast(Sample(WEEKLY, 738_000, ORDERS), 14)
    ahead = np.arange(98, 112)
    truth = 100 + 0.5 * ahead + 12.0 * (ahead % 7)
    assert np.abs(path - truth).mean() < 8


@pytest.mark.parametrize("name", SMOOTH)
def test_a_constant_goes_on(name: str) -> None:
    path = MODELS[name].forecast(Sample(np.full(70, 4.0), 738_000, ORDERS), 10)
    assert path == pytest.approx(4.0, abs=1e-6)


@pytest.mark.parametrize("name", SEARCHING)
def test_a_week_that_never_changes_goes_on(name: str) -> None:
    week = np.array([3.0, 5, 4, 6, 8, 2, 1])
    path = MODELS[name].forecast(Sample(np.resize(week, 37), 738_000, ORDERS), 10)
    assert path.tolist() == np.resize(week, 47)[37:].tolist()


def test_prophet_is_told_the_weekday_by_the_first_day() -> None:
    path = MODELS["Prophet"].forecast(Sample(WEEKLY, 738_001, ORDERS), 14)
    assert path == pytest.approx(MODELS["Prophet"].forecast(Sample(WEEKLY, 738_008, ORDERS), 14))


def test_croston_is_that_of_statsforecast() -> None:
    demand = (np.random.default_rng(2).random(120) < 0.3) * 5.0
    theirs = CrostonSBA().forecast(y=demand, h=1)["mean"][0]
    assert intermittent.croston(demand) == pytest.approx(theirs, rel=1e-6)


def test_nothing_sold_is_nothing_ahead() -> None:
    nothing = np.zeros(90)
    assert (intermittent.croston(nothing), intermittent.tsb(nothing), intermittent.adida(nothing)) == (
        0,
        0,
        0,
    )


def test_tsb_fades_while_croston_stays() -> None:
    ending = np.append(np.tile([0.0, 4.0], 60), np.zeros(60))
    assert intermittent.tsb(ending) < 0.5 * intermittent.croston(ending)


def test_intermittent_models_find_the_mean_of_steady_demand() -> None:
    steady = np.tile([0.0, 0.0, 6.0], 60)
    for method in (intermittent.croston, intermittent.tsb, intermittent.adida):
        assert method(steady) == pytest.approx(2.0, rel=0.15)


def test_the_aggregation_of_noise_is_flat_and_of_a_week_is_not() -> None:
    noise = 100 + np.random.default_rng(1).normal(0, 10, 140)
    assert np.ptp(naive.aggregation(noise, 7)) < 12
    assert np.ptp(naive.aggregation(WEEKLY, 7)) > 60
    assert naive.aggregation(np.array([1.0, 2.0]), 3).tolist() == [1.5, 1.5, 1.5]


def test_theta_carries_half_of_a_line_on() -> None:
    line = np.arange(100.0)
    path = theta.forecast(line, 50)
    assert path[-1] - path[0] == pytest.approx(49 / 2, rel=0.05)


def test_orders_are_within_their_limits() -> None:
    orders = choose(WEEKLY)
    assert max(orders[:3]) <= 2
    assert max(orders[3:6]) <= 1


@pytest.mark.parametrize("name", SEARCHING)
def test_weeks_that_grow_by_the_same_go_on(name: str) -> None:
    t = np.arange(110)
    line = 1000 + 5.0 * t + 100 * (t % 7)
    path = MODELS[name].forecast(Sample(line[:70], 738_000, ORDERS), 40)
    assert path == pytest.approx(line[70:])
