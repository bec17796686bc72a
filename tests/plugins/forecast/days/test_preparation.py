from __future__ import annotations

import numpy as np
import pytest

from plugins.forecast.days.preparation import Window, prepared, wants_logs
from plugins.forecast.days.trend import damped, usual_damping

FIRST = 738_000


def window(values: np.ndarray, horizon: int = 30, columns: np.ndarray | None = None) -> Window:
    known = np.zeros((len(values) + horizon, 0)) if columns is None else columns
    return Window(FIRST, values, known[: len(values)], known[len(values) :])


def test_an_effect_is_taken_off_and_put_back_on_the_days_that_have_it() -> None:
    random = np.random.default_rng(1)
    promo = (random.random((230, 1)) < 0.15).astype(float)
    values = 100 + 50 * promo[:200, 0] + random.normal(0, 2, 200)
    bare = prepared(window(values, 30, promo), "iqr", logs=False)
    assert bare.z.std() < 6
    path = bare.restored(np.full(30, bare.z.mean()))
    lift = path[promo[200:, 0] == 1].mean() - path[promo[200:, 0] == 0].mean()
    assert lift == pytest.approx(50, abs=5)


def test_the_pattern_of_the_year_is_found_and_carried_on() -> None:
    days = np.arange(1095 + 90)
    values = 100 + 30 * np.sin(2 * np.pi * days / 365.25) + np.random.default_rng(1).normal(0, 5, len(days))
    bare = prepared(window(values[:1095], 90), "iqr", logs=False)
    assert np.abs(bare.restored(np.full(90, bare.z.mean())) - values[1095:]).mean() < 6


def test_a_random_walk_has_no_pattern_of_the_year_most_times() -> None:
    found = 0
    for seed in range(20):
        walk = 100 + np.cumsum(np.random.default_rng(seed).normal(0, 1, 800))
        found += bool(np.any(prepared(window(np.maximum(walk, 0), 90), "iqr", logs=False).extra))
    assert found <= 6


def test_a_spike_that_comes_each_year_comes_again_and_one_that_came_once_does_not() -> None:
    values = 100 + np.random.default_rng(4).normal(0, 2, 800)
    values[[100, 465]] += 80
    again = prepared(window(values, 60), "iqr", logs=False).recurring(np.zeros(60))
    assert again[465 + 365 - 800] == pytest.approx(80, abs=8)
    assert np.count_nonzero(again) == 1
    values[100] -= 80
    assert not prepared(window(values, 60), "iqr", logs=False).recurring(np.zeros(60)).any()


def test_a_forecast_is_never_negative_nor_beyond_three_times_the_peak() -> None:
    bare = prepared(window(np.linspace(10, 100, 90), 30), "iqr", logs=False)
    assert bare.restored(np.linspace(-50, 900, 30)).tolist()[0] == 0
    assert bare.restored(np.full(30, 900.0)).max() <= 300


def test_a_path_that_is_not_finite_is_refused() -> None:
    bare = prepared(window(np.linspace(10, 100, 90), 3), "iqr", logs=False)
    with pytest.raises(ValueError, match="not finite"):
        bare.restored(np.array([1.0, np.nan, 1.0]))


def test_logarithms_are_undone() -> None:
    values = np.linspace(5, 50, 90)
    bare = prepared(window(values, 5), "iqr", logs=True)
    assert bare.restored(np.log1p(np.full(5, 20.0))) == pytest.approx(20, rel=0.01)


def test_the_mean_is_forecast_of_what_is_lognormal() -> None:
    values = np.random.default_rng(1).lognormal(3, 0.5, 400)
    bare = prepared(window(values, 5), "iqr", logs=True)
    assert bare.restored(np.full(5, bare.z.mean())) == pytest.approx(values.mean(), rel=0.03)


def test_logarithms_are_taken_where_the_spread_grows_with_the_level() -> None:
    random = np.random.default_rng(3)
    level = np.exp(np.linspace(3, 6, 140))
    assert wants_logs(level * np.exp(random.normal(0, 0.2, 140)))
    assert not wants_logs(np.linspace(100, 500, 140) + random.normal(0, 10, 140))
    assert not wants_logs(np.append(level, 0.0))
    assert not wants_logs(level[:30])


def test_a_trend_fades_beyond_a_sixth_of_the_history_and_the_week_stays() -> None:
    steps = np.arange(700)
    week = 10.0 * (steps % 7 == 6)
    path = damped(steps + week, usual_damping(300, False), logs=False)
    assert path[:40] == pytest.approx((steps + week)[:40])
    assert path[-1] - path[-8] < 0.1
    assert path[600:607].max() - path[600:607].min() == pytest.approx(10, abs=0.5)
    assert path.max() < 130


def test_growth_on_a_logarithmic_scale_is_added_and_does_not_compound() -> None:
    t = np.arange(365)
    up, down = (damped(sign * 0.01 * t, usual_damping(365, True), logs=True) for sign in (1, -1))
    assert np.expm1(up - up[0])[:10] == pytest.approx(0.01 * t[:10], rel=0.15, abs=1e-3)
    assert np.exp(up[-1] - up[0]) < 1 + 0.01 * 51
    assert (np.diff(up)[3:-3] >= 0).all()
    assert down[-1] == pytest.approx(-0.5, abs=0.02)


def test_a_spike_on_the_last_day_makes_no_level_far_beyond_the_history() -> None:
    values = np.random.default_rng(1).poisson(10, 120).astype(float)
    values[-1] = 800
    bare = prepared(window(values, 60), "hampel", logs=False)
    assert 119 in bare.outliers
    assert bare.restored(np.full(60, 800.0)).mean() < 30
