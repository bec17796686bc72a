from __future__ import annotations

import lightgbm
import numpy as np
import pytest
from sklearn.ensemble import RandomForestRegressor

from plugins.forecast.models import trees
from plugins.shared import ensembles

DAYS = np.arange(140)
WEEKLY = 50 + 0.2 * DAYS + 6.0 * (DAYS % 7) + np.random.default_rng(1).normal(0, 1, 140)
NONE, FIRST = np.zeros((140, 0)), 738_000


def table(horizon: int = 1) -> trees.Table:
    return trees.table(WEEKLY, FIRST, NONE, np.zeros((horizon, 0)))


def asked(made: trees.Table) -> tuple[np.ndarray, float]:
    """Features of the first day ahead, and the level that the answer is added to."""
    history = made.history
    level = history[-made.lags[-1] :].mean()
    x = [*(history[-lag] - level for lag in made.lags), history[-7:].mean() - level, *made.known[0]]
    return np.array([x], dtype=np.float32), float(level)


def test_our_trees_give_what_the_forest_gives() -> None:
    made = table()
    model = RandomForestRegressor(n_estimators=20, random_state=1, n_jobs=1).fit(made.x, made.y)
    x, level = asked(made)
    ours = trees._carried_on(made, trees.of_forest(model))[0]
    assert ours == pytest.approx((model.predict(x)[0] + level) * made.scale, rel=1e-9)


def test_our_trees_give_what_the_booster_gives() -> None:
    made = table()
    data = lightgbm.Dataset(made.x, made.y, params={"verbosity": -1})
    model = lightgbm.train(trees.BOOSTING, data, num_boost_round=30)
    x, level = asked(made)
    ours = trees._carried_on(made, ensembles.of_lightgbm(model).trees)[0]
    assert ours == pytest.approx((model.predict(x)[0] + level) * made.scale, rel=1e-9)


@pytest.mark.parametrize("method", [trees.forest, trees.boosted])
def test_the_week_and_the_trend_go_on_the_same_each_time(method: object) -> None:
    path = method(WEEKLY, FIRST, NONE, np.zeros((28, 0)))
    ahead = np.arange(140, 168)
    assert np.abs(path - (50 + 0.2 * ahead + 6.0 * (ahead % 7))).mean() < 2.5
    assert path.tobytes() == method(WEEKLY, FIRST, NONE, np.zeros((28, 0))).tobytes()


@pytest.mark.parametrize("method", [trees.forest, trees.boosted])
def test_a_column_lifts_its_days(method: object) -> None:
    promo = (np.random.default_rng(2).random((140, 1)) < 0.2).astype(float)
    ahead = np.zeros((14, 1))
    ahead[[3, 9]] = 1
    lifted = method(WEEKLY + 30 * promo[:, 0], FIRST, promo, ahead)
    plain = method(WEEKLY + 30 * promo[:, 0], FIRST, promo, np.zeros((14, 1)))
    assert lifted[3] - plain[3] > 12


def test_lags_that_leave_too_little_to_learn_from_are_left_out() -> None:
    short = trees.table(WEEKLY[:31], FIRST, NONE[:31], np.zeros((1, 0)))
    assert short.lags.tolist() == [7, 14]
    assert table().lags.tolist() == [7, 14, 28]
    with pytest.raises(ValueError, match="too short"):
        trees.table(WEEKLY[:8], FIRST, NONE[:8], np.zeros((1, 0)))
