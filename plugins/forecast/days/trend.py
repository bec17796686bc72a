"""Trends that fade: Gardner & McKenzie (1985) damp each further step of a trend by a constant factor."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
WEEK = 7


class Damping(NamedTuple):
    """How a trend fades.

    Attributes:
        factor: of each further day's step; 1 keeps the trend.
        reach: days ahead from which on it fades.
    """

    factor: float
    reach: int


USUAL = 0.98
"""A day's factor that long horizons of real series bear, a third of a trend left after eight weeks."""


def usual_damping(n: int, logs: bool) -> Damping:
    """What is done where nothing speaks for less or more: a trend goes on for a sixth of the history, four
    weeks at least, and fades then. On a logarithmic scale, where a straight line doubles and doubles, it
    fades from the first day on.

    Args:
        n: days of the history.
        logs: whether the path is of logarithms.
    """
    return Damping(USUAL, 0 if logs else max(4 * WEEK, n // 6))


KINDS = ("usual", "strong", "weak", "weaker", "kept")
"""What a backtest chooses from: the usual one unless another is clearly better."""


def damping_of(kind: str, n: int, logs: bool) -> Damping:
    """The damping of a kind.

    Args:
        kind: one of ``KINDS``; ``kept`` keeps the trend for as long as the history is.
        n: days of the history.
        logs: whether the path is of logarithms.
    """
    usual = usual_damping(n, logs)
    of_kind = {
        "usual": usual,
        "strong": Damping(0.9, 0),
        "weak": Damping(0.99, usual.reach),
        "weaker": Damping(0.995, usual.reach),
        "kept": Damping(USUAL, n),
    }
    return of_kind[kind]


def damped(path: Floats, damping: Damping, logs: bool) -> Floats:
    """A path whose trend fades; the pattern of the week stays.

    On a logarithmic scale growth is added to the level instead of compounding: forecasts of a spring's
    rentals (``benchmarks/data``) took off without.

    Args:
        path: shape ``(horizon,)``.
        damping: of the steps from each week to the next, day by day.
        logs: whether the path is of logarithms.

    >>> damped(np.arange(400.0), Damping(0.5, 10), False)[[10, 11, 12, 300]].round(2).tolist()
    [10.0, 10.5, 10.75, 11.0]
    """
    if len(path) <= damping.reach + WEEK:
        return path
    level = np.convolve(np.pad(path, WEEK // 2, mode="edge"), np.full(WEEK, 1 / WEEK), mode="valid")
    steps = np.diff(level, prepend=level[:1])
    fade = damping.factor ** np.maximum(0, np.arange(len(path)) - damping.reach)
    faded = np.cumsum(steps * fade)
    if logs:
        faded = np.minimum(faded, np.log1p(np.maximum(0.0, faded)))
    return np.asarray(path - level + level[0] + faded)


HEADROOM, GROWTH, MOST = 0.5, 2.0, 2.0
"""How far a level may go beyond the highest of the history, in shares of that: at once, more by each length
of the history, and at most. A line through zero grows by one share a length."""
LEVEL_DAYS = 28


def highest_level(values: Floats) -> float:
    """The highest mean of four weeks, or of all days where there are fewer.

    >>> highest_level(np.repeat([1.0, 3.0], 28))
    3.0
    """
    days = min(LEVEL_DAYS, len(values))
    sums = np.cumsum(np.concatenate([[0.0], values]))
    return float((sums[days:] - sums[:-days]).max()) / days


def held(path: Floats, highest: float, size: float, n: int, logs: bool) -> Floats:
    """A path whose level stays within reach of the history: a model that takes the last day's spike for a
    level, or for a trend, does not carry it on.

    Args:
        path: shape ``(horizon,)``.
        highest: level of the history, in the unit of the path.
        size: level of the history in the unit of the series.
        n: days of the history.
        logs: whether the path is of logarithms.

    >>> held(np.full(101, 90.0), 20.0, 20.0, 400, False)[[0, 100]].tolist()
    [30.0, 40.0]
    """
    level = np.convolve(np.pad(path, WEEK // 2, mode="edge"), np.full(WEEK, 1 / WEEK), mode="valid")
    further = np.minimum(MOST, HEADROOM + GROWTH * np.arange(len(path)) / n)
    limit = highest + (np.log1p(further) if logs else further * size)
    return np.asarray(path - np.maximum(0.0, level - limit))
