"""How far off is a total? The error of the level, beyond what chance explains, from windows that were held
out.

Intervals that are drawn from a model hold the doubt about its parameters and about each customer. A shop also
has good and bad years, which no model of customers knows: the totals of held-out windows show by how much.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from plugins.clv.models.purchasing import UNKNOWN_LEVEL, Level

Floats = NDArray[np.float64]

LARGEST = 1.0
"""Largest logarithm of a true total over a predicted one that counts."""
UNSEEN_SEASON = 0.3
"""Standard deviation of the logarithm of a short time's share of a year, where a history is too short to show
it: a best quarter of 35 % above the mean, as retail trade has it."""
YEAR = 365


class Window(NamedTuple):
    """Value of the customers known before a window that was held out.

    Attributes:
        truth, predicted: (n,) in currency.
    """

    truth: Floats
    predicted: Floats


def of(windows: Iterable[Window], days: int, span: int = 2 * YEAR) -> Level:
    """The error of the level: the mean square of log(true total / predicted total), less what chance adds.

    Chance over the customers moves a total by the root of the sum of their squared errors.

    Args:
        windows: one or more.
        days: length of the latest.
        span: days of history; the seasons of under one year and the window were not seen.

    >>> even = Window(np.full(100, 2.0), np.full(100, 2.0))
    >>> half = Window(np.full(100, 1.0), np.full(100, 2.0))
    >>> of([even], 30).error, round(of([half, half], 30).error, 2)
    (0.0, 0.69)
    """
    squares = []
    for truth, predicted in windows:
        total, expected = float(truth.sum()), float(predicted.sum())
        if total <= 0 or expected <= 0:
            continue
        off = min(max(math.log(total / expected), -LARGEST), LARGEST)
        chance = float(((truth - predicted * (total / expected)) ** 2).sum()) / total**2
        squares.append(off**2 - chance)
    if not squares:
        return UNKNOWN_LEVEL
    error = math.sqrt(max(sum(squares) / len(squares), 0.0))
    return Level(error, days, UNSEEN_SEASON if span < YEAR + days else 0.0)


def widened(bounds: Floats, centre: float, level: Level, quantiles: tuple[float, ...], days: float) -> Floats:
    """Bounds of a total with the error of its level: distances from the centre add up as squares, by
    logarithms.

    Args:
        bounds: (4,) of the total without it, in the unit of the centre.
        centre: the predicted total.
        level: of the model.
        quantiles: (4,) that the bounds are.
        days: of the time to come; the error grows with the root of it, as that of a random walk does.
    """
    if level.error == level.season == 0:
        return bounds
    z = np.array([float(ndtri(quantile)) for quantile in quantiles])
    walk = level.error * math.sqrt(max(days / level.days, 1.0))
    # The seasons of a whole year add up to the year's.
    season = level.season * math.sqrt(max(1 - days / YEAR, 0.0))
    error = z * math.hypot(walk, season)
    if centre > 0 and (bounds > 0).all():
        return np.asarray(centre * np.exp(np.sign(z) * np.hypot(np.log(bounds / centre), error)))
    return np.asarray(centre + np.sign(z) * np.hypot(bounds - centre, error * centre))
