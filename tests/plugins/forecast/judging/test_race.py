from __future__ import annotations

import numpy as np
import pytest

from plugins.forecast.judging.backtest import FOLDS, Problem, folds
from plugins.forecast.judging.errors import figures
from plugins.forecast.judging.race import race
from plugins.forecast.models import ets, theta
from plugins.forecast.models.model import Model
from plugins.forecast.models.naive import AGGREGATION, SEASONAL_NAIVE
from plugins.forecast.models.roster import models_for

FIRST = 738_000


def problem(values: np.ndarray) -> Problem:
    empty = np.zeros((len(values), 0))
    business = np.arange(len(values)) % 7 < 5
    return Problem(FIRST, values, empty, lambda origin, length: np.zeros((length, 0)), business, "iqr")


QUICK = (SEASONAL_NAIVE, AGGREGATION, ets.MODEL, theta.MODEL)


@pytest.mark.parametrize("n", [60, 61, 90, 120, 365, 680, 690, 730, 1095, 7000])
def test_folds_end_with_the_history_and_leave_half_of_it(n: int) -> None:
    origins, length = folds(n)
    assert len(origins) == FOLDS == len(set(origins))
    assert list(origins) == sorted(origins)
    assert origins[-1] + length == n
    assert origins[0] >= n // 2
    assert length % 7 == 0
    assert length <= 91


def test_figures_of_a_hand_made_example() -> None:
    actual, forecast = np.array([1.0, 2.0, 4.0, 0.0]), np.array([2.0, 2.0, 2.0, 1.0])
    known = figures(actual, forecast, np.array([True, True, False, False]), 2.0)
    assert known.rmse == pytest.approx(np.sqrt(6 / 4))
    assert known.score == pytest.approx(0.6 * np.sqrt(6 / 4) + 0.4 * np.sqrt(1 / 2))
    assert known.mae == 1.0
    assert known.r2 == pytest.approx(1 - 6 / 8.75)
    assert known.mape == pytest.approx(100 * (1 + 0 + 0.5) / 3)
    assert known.smape == pytest.approx(200 * (1 / 3 + 0 + 2 / 6 + 1) / 4)
    assert known.mase == 0.5


def test_figures_where_nothing_varies_are_numbers() -> None:
    known = figures(np.zeros(7), np.zeros(7), np.ones(7, bool), 0.0)
    assert (known.rmse, known.r2, known.mape, known.smape, known.mase) == (0, 0, None, 0, None)


def test_the_seasonal_naive_forecast_wins_what_it_is_best_at_and_ties() -> None:
    week = np.tile([5.0, 1.0, 7.0, 3.0, 9.0, 2.0, 4.0], 20)
    assert race(problem(week), QUICK).selection.algorithm == SEASONAL_NAIVE.name
    assert race(problem(np.zeros(100)), QUICK).selection.algorithm == SEASONAL_NAIVE.name


def test_held_out_days_have_no_say_in_the_forecasts_of_their_fold() -> None:
    random = np.random.default_rng(1)
    values = 100 + random.normal(0, 10, 200)
    origins, length = folds(200)
    changed = values.copy()
    changed[origins[0] + length :] *= 5
    one, other = race(problem(values), QUICK), race(problem(changed), QUICK)
    assert {row.name for row in one.selection.candidates} == {row.name for row in other.selection.candidates}
    single = (AGGREGATION, SEASONAL_NAIVE)
    assert race(problem(values), single).paths.shape == (FOLDS, length)
    first = [race(problem(series), (AGGREGATION,)).paths[0] for series in (values, changed)]
    assert np.array_equal(*first)


def test_a_model_that_fails_is_named_with_its_reason_and_sinks_no_other() -> None:
    def broken(sample: object, horizon: int) -> np.ndarray:
        raise RuntimeError("no")

    verdict = race(
        problem(100 + np.random.default_rng(2).normal(0, 1, 90)), (*QUICK, Model("Broken", broken))
    ).selection
    failed = {row.name: row.dropped for row in verdict.candidates if row.figures is None}
    assert failed == {"Broken": "could not be fitted (RuntimeError)"}
    assert verdict.algorithm != "Broken"


def test_every_documented_model_is_judged_on_the_newest_fold_at_least() -> None:
    days = np.arange(90)
    values = 100 + days + 10 * (days % 7) + np.random.default_rng(3).normal(0, 4, 90)
    rows = race(problem(values)).selection.candidates
    assert {row.name for row in rows} >= {model.name for model in models_for("money", False)}
    assert all(row.folds >= 1 for row in rows)


def test_intermittent_demand_has_models_of_its_own() -> None:
    random = np.random.default_rng(5)
    values = (random.random(120) < 0.3) * random.integers(1, 9, 120).astype(float)
    assert {row.name for row in race(problem(values)).selection.candidates} >= {"Croston", "TSB", "ADIDA"}


def test_a_slow_model_with_an_error_is_dropped_where_a_quick_one_has_none() -> None:
    asked = problem(np.full(70, 5.0))
    slow = Model("Slow", lambda sample, horizon: np.full(horizon, 6.0), slow=True)
    verdict = race(asked, (SEASONAL_NAIVE, slow)).selection
    assert verdict.algorithm == SEASONAL_NAIVE.name
    [said] = [row.dropped for row in verdict.candidates if row.name == "Slow"]
    assert said == "on the newest fold it had an error, and Seasonal naive had none"
