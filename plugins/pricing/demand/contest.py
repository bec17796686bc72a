"""Does a learner forecast demand better than the line of the elasticity? They compete on the last quarter of
the days.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.pricing import elasticity
from plugins.pricing.demand.curve import Demand
from plugins.pricing.demand.learner import HALF, Level
from plugins.pricing.demand.roster import LEARNERS
from plugins.pricing.design import Design
from plugins.pricing.elasticity import Line

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

LINE = "LogLog"
"""Name of the line in answers."""
HOLD_OUT = 0.25
"""Share of the days, the last ones, that the learners are judged on."""
FEW_ROWS = 8
"""Fewer held-out errors may be close by chance: they prove nothing, and their spread is at least that of all
errors."""
PROVEN = 1.645
"""Standard errors by which a learner's mean error must be lower than the line's: 95 % one-sided."""


class Candidate(NamedTuple):
    """A learner, and its mean absolute percentage error on the held-out days, as a fraction."""

    algorithm: str
    mape: float


class Contest(NamedTuple):
    """The winner, fitted on all days.

    Attributes:
        algorithm: its name.
        candidates: the line, and every learner in the order of the roster.
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
    """Fits the line of the elasticity to all days, and the level of a learner if one proved better.

    Days that sold out are not judged: what was wanted on them is not known.

    Args:
        design: the sales; at least two rows, and units in at least one.
        threads: learners at a time; changes only the time.
        done: told the finished share, 0 to 1.
    """
    learned = _learned_days(design)
    held_out = ~learned
    if (held_out & ~design.sold_out).any():
        held_out &= ~design.sold_out
    units, controls = design.units[held_out], design.controls[held_out]
    line = _line(design, learned)
    effect = line.effect(design.price[held_out])
    expected = {LINE: line.level(controls) * effect}

    def judged(algorithm: str) -> tuple[str, Floats]:
        return algorithm, _level(algorithm, line, design, learned).level(controls) * effect

    names = list(LEARNERS) if design.names else []
    with ThreadPoolExecutor(threads) as pool:
        futures = [pool.submit(judged, algorithm) for algorithm in names]
        for count, _ in enumerate(as_completed(futures), 1):
            done(0.75 * count / len(futures))
        expected |= dict(future.result() for future in futures)
    winner = _winner(units, expected)
    every_row = np.ones(len(design.units), np.bool_)
    final = _line(design, every_row)
    level: Level = final if winner == LINE else _level(winner, final, design, every_row)
    done(1.0)
    errors = _log_ratio(units, expected[winner])
    spread = _root_mean_square(errors)
    if len(errors) < FEW_ROWS:
        fitted = level.level(design.controls[learned]) * final.effect(design.price[learned])
        other_errors = _log_ratio(final.completed[learned], fitted)
        spread = max(spread, _root_mean_square(np.concatenate([errors, other_errors])))
    return Contest(
        winner,
        tuple(Candidate(name, mape(units, each)) for name, each in expected.items()),
        len(errors),
        Demand(final, level, design, spread, len(errors)),
    )


def _line(design: Design, rows: Bools) -> Line:
    return elasticity.fit(
        design.price[rows], design.units[rows], design.controls[rows], design.sold_out[rows]
    )


def _level(algorithm: str, line: Line, design: Design, rows: Bools) -> Level:
    """A learner's level, from the rows that the line was fitted to."""
    effect = line.effect(design.price[rows])
    return LEARNERS[algorithm](line.completed / effect, effect, design.controls[rows])


def _winner(units: Floats, expected: dict[str, Floats]) -> str:
    """The learner with the smallest error of those that prove better than the line, or the line."""
    errors = {name: abs(units - each) / np.maximum(units, 1.0) for name, each in expected.items()}
    proven = [LINE]
    for name, each in errors.items():
        gain = errors[LINE] - each
        if len(gain) >= FEW_ROWS and gain.mean() > PROVEN * gain.std(ddof=1) / np.sqrt(len(gain)):
            proven.append(name)
    return min(proven, key=lambda name: float(errors[name].mean()))


def mape(units: Floats, expected: Floats) -> float:
    """Mean absolute percentage error, as a fraction. A day without a sale counts as a day with one unit.

    >>> mape(np.array([0.0, 10.0]), np.array([0.5, 9.0]))
    0.3
    """
    return float((abs(units - expected) / np.maximum(units, 1.0)).mean())


def _learned_days(design: Design) -> Bools:
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
