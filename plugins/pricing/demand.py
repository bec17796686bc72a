"""How many units at which price? Three learners compete on the last quarter of the days.

Demand never rises with the price: the coefficient of the log price is at most 0, trees are grown under a
monotone constraint. Trees know only steps, so that they are asked at prices that were observed, and what lies
between is interpolated in logarithms; beyond the observed prices demand follows the elasticity.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from plugins.pricing.design import Design

Floats = NDArray[np.float64]

HOLD_OUT = 0.25
"""Share of the days, the last ones, that the learners are judged on."""
FEW_ROWS = 8
"""Fewer rows held out may show too small a spread by chance: that of all rows is then the least."""
_ANCHORS = 24
_FARTHEST = 20.0
"""Natural logarithm of how far a forecast may lie from the mean."""
_HALF = 0.5
"""Units that stand for none in a logarithm."""

_BOOSTED: Mapping[str, Any] = {
    "objective": "count:poisson",
    "max_depth": 3,
    "learning_rate": 0.1,
    "min_child_weight": 2,
    "tree_method": "hist",
    "max_bin": 64,
    "seed": 42,
    "nthread": 1,
}
_BOOSTED_ROUNDS = 100
# Breiman's forest by the same library: scikit-learn's takes five times as long to fit.
_FOREST: Mapping[str, Any] = {
    "objective": "reg:squarederror",
    "num_parallel_tree": 100,
    "max_depth": 8,
    "learning_rate": 1.0,
    "reg_lambda": 0.0,
    "min_child_weight": 3,
    "subsample": 0.63,
    "colsample_bynode": 0.6,
    "tree_method": "hist",
    "max_bin": 64,
    "seed": 42,
    "nthread": 1,
}


class Model(Protocol):
    """A fitted demand."""

    def units(self, price: Floats, controls: Floats) -> Floats:
        """Expected units (n,) at prices (n,) under controls (n, d)."""
        ...


class Candidate(NamedTuple):
    """A learner's mean absolute percentage error on the days held out, as a fraction."""

    algorithm: str
    mape: float


class Demand(NamedTuple):
    """The winner, fitted on all days.

    Attributes:
        algorithm: its name.
        model: the fit.
        candidates: every learner, in a fixed order.
        held_out: rows of the days held out.
        spread: standard deviation of the logarithm of units over their forecast.
        design: what it was fitted on.
    """

    algorithm: str
    model: Model
    candidates: tuple[Candidate, ...]
    held_out: int
    spread: float
    design: Design

    def curve(self, prices: Floats, elasticity: float) -> Floats:
        """Expected units per day (p,) at prices (p,), over the weekdays alike; never rising with the price.

        Args:
            prices: (p,) above 0.
            elasticity: what demand follows beyond the observed prices; counts as 0 where it is above.
        """
        observed = np.unique(self.design.price)
        anchors = np.unique(observed[np.linspace(0, len(observed) - 1, _ANCHORS).round().astype(int)])
        now, m = self.design.now, len(self.design.now)
        asked = np.repeat(anchors, m)
        found = self.model.units(asked, np.tile(now, (len(anchors), 1))).reshape(-1, m).mean(axis=1)
        level = float(self.design.units.mean())
        logs = np.log(np.maximum(np.minimum.accumulate(found), level * np.exp(-_FARTHEST)))
        within = np.interp(np.log(prices), np.log(anchors), logs)
        beyond = np.log(np.maximum(prices / anchors[-1], 1)) + np.log(np.minimum(prices / anchors[0], 1))
        moved = np.clip(min(elasticity, 0.0) * beyond, -_FARTHEST, _FARTHEST)
        return np.asarray(np.exp(within + moved))

    def interval(self, units: Floats, level: float) -> tuple[Floats, Floats]:
        """Bounds (p,) of a day's sales around expected units (p,), with a probability of `level`."""
        reach = np.exp(min(float(stdtrit(self.held_out, (1 + level) / 2)) * self.spread, _FARTHEST))
        return np.maximum((units + _HALF) / reach - _HALF, 0.0), (units + _HALF) * reach - _HALF


class ElasticNetDemand(NamedTuple):
    """Logarithm of units: linear in the log price, which is not penalised, and in the controls, which are by
    an elastic net (Zou & Hastie 2005)."""

    slope: float
    intercept: float
    weights: Floats
    centre: Floats
    level: float

    @classmethod
    def fit(cls, price: Floats, units: Floats, controls: Floats) -> ElasticNetDemand:
        """Fits on rows in order of time."""
        log_price = np.log(price)
        logs = np.log(np.maximum(units, _HALF))
        centre, scale = controls.mean(axis=0), np.maximum(controls.std(axis=0), 1e-300)
        scaled = (controls - centre) / scale
        slope, weights = _net(log_price, logs, scaled)
        if slope > 0:  # the best under the constraint lies on its edge, as the loss is convex
            slope, weights = 0.0, _net(np.zeros_like(log_price), logs, scaled)[1]
        intercept = float((logs - slope * log_price - scaled @ weights).mean())
        model = cls(slope, intercept, weights / scale, centre, float(logs.mean()))
        # Duan's smearing (1983): the mean of units, not of their logarithm.
        total = float(model.units(price, controls).sum())
        lift = float(np.log(units.sum() / total)) if units.sum() > 0 else -_FARTHEST
        return model._replace(intercept=intercept + lift)

    def units(self, price: Floats, controls: Floats) -> Floats:
        """Expected units."""
        logs = self.slope * np.log(price) + self.intercept + (controls - self.centre) @ self.weights
        return np.asarray(np.exp(np.clip(logs, self.level - _FARTHEST, self.level + _FARTHEST)))


def _net(log_price: Floats, logs: Floats, controls: Floats) -> tuple[float, Floats]:
    """Slope of the price and weights of the controls: the net is fitted to what the price leaves unexplained
    of everything (Frisch & Waugh 1933), so that it takes nothing from the slope."""
    matrix = np.column_stack([np.ones_like(log_price), log_price - log_price.mean()])
    if np.ptp(log_price) == 0:
        matrix = matrix[:, :1]
    basis = np.linalg.qr(matrix)[0]
    rest = controls - basis @ (basis.T @ controls)
    target = logs - basis @ (basis.T @ logs)
    weights = np.zeros(controls.shape[1])
    free = np.flatnonzero(rest.std(axis=0) > 1e-6)
    if free.size and len(logs) >= 4 and target.std() > 1e-9:
        from sklearn.linear_model import ElasticNetCV
        from sklearn.model_selection import KFold

        folds = KFold(min(5, len(logs) // 2))
        net = ElasticNetCV(
            l1_ratio=0.5, alphas=15, eps=3e-3, cv=folds, fit_intercept=False, max_iter=5000, tol=3e-3
        )
        weights[free] = net.fit(rest[:, free], target).coef_
    if matrix.shape[1] == 1:
        return 0.0, weights
    return float(np.linalg.lstsq(matrix, logs - controls @ weights, rcond=None)[0][1]), weights


class TreesDemand(NamedTuple):
    """Trees of XGBoost on units over their mean, falling in the price."""

    booster: Any
    level: float

    @classmethod
    def boosted(cls, price: Floats, units: Floats, controls: Floats) -> TreesDemand:
        """Boosted for Poisson deviance (Chen & Guestrin 2016)."""
        return cls._fit(_BOOSTED, _BOOSTED_ROUNDS, price, units, controls)

    @classmethod
    def forest(cls, price: Floats, units: Floats, controls: Floats) -> TreesDemand:
        """A random forest (Breiman 2001) of 100 trees."""
        return cls._fit(_FOREST, 1, price, units, controls)

    @classmethod
    def _fit(
        cls, settings: Mapping[str, Any], rounds: int, price: Floats, units: Floats, controls: Floats
    ) -> TreesDemand:
        import xgboost

        level = float(units.mean()) or 1.0
        falling = f"({','.join(['-1'] + ['0'] * controls.shape[1])})"
        data = xgboost.DMatrix(_features(price, controls), units / level, nthread=1)
        bound = {**settings, "monotone_constraints": falling, "base_score": 1.0}
        return cls(xgboost.train(bound, data, num_boost_round=rounds), level)

    def units(self, price: Floats, controls: Floats) -> Floats:
        """Expected units."""
        found = self.booster.inplace_predict(_features(price, controls), validate_features=False)
        return np.maximum(np.asarray(found, np.float64), 0.0) * self.level


def _features(price: Floats, controls: Floats) -> NDArray[np.float32]:
    return np.column_stack([np.log(price), controls]).astype(np.float32)


LEARNERS: Mapping[str, Callable[[Floats, Floats, Floats], Model]] = {
    "ElasticNet": ElasticNetDemand.fit,
    "XGBoost": TreesDemand.boosted,
    "RandomForest": TreesDemand.forest,
}
"""In the order in which ties are resolved."""


def fit(design: Design, threads: int = 2, done: Callable[[float], None] = lambda share: None) -> Demand:
    """The learner with the least error on the last quarter of the days, fitted on all of them.

    Args:
        design: the sales, two rows at least, some units among them.
        threads: learners at once; changes nothing but the time.
        done: told how much is done, 0 to 1.
    """
    early = _early(design)
    late = ~early
    columns = (design.price, design.units, design.controls)

    def judged(algorithm: str) -> tuple[Candidate, Floats]:
        model = LEARNERS[algorithm](*(column[early] for column in columns))
        found = model.units(design.price[late], design.controls[late])
        return Candidate(algorithm, mape(design.units[late], found)), found

    with ThreadPoolExecutor(threads) as pool:
        futures = [pool.submit(judged, algorithm) for algorithm in LEARNERS]
        for count, _ in enumerate(as_completed(futures), 1):
            done(0.75 * count / len(futures))
        results = [future.result() for future in futures]
    winner, found = min(results, key=lambda result: result[0].mape)
    model = LEARNERS[winner.algorithm](*columns)
    done(1.0)
    errors = _log_ratio(design.units[late], found)
    spread = _root_mean_square(errors)
    if len(errors) < FEW_ROWS:
        fitted = model.units(design.price[early], design.controls[early])
        rest = _log_ratio(design.units[early], fitted)
        spread = max(spread, _root_mean_square(np.concatenate([errors, rest])))
    return Demand(
        winner.algorithm,
        model,
        tuple(candidate for candidate, _ in results),
        len(errors),
        spread,
        design,
    )


def mape(units: Floats, expected: Floats) -> float:
    """Mean absolute percentage error, as a fraction; a day without a sale counts as one with one unit."""
    return float((abs(units - expected) / np.maximum(units, 1.0)).mean())


def _early(design: Design) -> NDArray[np.bool_]:
    """(n,) the days to learn from; rows of a single day are divided like days."""
    days = np.unique(design.day)
    if len(days) > 1:
        held = max(1, round(HOLD_OUT * len(days)))
        return np.asarray(design.day < days[-held])
    rows = len(design.day)
    return np.arange(rows) < rows - max(1, round(HOLD_OUT * rows))


def _root_mean_square(errors: Floats) -> float:
    return float(np.sqrt((errors**2).mean()))


def _log_ratio(units: Floats, expected: Floats) -> Floats:
    return np.asarray(np.log((units + _HALF) / (expected + _HALF)))
