"""Which learner forecasts demand best? They compete on the last quarter of the days."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.pricing.demand.curve import Demand
from plugins.pricing.demand.learner import HALF
from plugins.pricing.demand.roster import LEARNERS
from plugins.pricing.design import Design

Floats = NDArray[np.float64]

HOLD_OUT = 0.25
"""Share of the days, the last ones, that the learners are judged on."""
FEW_ROWS = 8
"""Fewer held-out errors may be close by chance. Their spread is then at least that of all errors."""


class Candidate(NamedTuple):
    """A learner, and its mean absolute percentage error on the held-out days, as a fraction."""

    algorithm: str
    mape: float


class Contest(NamedTuple):
    """The winner, fitted on all days.

    Attributes:
        algorithm: its name.
        candidates: every learner, in the order of the roster.
        held_out: how many rows were held out.
        demand: the fit.
    """

    algorithm: str
    candidates: tuple[Candidate, ...]
    held_out: int
    demand: Demand

    @property
    def error(self) -> float:
        """The winner's mean absolute percentage error."""
        return dict(self.candidates)[self.algorithm]


def fit(design: Design, threads: int = 2, done: Callable[[float], None] = lambda share: None) -> Contest:
    """Fits the learner with the smallest error on the last quarter of the days to all of them.

    Args:
        design: the sales; at least two rows, and units in at least one.
        threads: learners at a time; changes only the time.
        done: told the finished share, 0 to 1.
    """
    learned = _learned_days(design)
    held_out = ~learned
    columns = (design.price, design.units, design.controls)

    def judged(algorithm: str) -> tuple[Candidate, Floats]:
        model = LEARNERS[algorithm](*(column[learned] for column in columns))
        expected = model.units(design.price[held_out], design.controls[held_out])
        return Candidate(algorithm, mape(design.units[held_out], expected)), expected

    with ThreadPoolExecutor(threads) as pool:
        futures = [pool.submit(judged, algorithm) for algorithm in LEARNERS]
        for count, _ in enumerate(as_completed(futures), 1):
            done(0.75 * count / len(futures))
        results = [future.result() for future in futures]
    winner, expected = min(results, key=lambda result: result[0].mape)
    model = LEARNERS[winner.algorithm](*columns)
    done(1.0)
    errors = _log_ratio(design.units[held_out], expected)
    spread = _root_mean_square(errors)
    if len(errors) < FEW_ROWS:
        fitted = model.units(design.price[learned], design.controls[learned])
        other_errors = _log_ratio(design.units[learned], fitted)
        spread = max(spread, _root_mean_square(np.concatenate([errors, other_errors])))
    return Contest(
        winner.algorithm,
        tuple(candidate for candidate, _ in results),
        len(errors),
        Demand(model, design, spread, len(errors)),
    )


def mape(units: Floats, expected: Floats) -> float:
    """Mean absolute percentage error, as a fraction. A day without a sale counts as a day with one unit.

    >>> mape(np.array([0.0, 10.0]), np.array([0.5, 9.0]))
    0.3
    """
    return float((abs(units - expected) / np.maximum(units, 1.0)).mean())


def _learned_days(design: Design) -> NDArray[np.bool_]:
    """(n,) the rows to learn from: whole days, or rows if there is only one day."""
    days = np.unique(design.day)
    if len(days) > 1:
        held_days = max(1, round(HOLD_OUT * len(days)))
        return np.asarray(design.day < days[-held_days])
    rows = len(design.day)
    return np.arange(rows) < rows - max(1, round(HOLD_OUT * rows))


def _root_mean_square(errors: Floats) -> float:
    return float(np.sqrt((errors**2).mean()))


def _log_ratio(units: Floats, expected: Floats) -> Floats:
    return np.asarray(np.log((units + HALF) / (expected + HALF)))
