from __future__ import annotations

import numpy as np
import pytest
from statsforecast.ets import ets_f

from plugins.forecast.models.ets import DAMPED, FORMS, LINEAR, NONE, Form, fit, select


def series(n: int, seed: int = 3) -> np.ndarray:
    random = np.random.default_rng(seed)
    days = np.arange(n)
    week = np.array([0, 10, 20, 30, 50, -80, -100])[days % 7]
    return 1000 + 0.5 * days + week + random.normal(0, 5, n).cumsum() + random.normal(0, 30, n)


@pytest.mark.parametrize(
    ("form", "letters"),
    [
        (Form(NONE, False), "ANN"),
        (Form(LINEAR, False), "AAN"),
        (Form(NONE, True), "ANA"),
        (Form(DAMPED, True), "AAA"),
    ],
)
@pytest.mark.parametrize("n", [90, 365])
def test_squared_errors_are_within_two_per_cent_of_statsforecast(form: Form, letters: str, n: int) -> None:
    y = series(n)
    theirs = float((ets_f(y, 7, letters, damped=form.trend == DAMPED)["residuals"] ** 2).sum())
    assert fit(y, form).sse <= 1.02 * theirs


def test_a_straight_line_with_a_week_goes_on() -> None:
    days = np.arange(140)
    y = 100 + 2.0 * days + 5.0 * (days % 7 == 3)
    ahead = np.arange(140, 170)
    path = select(y, FORMS).forecast(30)
    assert path == pytest.approx(100 + 2.0 * ahead + 5.0 * (ahead % 7 == 3), rel=0.01)


def test_noise_is_forecast_by_about_its_mean() -> None:
    y = 50 + np.random.default_rng(1).normal(0, 5, 200)
    assert select(y, FORMS).forecast(60) == pytest.approx(50, abs=2)


@pytest.mark.parametrize("y", [np.full(60, 3.0), np.zeros(60), np.array([1.0, 2.0]), np.full(90, 1e15)])
def test_constant_and_shortest_series_give_finite_forecasts(y: np.ndarray) -> None:
    assert np.isfinite(select(y, FORMS[:1] if len(y) < 14 else FORMS).forecast(30)).all()


def test_the_unit_changes_nothing_but_the_unit() -> None:
    y = series(120)
    assert select(1e-6 * y, FORMS).forecast(14) == pytest.approx(
        1e-6 * select(y, FORMS).forecast(14), rel=1e-3
    )
