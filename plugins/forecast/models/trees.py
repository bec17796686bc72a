"""Trees on lags, rolling means and the calendar: a random forest (Breiman 2001) and boosted trees (LightGBM).

Each day is predicted as its difference to the mean of the days before it, so that a trend continues and a
level beyond the history can be forecast. Days ahead become lags in turn, in one compiled loop.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from plugins.forecast.models.model import WEEK, Forecast, Model, Sample, unless_regular
from plugins.shared import ensembles
from plugins.shared.trees import Trees, leaf_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LAGS = (7, 14, 28)
LEAST_ROWS = 14
"""A lag that leaves fewer rows to learn from is not used."""
DAY_OF_MONTH_ROWS = 120
"""Rows from which on the day of the month is a feature. With fewer it is noise."""
LONGEST = 2 * 365
"""Days that trees learn from."""
FOREST_TREES, FOREST_LEAF = 60, 2
BOOST_ROUNDS = 80
EPOCH = 719_163
"""Ordinal of 1970-01-01."""
BOOSTING = {
    "objective": "regression",
    "learning_rate": 0.08,
    "num_leaves": 7,
    "min_data_in_leaf": 5,
    "lambda_l2": 1.0,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "seed": 42,
    "verbosity": -1,
}


@njit(cache=True, nogil=True)
def _ahead(history: Floats, lags: Ints, known: Floats, trees: Trees) -> Floats:
    """The days after a history, each one predicted from those before it; ``known``: the calendar's features
    and the columns of the days ahead, shape ``(horizon, k)``.
    """
    n, horizon = len(history), len(known)
    window = lags[-1]
    path = np.empty(n + horizon)
    path[:n] = history
    x = np.empty((1, len(lags) + 1 + known.shape[1]), np.float32)
    for day in range(n, n + horizon):
        level = path[day - window : day].mean()
        for lag in range(len(lags)):
            x[0, lag] = path[day - lags[lag]] - level
        x[0, len(lags)] = path[day - 7 : day].mean() - level
        x[0, len(lags) + 1 :] = known[day - n]
        total = 0.0
        for root in trees.roots:
            total += trees.value[leaf_of(trees, root, x, 0)]
        path[day] = level + total
    return path[n:]


def _calendar(first: int, days: int, by_month: bool) -> Floats:
    """Weekday, weekend and, where asked for, day of the month; shape ``(days, 2 or 3)``."""
    ordinals = np.arange(first, first + days)
    weekday = (ordinals - 1) % WEEK
    columns = [weekday, weekday >= 5]
    if by_month:
        dates = (ordinals - EPOCH).astype("datetime64[D]")
        columns.append((dates - dates.astype("datetime64[M]")).astype(np.int64))
    return np.column_stack(columns).astype(np.float64)


class Table(NamedTuple):
    """What trees learn from, and what they are asked.

    Attributes:
        x: features, shape ``(rows, k)``.
        y: differences to the level, shape ``(rows,)``.
        history: the days, scaled, shape ``(n,)``.
        lags: that are used.
        known: the calendar and the columns of the days ahead, shape ``(horizon, c)``.
        scale: what a unit of all these differences is.
    """

    x: NDArray[np.float32]
    y: Floats
    history: Floats
    lags: Ints
    known: Floats
    scale: float


def table(z: Floats, first: int, columns: Floats, ahead: Floats) -> Table:
    """Lags of 7, 14 and 28 days, the mean of the last week, the calendar and the columns.

    Args:
        z: shape ``(n,)``.
        first: ordinal of the first day.
        columns: holidays and drivers, shape ``(n, k)``.
        ahead: the same of the days ahead, shape ``(horizon, k)``.

    Raises:
        ValueError: the history is too short for any lag.
    """
    skipped = max(0, len(z) - LONGEST)
    z, columns, first = z[skipped:], columns[skipped:], first + skipped
    n = len(z)
    lags = [lag for lag in LAGS if n - lag >= max(LEAST_ROWS, lag)] or list(LAGS[:1])
    window = lags[-1]
    if n - window < 2:
        raise ValueError("the history is too short for trees")
    scale = float(z.std()) or 1.0
    scaled = z / scale
    by_month = n - window >= DAY_OF_MONTH_ROWS
    sums = np.concatenate([[0.0], np.cumsum(scaled)])
    days = np.arange(window, n)
    level = (sums[days] - sums[days - window]) / window
    week = (sums[days] - sums[days - WEEK]) / WEEK
    known = np.hstack([_calendar(first, n + len(ahead), by_month), np.vstack([columns, ahead])])
    x = np.column_stack([*(scaled[days - lag] - level for lag in lags), week - level, known[days]])
    return Table(x.astype(np.float32), scaled[days] - level, scaled, np.array(lags), known[n:], scale)


def _carried_on(made: Table, trees: Trees) -> Floats:
    return np.asarray(_ahead(made.history, made.lags, made.known, trees) * made.scale)


def forest(z: Floats, first: int, columns: Floats, ahead: Floats) -> Floats:
    """The days ahead by a random forest, shape ``(horizon,)``; arguments as of :func:`table`."""
    from sklearn.ensemble import RandomForestRegressor

    made = table(z, first, columns, ahead)
    model = RandomForestRegressor(
        n_estimators=FOREST_TREES, min_samples_leaf=FOREST_LEAF, max_features=0.6, random_state=42, n_jobs=1
    ).fit(made.x, made.y)
    return _carried_on(made, of_forest(model))


def of_forest(model: Any) -> Trees:
    """Trees whose values add up to the mean that a scikit-learn forest predicts."""
    trees = ensembles.of_scikit_learn(model.estimators_).trees
    return trees._replace(value=trees.value / len(trees.roots))


def boosted(z: Floats, first: int, columns: Floats, ahead: Floats) -> Floats:
    """The days ahead by gradient boosting, shape ``(horizon,)``; arguments as of :func:`table`."""
    import lightgbm

    made = table(z, first, columns, ahead)
    data = lightgbm.Dataset(made.x, made.y, params={"min_data_in_bin": 1, "verbosity": -1})
    model = lightgbm.train(BOOSTING, data, num_boost_round=BOOST_ROUNDS)
    return _carried_on(made, ensembles.of_lightgbm(model).trees)


def _with_columns(method: Callable[[Floats, int, Floats, Floats], Floats]) -> Forecast:
    def forecast(sample: Sample, horizon: int) -> Floats:
        columns = np.zeros((len(sample.z), 0)) if sample.columns is None else sample.columns
        ahead = np.zeros((horizon, 0)) if sample.ahead is None else sample.ahead
        return method(sample.z, sample.first, columns, ahead)

    return unless_regular(forecast)


RANDOM_FOREST = Model("Random Forest", _with_columns(forest), series="units", slow=True, combined=False)
GRADIENT_BOOST = Model("Gradient Boost", _with_columns(boosted), series="units", combined=False)
